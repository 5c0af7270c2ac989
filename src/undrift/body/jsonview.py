"""JSON and lines of JSON as plain data, repeated members being noticed."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from undrift.body.deepjson import parse_deep


class _Members(list[tuple[str, Any]]):
    """The members of an object, repeated ones kept."""


def parse_json(content: bytes) -> tuple[Any, tuple[str, ...]]:
    """One JSON value, and the JSON Pointers of members that stand more than once in their object.

    Of a repeated member the value has the last, as nearly all parsers do; where it is
    nested too deep for them they are not looked for. Raises ValueError where it is no JSON in
    UTF-8.
    """
    value = _parsed_at_once(content)
    return _parsed_with_care(content) if value is _UNSURE else (value, ())


_UNSURE = object()


def _parsed_at_once(content: bytes) -> Any:
    """The value as a far quicker parser reads it, where both would read the same and nothing is repeated."""
    try:
        value = msgspec.json.decode(content)
        # A member that was repeated is gone when the value is written again, and its colon with it.
        kept = msgspec.json.encode(value).count(b":")
    except (ValueError, RecursionError):
        # It is stricter: it takes no NaN, no number that is too large for a float, no half of a surrogate pair.
        return _UNSURE
    is_told = b"\\" not in content or b"\\u003" not in content  # as which a colon may be written
    return value if is_told and kept == content.count(b":") else _UNSURE


def _parsed_with_care(content: bytes) -> tuple[Any, tuple[str, ...]]:
    text = content.decode("utf-8-sig")
    repeats: list[int] = []

    def build(members: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(members)
        if len(built) != len(members):
            repeats.append(len(members) - len(built))
        return built

    try:
        value = json.loads(text, object_pairs_hook=build)
    except RecursionError:
        return parse_deep(text), ()
    return value, _repeated_members(text) if repeats else ()


def parse_lines(content: bytes) -> list[Any]:
    """JSON values, one a line; blank lines are left out."""
    return [json.loads(line) for line in content.decode("utf-8-sig").split("\n") if line.strip()]


def _repeated_members(text: str) -> tuple[str, ...]:
    """Where members are repeated; a second parse, which keeps them all."""
    found: dict[str, None] = {}
    stack: list[tuple[str, Any]] = [("", json.loads(text, object_pairs_hook=_Members))]
    while stack:
        at, value = stack.pop()
        if isinstance(value, _Members):
            seen: set[str] = set()
            for name, member in value:
                place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                if name in seen:
                    found[place] = None
                seen.add(name)
                stack.append((place, member))
        elif isinstance(value, list):
            stack.extend((f"{at}/{index}", element) for index, element in enumerate(value))
    return tuple(sorted(found))
