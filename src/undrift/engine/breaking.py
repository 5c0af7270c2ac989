"""Answers that break off, as their clients read them: what came first, and then an error."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class BreakingOff(io.RawIOBase):
    """Gives parts, one at a time, and raises an error when more is wanted; without one, it ends."""

    def __init__(self, parts: Iterable[bytes], error: Exception | None) -> None:
        self._parts = [part for part in parts if part]
        self._error = error

    def readable(self) -> bool:
        """It is all that can be done with it."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer with what is left of the next part, as far as it goes."""
        if not self._parts:
            if self._error is not None:
                raise self._error
            return 0
        part = self._parts.pop(0)
        given, rest = part[: len(buffer)], part[len(buffer) :]
        if rest:
            self._parts.insert(0, rest)
        buffer[: len(given)] = given
        return len(given)
