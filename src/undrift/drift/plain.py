"""Values made short enough to be shown in a report."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

_LONGEST_TEXT = 500
_MOST_MEMBERS = 50
_DEEPEST = 6


def plain(value: Any, *, depth: int = 0) -> Any:
    """A plain JSON value that shows ``value``: long texts cut, deep and wide containers pruned."""
    if type(value) is str and len(value) <= _LONGEST_TEXT and value.isascii():
        return value
    if isinstance(value, dict | list | tuple):
        return _container(value, depth)
    if isinstance(value, str):
        # JSON may hold half of a surrogate pair, which cannot be written anywhere else.
        text = value[:_LONGEST_TEXT].encode("utf-8", "backslashreplace").decode()
        return text if len(value) <= _LONGEST_TEXT else f"{text}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _container(value: Any, depth: int) -> Any:
    more = len(value) - _MOST_MEMBERS
    if isinstance(value, dict):
        if depth >= _DEEPEST:
            return f"… (an object of {len(value)} members)"
        kept = {plain(str(name)): plain(value[name], depth=depth + 1) for name in islice(value, _MOST_MEMBERS)}
        return kept | ({"…": f"{more} more"} if more > 0 else {})
    if depth >= _DEEPEST:
        return f"… (an array of {len(value)} elements)"
    return [plain(element, depth=depth + 1) for element in value[:_MOST_MEMBERS]] + (
        [f"… {more} more"] if more > 0 else []
    )
