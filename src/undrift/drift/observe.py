"""Comparing one pair of interactions: request, status, headers and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.body import BodyKind, View
from undrift.drift.headers import diff_headers
from undrift.drift.observation import Observation
from undrift.drift.results import Kind, Where
from undrift.fielddiff import Change, ChangeKind, diff, pattern, pointer
from undrift.values import Likeness, Relation, relate, relate_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.drift.correlate import Renaming
    from undrift.drift.traffic import Exchange

_KINDS = {
    ChangeKind.ADDED: Kind.FIELD_ADDED,
    ChangeKind.REMOVED: Kind.FIELD_REMOVED,
    ChangeKind.TYPE: Kind.TYPE_CHANGED,
    ChangeKind.NULL: Kind.NULLABILITY_CHANGED,
    ChangeKind.LENGTH: Kind.LENGTH_CHANGED,
}
_STRUCTURED = frozenset({BodyKind.JSON, BodyKind.NDJSON, BodyKind.FORM, BodyKind.XML, BodyKind.MULTIPART})


def observe(stored: Exchange, fresh: Exchange, renaming: Renaming) -> tuple[Observation, ...]:
    """All that differs between two interactions, ids being renamed as ``renaming`` learns."""
    seen = list(_request(stored, fresh, renaming))
    old, new = stored.interaction.response, fresh.interaction.response
    if old.status != new.status:
        seen.append(Observation(Where.STATUS, Kind.STATUS_CHANGED, "", "", "", old.status, new.status))
    seen.extend(_learned(observation, renaming) for observation in diff_headers(old.headers, new.headers))
    if stored.family == fresh.family:
        seen.extend(_body(stored, fresh, renaming))
    return tuple(seen)


def _request(stored: Exchange, fresh: Exchange, renaming: Renaming) -> Iterator[Observation]:
    (_, old_path, _), (_, new_path, _) = stored.split_url, fresh.split_url
    if old_path != new_path:
        yield from _sent(_value("", old_path, new_path), renaming)
    for change in diff(stored.query, fresh.query):
        where = f"/?{change.path[0]}"
        yield from _sent(_change(change, Where.REQUEST, where, where, where), renaming)
    if stored.sent.kind is not fresh.sent.kind:
        yield Observation(
            Where.REQUEST, Kind.REQUEST_CHANGED, "", "", "", _described(stored.sent), _described(fresh.sent)
        )
        return
    for change in diff(_fields(stored.sent), _fields(fresh.sent), renamed=renaming.apply):
        places = pattern(change.path), pointer(change.path), pointer(change.fresh_path)
        yield from _sent(_change(change, Where.REQUEST, *places), renaming)


def _sent(observation: Observation, renaming: Renaming) -> Iterator[Observation]:
    """A difference in what is sent: all kinds of it are one, client drift."""
    learned = _learned(observation, renaming)
    kind = Kind.REQUEST_CHANGED
    yield Observation(
        Where.REQUEST,
        kind,
        learned.path,
        learned.pointer,
        learned.fresh_pointer,
        learned.stored,
        learned.fresh,
        learned.name,
        learned.likeness,
        learned.steps,
        learned.story,
    )


def _value(path: str, old: str, new: str) -> Observation:
    return Observation(Where.REQUEST, Kind.REQUEST_CHANGED, path, path, path, old, new, likeness=relate(old, new))


def _body(stored: Exchange, fresh: Exchange, renaming: Renaming) -> Iterator[Observation]:
    old, new = stored.received, fresh.received
    if old.kind is not new.kind:
        yield Observation(Where.BODY, Kind.BODY_KIND_CHANGED, "", "", "", _described(old), _described(new))
        return
    if old.kind not in _STRUCTURED:
        if old.value != new.value:
            yield _learned(_text(old.value, new.value), renaming)
        return
    for change in diff(_fields(old), _fields(new), renamed=renaming.apply):
        places = pattern(change.path), pointer(change.path), pointer(change.fresh_path)
        yield _learned(_change(change, Where.BODY, *places), renaming)


def _fields(body: View) -> Any:
    """What is compared of a body: a form as the values of each of its names."""
    if body.kind is not BodyKind.FORM:
        return body.value
    values: dict[str, Any] = {}
    for name, value in body.value:
        values.setdefault(name, []).append(value)
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def _text(old: str | bytes, new: str | bytes) -> Observation:
    likeness = relate(old, new) if isinstance(old, str) and isinstance(new, str) else None
    return Observation(Where.BODY, Kind.TEXT_CHANGED, "", "", "", old, new, likeness=likeness)


def _change(change: Change, where: Where, path: str, at: str, fresh_at: str) -> Observation:
    name = next((step for step in reversed(change.path) if isinstance(step, str)), "")
    likeness = None
    kind = _KINDS.get(change.kind, Kind.VALUE_CHANGED)
    if change.kind is ChangeKind.VALUE:
        likeness = _relate(change.stored, change.fresh, name)
        if likeness.relation is Relation.LAYOUT:
            kind = Kind.FORMAT_CHANGED
    elif change.kind is ChangeKind.LENGTH and change.fresh == 0:
        kind = Kind.ARRAY_EMPTIED
    return Observation(where, kind, path, at, fresh_at, change.stored, change.fresh, name, likeness, change.path)


def _relate(old: Any, new: Any, name: str) -> Likeness:
    if isinstance(old, str):
        return relate(old, new, name)
    if isinstance(old, int | float) and not isinstance(old, bool):
        return relate_numbers(old, new, name)
    return Likeness(Relation.VALUE, "the values differ")


def _learned(observation: Observation, renaming: Renaming) -> Observation:
    """The observation, or the reference that it turns out to break."""
    likeness = observation.likeness
    if likeness is None or not likeness.renamed:
        return observation
    problem = renaming.learn(likeness, observation.name)
    if problem is None:
        return observation
    return Observation(
        observation.where,
        Kind.REFERENCE_CHANGED,
        observation.path,
        observation.pointer,
        observation.fresh_pointer,
        observation.stored,
        observation.fresh,
        observation.name,
        Likeness(Relation.VALUE, problem),
        observation.steps,
        problem,
    )


def _described(body: View) -> str:
    return f"{body.kind} body"
