"""What further takes of either side say: where values change by themselves, and where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.drift.results import Kind, Where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undrift.drift.observation import Observation

_Place = tuple[int, Where, str]
# Only these say something of a scalar; presence, type and shape are never noise.
_SCALAR = frozenset(
    {Kind.VALUE_CHANGED, Kind.TEXT_CHANGED, Kind.HEADER_CHANGED, Kind.REQUEST_CHANGED, Kind.FORMAT_CHANGED}
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the takes of one side show of its interactions.

    ``changes`` are the kinds of change that each place showed between two takes;
    ``covered`` are the interactions that any take has too.
    """

    changes: dict[_Place, frozenset[Kind]]
    covered: frozenset[int]

    def shows(self, place: _Place, kind: Kind) -> bool:
        """Whether two takes of this side differ in this place in this way."""
        kinds = self.changes.get(place)
        if not kinds:
            return False
        if kind in {Kind.REFERENCE_CHANGED, Kind.FORMAT_CHANGED}:
            return kind in kinds
        return kind in _SCALAR and bool(kinds & _SCALAR)

    def is_stable(self, place: _Place) -> bool:
        """Whether takes of this side were compared there and agree."""
        return place[0] in self.covered and place not in self.changes


def gather(takes: Iterable[Iterable[tuple[int, Iterable[Observation]]]]) -> Evidence:
    """Evidence from comparisons of one side with its own takes, each by interaction."""
    changes: dict[_Place, set[Kind]] = {}
    covered: set[int] = set()
    for take in takes:
        for index, observations in take:
            covered.add(index)
            for seen in observations:
                changes.setdefault((index, seen.where, seen.pointer), set()).add(seen.kind)
    return Evidence({place: frozenset(kinds) for place, kinds in changes.items()}, frozenset(covered))
