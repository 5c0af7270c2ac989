"""What is seen to differ between two answers, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Kind
from undrift.values import Likeness, Relation, relate

if TYPE_CHECKING:
    from undrift.drift.correlate import Renaming
    from undrift.drift.results import Where
    from undrift.fielddiff import Path


@dataclass(frozen=True, slots=True)
class Observation:
    """One difference in one pair of interactions.

    ``path`` is the place with ``*`` for indices, ``pointer`` and ``fresh_pointer`` the place
    on each side. ``likeness`` says how two values relate, where there are two values of one
    type. ``steps`` is the way into the body, for look-ups of its shape.
    """

    where: Where
    kind: Kind
    path: str
    pointer: str
    fresh_pointer: str
    stored: Any
    fresh: Any
    name: str = ""
    likeness: Likeness | None = None
    steps: Path = ()

    def learned(self, renaming: Renaming) -> Observation:
        """The same, its ids noted; or the reference that it turns out to break."""
        if self.likeness is None:
            return self
        if self.stored == self.fresh:
            return self._broken(f"it should have become {renaming.whole.get(self.stored)}")
        if self.likeness.relation is not Relation.CHANCE:
            return self._translated(renaming)
        problem = renaming.learn(self.stored, self.fresh, self.likeness, self.name)
        return self._broken(problem) if problem else self

    def _broken(self, problem: str) -> Observation:
        return replace(self, kind=Kind.REFERENCE_CHANGED, likeness=Likeness(Relation.VALUE, problem))

    def _translated(self, renaming: Renaming) -> Observation:
        """The same, seen with the ids that are known by now, whatever they look like."""
        if not isinstance(self.stored, str) or not isinstance(self.fresh, str):
            return self
        expected = renaming.apply(self.stored)
        if expected == self.stored:
            return self
        if expected == self.fresh:
            likeness = Likeness(Relation.CHANCE, "it differs in ids that were renamed before")
        else:
            likeness = relate(expected, self.fresh, self.name)
        if likeness.relation is not Relation.CHANCE:
            return self
        kind = Kind.VALUE_CHANGED if self.kind is Kind.FORMAT_CHANGED else self.kind
        return replace(self, kind=kind, likeness=likeness)
