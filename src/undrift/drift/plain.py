"""Values made short enough to be shown in a report."""

from __future__ import annotations

import math
from typing import Any

_LONGEST_TEXT = 500
_MOST_MEMBERS = 50
_DEEPEST = 6


def plain(value: Any, *, depth: int = 0) -> Any:
    """A plain JSON value that shows ``value``: long texts cut, deep and wide containers pruned."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        if depth >= _DEEPEST:
            return f"… (an object of {len(value)} members)"
        kept = {str(name): plain(member, depth=depth + 1) for name, member in list(value.items())[:_MOST_MEMBERS]}
        return kept | ({"…": f"{len(value) - _MOST_MEMBERS} more"} if len(value) > _MOST_MEMBERS else {})
    if isinstance(value, list | tuple):
        if depth >= _DEEPEST:
            return f"… (an array of {len(value)} elements)"
        shown = [plain(element, depth=depth + 1) for element in value[:_MOST_MEMBERS]]
        return shown + ([f"… {len(value) - _MOST_MEMBERS} more"] if len(value) > _MOST_MEMBERS else [])
    return value
