"""Paths without the parts that the answers of one take handed out, whatever those look like."""

from __future__ import annotations

import re
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
    """Those parts whose runs of characters all stand in answers; these are read once, however many parts there are."""
    sought = {part: frozenset(_RUN.findall(part.encode("utf-8", "surrogateescape"))) for part in parts}
    wanted = frozenset(run for runs in sought.values() for run in runs)
    seen: set[bytes] = set()
    for exchange in side if wanted else ():
        seen.update(wanted.intersection(_RUN.findall(exchange.interaction.response.body)))
    return frozenset(part for part, runs in sought.items() if runs and runs <= seen)


_RUN = re.compile(rb"[\w-]+")
