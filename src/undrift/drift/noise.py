"""Which differences are noise, and by which evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Kind
from undrift.values import Relation

if TYPE_CHECKING:
    from undrift.drift.evidence import Evidence
    from undrift.drift.observation import Observation
    from undrift.drift.results import Where


@dataclass(frozen=True, slots=True)
class Noise:
    """A difference that says nothing: ``why`` is the evidence, in one short phrase."""

    where: Where
    pointer: str
    interaction: int
    stored: Any
    fresh: Any
    why: str


_NEVER = frozenset(
    {
        Kind.FIELD_ADDED,
        Kind.FIELD_REMOVED,
        Kind.TYPE_CHANGED,
        Kind.NULLABILITY_CHANGED,
        Kind.LENGTH_CHANGED,
        Kind.ARRAY_EMPTIED,
        Kind.BODY_KIND_CHANGED,
        Kind.HEADER_ADDED,
        Kind.HEADER_REMOVED,
        Kind.STATUS_CHANGED,
        Kind.DEPRECATION_ANNOUNCED,
    }
)


def why_noise(seen: Observation, index: int, fresh_index: int, stored: Evidence, fresh: Evidence) -> str:
    """The evidence by which a difference is noise, or an empty text where it is none."""
    if seen.kind in _NEVER:
        return ""
    place = index, seen.where, seen.pointer
    fresh_place = fresh_index, seen.where, seen.fresh_pointer
    if stored.shows(place, seen.kind):
        return "two stored takes differ there too"
    if fresh.shows(fresh_place, seen.kind):
        return "two fresh takes differ there too"
    if seen.likeness is None or seen.likeness.relation is not Relation.CHANCE:
        return ""
    if stored.is_stable(place) and fresh.is_stable(fresh_place):
        return ""
    return seen.likeness.why
