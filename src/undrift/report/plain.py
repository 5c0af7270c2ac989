"""Values from the wire, made fit for a report.

What a provider sends may hold anything: numbers that JSON has no word for, escape
sequences that would drive a terminal, text of any length. The functions here are the only
way in which such values reach a page.
"""

from __future__ import annotations

import base64
import json
import math
import re
from typing import Any

# Deeper than any real API nests, and well inside Python's recursion limit.
_MAX_DEPTH = 100
# Below 640 decimal digits, the least that PYTHONINTMAXSTRDIGITS may be set to, Python
# converts an integer whatever its settings are.
_MAX_INT_BITS = 2126
# The end of Unicode's basic plane, which four hexadecimal digits can name.
_MAX_BASIC = 0xFFFF
_SURROGATES = re.compile("[\ud800-\udfff]")
# How much of two long texts is kept before their first difference.
_CONTEXT = 8


def plain(value: Any, depth: int = 0) -> Any:
    """The value as I-JSON (RFC 7493) can hold it.

    What JSON has no form for becomes a string: numbers that are not finite (``"NaN"``),
    integers of more than 640 digits (hexadecimal), bytes (a ``data:`` URL, RFC 2397), and
    what is nested too deeply. Halves of surrogate pairs become U+FFFD.
    """
    match value:
        case dict() | list() | tuple() | set() | frozenset() if depth >= _MAX_DEPTH:
            return "…"
        case dict():
            return {plain(str(key)): plain(element, depth + 1) for key, element in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(element, depth + 1) for element in value]
        case _:
            return _plain_scalar(value)


def visible(text: str) -> str:
    r"""The text with each character that does not print written as ``\u001b``.

    Neither a terminal nor the eye can be misled by what is left: no control characters, no
    line breaks, no reversal of direction, no invisible spaces.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def one_line(text: str, limit: int = 400) -> str:
    """Prose in one line of at most ``limit`` characters, with single spaces in it."""
    return _cut(visible(" ".join(text.split())), 0, limit)


def show(value: Any, limit: int = 40) -> str:
    """A value in one line of at most ``limit`` characters."""
    return _cut(_line(value), 0, limit)


def show_pair(stored: Any, fresh: Any, limit: int = 40) -> tuple[str, str]:
    """Two values, each in one line of at most ``limit`` characters that show where they differ."""
    old, new = _line(stored), _line(fresh)
    if max(len(old), len(new)) <= limit:
        return old, new
    same = next((at for at, (left, right) in enumerate(zip(old, new, strict=False)) if left != right), 0)
    start = max(0, same - _CONTEXT) if same > limit - 2 * _CONTEXT else 0
    return _cut(old, start, limit), _cut(new, start, limit)


def _plain_scalar(value: Any) -> bool | int | float | str | None:
    match value:
        case None | bool():
            return value
        case int():
            return int(value) if value.bit_length() <= _MAX_INT_BITS else hex(value)
        case float():
            return value if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
        case bytes() | bytearray():
            return f"data:;base64,{base64.b64encode(value).decode()}"
        case _:
            return _SURROGATES.sub("\ufffd", str(value))


def _line(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes {value[:16].hex(' ')}"
    return visible(json.dumps(plain(value), ensure_ascii=False))


def _cut(text: str, start: int, limit: int) -> str:
    before = "…" if start else ""
    rest = before + text[start:]
    return rest if len(rest) <= limit else f"{rest[: limit - 1]}…"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= _MAX_BASIC else f"\\U{code:08x}"
