"""Comparing one pair of interactions: request, status, headers and body."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from undrift.drift.bodies import diff_bodies, observation
from undrift.drift.headers import diff_headers
from undrift.drift.observation import Observation
from undrift.drift.results import Kind, Where
from undrift.drift.traffic import PAGING
from undrift.fielddiff import diff
from undrift.values import Family, Likeness, Relation, classify, relate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.drift.correlate import Renaming
    from undrift.drift.traffic import Exchange


def observe(stored: Exchange, fresh: Exchange, renaming: Renaming) -> tuple[Observation, ...]:
    """All that differs between two interactions, ids being renamed as ``renaming`` learns."""
    seen = list(_request(stored, fresh, renaming))
    old, new = stored.interaction.response, fresh.interaction.response
    if old.status != new.status:
        seen.append(Observation(Where.STATUS, Kind.STATUS_CHANGED, "", old.status, new.status))
    if stored.family == fresh.family and (old.body != new.body or renaming.whole):
        # Answers of different families are different documents; their status says so.
        seen.extend(diff_bodies(stored.received, fresh.received, Where.BODY, renaming))
    seen.extend(one.learned(renaming) for one in diff_headers(old.headers, new.headers))
    origins = stored.authority, fresh.authority
    return tuple(seen) if origins[0] == origins[1] else tuple(_at_origin(one, *origins) for one in seen)


def _request(stored: Exchange, fresh: Exchange, renaming: Renaming) -> Iterator[Observation]:
    """What is sent otherwise; all of it is client drift."""
    yield from _path(stored.split_url[1], fresh.split_url[1], renaming)
    for change in diff(_unlisted(stored.query), _unlisted(fresh.query)):
        seen = observation(change, Where.REQUEST)
        if seen.name.lower() in PAGING and seen.likeness is not None and seen.likeness.renamed:
            # A cursor follows from the last answer, which is compared for itself.
            seen = seen._replace(likeness=Likeness(Relation.CHANCE, f"both are cursors, by the name {seen.name!r}"))
        path, at = (f"/?{place.removeprefix('/')}" for place in (seen.path, seen.pointer))
        yield _sent(seen._replace(path=path, at=at), renaming)
    if stored.interaction.request.body != fresh.interaction.request.body:
        for seen in diff_bodies(stored.sent, fresh.sent, Where.REQUEST, renaming):
            yield _sent(seen, renaming)


def _unlisted(query: dict[str, list[str]]) -> dict[str, str | list[str]]:
    """A query with the one value of each name, or all of them where a name is repeated."""
    return {name: values[0] if len(values) == 1 else values for name, values in query.items()}


def _path(old: str, new: str, renaming: Renaming) -> Iterator[Observation]:
    """The parts of a path that differ, each as a finding about the whole path."""
    if old == new:
        return
    for one, other in zip_longest(old.split("/"), new.split("/")):
        if one != other:
            likeness = None if one is None or other is None else relate(one, other, "id")
            seen = Observation(Where.REQUEST, Kind.REQUEST_CHANGED, "", one, other, "id", likeness)
            yield _sent(seen, renaming)._replace(stored=old, fresh=new)


def _sent(seen: Observation, renaming: Renaming) -> Observation:
    """A difference in what is sent, as client drift unless the provider's ids explain it.

    A client makes up texts and times, but no numbers that stand for a thing: such a number
    must come from an earlier answer.
    """
    pair = str(seen.stored), str(seen.fresh)
    if pair in renaming.counted:
        why = Likeness(Relation.CHANCE, f"an earlier answer has {pair[1]} where {pair[0]} was")
        return seen._replace(kind=Kind.REQUEST_CHANGED, likeness=why)
    learned = seen.learned(renaming)
    if learned.likeness is not None and all(classify(part).family is Family.NUMBER for part in pair):
        learned = learned._replace(likeness=Likeness(Relation.VALUE, "no earlier answer explains the number"))
    return learned._replace(kind=Kind.REQUEST_CHANGED)


def _at_origin(seen: Observation, old: str, new: str) -> Observation:
    """The same, but for URLs that name the origin of their own take."""
    if seen.likeness is None or not isinstance(seen.stored, str) or old not in seen.stored:
        return seen
    moved = seen.stored.replace(old, new)
    likeness = relate(moved, seen.fresh, seen.name)
    if moved == seen.fresh:
        likeness = Likeness(Relation.CHANCE, "it names the origin of its own take")
    is_chance = seen.kind is Kind.FORMAT_CHANGED and likeness.relation is Relation.CHANCE
    return seen._replace(kind=Kind.VALUE_CHANGED if is_chance else seen.kind, likeness=likeness)
