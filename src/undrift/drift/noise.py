"""Which differences are noise, and by which evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Kind, Where
from undrift.values import Relation, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undrift.drift.evidence import Evidence
    from undrift.drift.observation import Observation
    from undrift.drift.traffic import Exchange


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


def why_noise(seen: Observation, one: Exchange, other: Exchange, stored: Evidence, fresh: Evidence) -> str:
    """The evidence by which a difference is noise, or an empty text where it is none."""
    if seen.kind in _NEVER:
        return ""
    if not (stored.covered or fresh.covered):
        return _why_by_class(seen)
    place = one.index, seen.where, seen.pointer
    fresh_place = other.index, seen.where, seen.fresh_pointer
    if stored.shows(place, seen.kind):
        return "two stored takes differ there too"
    if fresh.shows(fresh_place, seen.kind):
        return "two fresh takes differ there too"
    if stored.is_stable(place) and fresh.is_stable(fresh_place) and not _moved_with_clock(seen, one, other):
        return ""
    return _why_by_class(seen)


def _why_by_class(seen: Observation) -> str:
    return seen.likeness.why if seen.likeness is not None and seen.likeness.relation is Relation.CHANCE else ""


def why_declared(seen: Observation, places: Iterable[str]) -> str:
    """The evidence, where what is known of a service says that a place is new in each answer; else empty.

    ``places`` are header fields in lower case, and JSON Pointers with ``*`` for any index. Only a
    value can be new: presence, type and shape never are.
    """
    is_of_an_answer = seen.where in {Where.HEADER, Where.BODY}
    if seen.kind in _NEVER or not is_of_an_answer or seen.path not in places:
        return ""
    return "its service makes it anew for each answer"


# Dates are as coarse as a day, and months differ by three.
_SLACK = timedelta(days=1.5).total_seconds()
_SLACK_SHARE = 0.1


def _moved_with_clock(seen: Observation, one: Exchange, other: Exchange) -> bool:
    """Whether two times lie as far apart as the two takes: then a clock made them, and no hand."""
    then, now = moment(seen.stored), moment(seen.fresh)
    if then is None or now is None:
        return seen.likeness is not None and "time" in seen.likeness.why
    if one.clock is None or other.clock is None:
        return True
    passed = other.clock - one.clock
    return abs((now - then) - passed) <= _SLACK + _SLACK_SHARE * abs(passed)
