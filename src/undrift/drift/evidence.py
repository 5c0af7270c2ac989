"""What further takes of either side say: where values change by themselves, and where they do not."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """What the takes of one side show of its interactions, gathered as they are compared.

    ``changes`` are the kinds of change that each place showed between two takes;
    ``covered`` are the interactions that any take has too.
    """

    changes: dict[_Place, set[Kind]] = field(default_factory=dict)
    covered: set[int] = field(default_factory=set)

    def add(self, index: int, observations: Iterable[Observation]) -> None:
        """Take note of how one interaction of this side differs from that of a take."""
        self.covered.add(index)
        for seen in observations:
            self.changes.setdefault((index, seen.where, seen.pointer), set()).add(seen.kind)

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
