"""JSON and lines of JSON as plain data, repeated members being noticed."""

from __future__ import annotations

import json
from typing import Any


class _Members(list[tuple[str, Any]]):
    """The members of an object, repeated ones kept."""


def parse_json(content: bytes) -> tuple[Any, tuple[str, ...]]:
    """One JSON value, and the JSON Pointers of members that stand more than once in their object.

    Of a repeated member the value has the last, as nearly all parsers do. Raises ValueError
    where it is no JSON in UTF-8, and RecursionError where it is nested too deep to parse.
    """
    text = content.decode("utf-8-sig")
    repeats: list[int] = []

    def build(members: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(members)
        if len(built) != len(members):
            repeats.append(len(members) - len(built))
        return built

    value = json.loads(text, object_pairs_hook=build)
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
