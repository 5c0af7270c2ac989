"""Which differences are noise, and by which evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from undrift.drift.plain import plain
from undrift.drift.results import Kind, Noise
from undrift.values import Relation, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.drift.evidence import Evidence
    from undrift.drift.observation import Observation
    from undrift.drift.traffic import Exchange


class NoiseLog:
    """What is judged noise, counted by endpoint, place and evidence as it comes."""

    def __init__(self) -> None:
        # Of each, how often it was met, and its first sighting.
        self._met: dict[tuple[str, ...], tuple[list[int], Observation, int]] = {}

    def add(self, seen: Observation, stored: Exchange, why: str) -> None:
        """Note one difference; ``stored`` is the interaction in which it was met."""
        key = stored.endpoint, stored.method, seen.where, seen.path, why
        met = self._met.get(key)
        if met is None:
            self._met[key] = [1], seen, stored.index
        else:
            met[0][0] += 1

    def noise(self) -> Iterator[Noise]:
        """All that was noted, in the order in which it was first met."""
        for (endpoint, method, _, _, why), ((count,), seen, index) in self._met.items():
            yield Noise(
                method=method,
                endpoint=endpoint,
                where=seen.where,
                path=seen.path,
                why=why,
                count=count,
                interaction=index,
                pointer=seen.pointer,
                stored=plain(seen.stored),
                fresh=plain(seen.fresh),
            )


def merge_noise(noise: Iterable[Noise]) -> tuple[Noise, ...]:
    """One for each endpoint, place and evidence, in that order, with the counts of all."""
    found: dict[tuple[str, ...], Noise] = {}
    for one in noise:
        key = one.endpoint, one.method, one.where, one.path, one.why
        known = found.get(key)
        found[key] = one if known is None else replace(known, count=known.count + one.count)
    return tuple(found[key] for key in sorted(found))


NEVER_NOISE = frozenset(
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
    if seen.kind in NEVER_NOISE:
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


def evidence_for(seen: Observation, one: Exchange, other: Exchange, stored: Evidence, fresh: Evidence) -> str:
    """What further takes say of a difference that is no noise; empty where there are none, or nothing is said."""
    agree = []
    if stored.is_stable((one.index, seen.where, seen.pointer)):
        agree.append("the stored side")
    if fresh.is_stable((other.index, seen.where, seen.fresh_pointer)):
        agree.append("the fresh side")
    return f"the takes of {' and those of '.join(agree)} agree there" if agree else ""


def _why_by_class(seen: Observation) -> str:
    return seen.likeness.why if seen.likeness is not None and seen.likeness.relation is Relation.CHANCE else ""


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
