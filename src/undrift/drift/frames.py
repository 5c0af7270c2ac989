"""Paths without the parts that the answers of one take handed out, whatever those look like."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from undrift.drift.correlate import Renaming
    from undrift.drift.traffic import Exchange


class Frames:
    """The frames of the paths of two takes; nothing is looked up before the first is asked for.

    A part of a path that one take alone has, and that stands in an answer of that take, names
    a thing of that take: ``alice-7`` in ``/users/alice-7``. What is left is the frame.
    """

    def __init__(self, stored: Sequence[Exchange], fresh: Sequence[Exchange]) -> None:
        self._sides = stored, fresh

    def key(self, exchange: Exchange, _renaming: Renaming | None) -> Hashable:
        """The frame of an exchange: equal ones may answer to each other."""
        frame = tuple("" if part in self._handed_out else part for part in _parts(exchange))
        return exchange.method, frame, exchange.operation

    @cached_property
    def _handed_out(self) -> frozenset[str]:
        stored, fresh = ({part for one in side for part in _parts(one)} for side in self._sides)
        return _found(stored - fresh, self._sides[0]) | _found(fresh - stored, self._sides[1])


def _parts(exchange: Exchange) -> list[str]:
    return [unquote(part) for part in exchange.split_url[1].split("/")]


def _found(parts: Iterable[str], side: Sequence[Exchange]) -> frozenset[str]:
    """Those parts that stand in an answer."""
    left = {part: part.encode("utf-8", "surrogateescape") for part in parts if part}
    found: set[str] = set()
    for exchange in side:
        body = exchange.interaction.response.body
        seen = [part for part, sought in left.items() if sought in body]
        found.update(seen)
        for part in seen:
            del left[part]
    return frozenset(found)
