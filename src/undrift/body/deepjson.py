"""JSON that is nested deeper than Python's own parser can follow: read without recursion."""

from __future__ import annotations

import json
import re
from typing import Any

# White space, then a bracket or a mark, or a whole text, or a number or a name.
_TOKEN = re.compile(r'[ \t\r\n]*(?:([\[\]{},:])|("(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+))', re.DOTALL)
_CLOSES = {"[": "]", "{": "}"}
# Deeper than anything that is meant to be read; what is deeper still is text.
_DEEPEST = 5_000
# What may follow what, so that the order of tokens is checked by looking it up.
_AFTER_VALUE = frozenset({",", "close"})


def parse_deep(text: str) -> Any:
    """One JSON value, nested up to five thousand levels deep; of a repeated member the last counts.

    Raises ValueError where it is no JSON, or deeper. A good deal slower than ``json.loads``.
    """
    reader = _Reader()
    at = 0
    end = len(text.rstrip(" \t\r\n"))
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"there is no JSON at character {at}")
        at = token.end()
        if token[1] is None:
            reader.value(json.loads(token[2]))
        else:
            reader.mark(token[1])
    return reader.result()


class _Reader:
    """Builds the value as its tokens come."""

    __slots__ = ("expects", "names", "open", "root")

    def __init__(self) -> None:
        self.root: list[Any] = []
        self.open: list[list[Any] | dict[str, Any]] = []
        # The name under which the next value goes, for each object that is open.
        self.names: list[str] = []
        self.expects = frozenset({"value"})

    def mark(self, mark: str) -> None:
        """Take a bracket, a comma or a colon."""
        if mark in _CLOSES:
            holder: Any = [] if mark == "[" else {}
            self.value(holder)
            self.open.append(holder)
            if len(self.open) > _DEEPEST:
                raise ValueError("the JSON is nested too deep")
            self.expects = frozenset({"value", "close"}) if mark == "[" else frozenset({"name", "close"})
        elif mark == ",":
            self._expect(",")
            self.expects = frozenset({"name"}) if isinstance(self.open[-1], dict) else frozenset({"value"})
        elif mark == ":":
            self._expect(":")
            self.expects = frozenset({"value"})
        else:
            self._expect("close")
            if mark != ("]" if isinstance(self.open.pop(), list) else "}"):
                raise ValueError("a bracket is closed by another one")
            self.expects = _AFTER_VALUE if self.open else frozenset()

    def value(self, value: Any) -> None:
        """Take a value, or the name of a member."""
        if "name" in self.expects and isinstance(value, str):
            self.names.append(value)
            self.expects = frozenset({":"})
            return
        self._expect("value")
        holder = self.open[-1] if self.open else self.root
        if isinstance(holder, dict):
            holder[self.names.pop()] = value
        else:
            holder.append(value)
        self.expects = _AFTER_VALUE if self.open else frozenset()

    def result(self) -> Any:
        """The one value, once all tokens were taken."""
        if self.open or not self.root:
            raise ValueError("the JSON ends too early")
        return self.root[0]

    def _expect(self, token: str) -> None:
        if token not in self.expects:
            raise ValueError("the JSON has its parts in a wrong order")
