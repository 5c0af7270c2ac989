"""What is seen to differ between two answers, before anyone judges it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from undrift.drift.results import Kind, Where
from undrift.fielddiff import pointer
from undrift.values import Likeness, Relation, relate

if TYPE_CHECKING:
    from undrift.drift.correlate import Renaming
    from undrift.fielddiff import Path


class Observation(NamedTuple):
    """One difference in one pair of interactions; a tuple, for there are many.

    ``path`` is the place with ``*`` for indices. ``likeness`` says how two values relate, where
    there are two values of one type. ``steps`` and ``fresh_steps`` are the ways into the two
    bodies, and ``holder`` says of which kind the object is that holds the place, for look-ups of
    its shape; outside of bodies, ``at`` is the place on both sides.
    """

    where: Where
    kind: Kind
    path: str
    stored: Any
    fresh: Any
    name: str = ""
    likeness: Likeness | None = None
    steps: Path = ()
    fresh_steps: Path = ()
    holder: str = ""
    at: str | None = None

    @property
    def pointer(self) -> str:
        """The place on the stored side, with real indices."""
        return pointer(self.steps) if self.at is None else self.at

    @property
    def fresh_pointer(self) -> str:
        """The place on the fresh side, with real indices."""
        return pointer(self.fresh_steps) if self.at is None else self.at

    def learned(self, renaming: Renaming) -> Observation:
        """The same, its ids noted; or the reference that it turns out to break."""
        if self.likeness is None:
            return self
        if self.stored == self.fresh:
            return self._broken(f"it should have become {renaming.whole.get(self.stored)}")
        if self.likeness.relation is not Relation.CHANCE:
            return self._translated(renaming)
        if not (self.likeness.renamed or self.likeness.counted):
            return self
        problem = renaming.learn(self.stored, self.fresh, self.likeness, self.name)
        return self._broken(problem) if problem else self

    def _broken(self, problem: str) -> Observation:
        return self._replace(kind=Kind.REFERENCE_CHANGED, likeness=Likeness(Relation.VALUE, problem))

    def _translated(self, renaming: Renaming) -> Observation:
        """The same, seen with the ids that are known by now, whatever they look like."""
        if not isinstance(self.stored, str) or not isinstance(self.fresh, str):
            return self
        if self.where is not Where.REQUEST:
            renaming.note(self.stored, self.fresh)
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
        return self._replace(kind=kind, likeness=likeness)
