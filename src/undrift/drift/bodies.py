"""Two bodies of one kind compared: what differs, as observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.body import BodyKind
from undrift.drift.observation import Observation
from undrift.drift.results import Kind, Where
from undrift.fielddiff import Change, ChangeKind, diff, pattern, pointer
from undrift.values import Likeness, Relation, relate, relate_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.body import View
    from undrift.drift.correlate import Renaming

_KINDS = {
    ChangeKind.ADDED: Kind.FIELD_ADDED,
    ChangeKind.REMOVED: Kind.FIELD_REMOVED,
    ChangeKind.TYPE: Kind.TYPE_CHANGED,
    ChangeKind.NULL: Kind.NULLABILITY_CHANGED,
    ChangeKind.LENGTH: Kind.LENGTH_CHANGED,
}
_UNSTRUCTURED = frozenset({BodyKind.TEXT, BodyKind.HTML, BodyKind.BINARY})
# A page is text, and lines of JSON may be one line alone.
_ALIKE = ({BodyKind.TEXT, BodyKind.HTML}, {BodyKind.JSON, BodyKind.NDJSON})
_VALUE = Likeness(Relation.VALUE, "the values differ")


def diff_bodies(old: View, new: View, where: Where, renaming: Renaming) -> Iterator[Observation]:
    """What differs between two bodies, ids being noted as they are met."""
    if old.kind is not new.kind and {old.kind, new.kind} not in _ALIKE:
        yield Observation(where, Kind.BODY_KIND_CHANGED, "", "", "", f"{old.kind} body", f"{new.kind} body")
    elif {old.kind, new.kind} <= _UNSTRUCTURED:
        if old.value != new.value:
            yield _text(old.value, new.value, where).learned(renaming)
    else:
        yield from _repeated(old, new, where)
        lines = BodyKind.NDJSON in {old.kind, new.kind}
        before, after = (_lines(body) if lines else fields(body) for body in (old, new))
        changes = diff(before, after, renamed=renaming.apply, expected=renaming.whole)
        for change in changes:
            yield observation(change, where).learned(renaming)


def fields(body: View) -> Any:
    """What is compared of a body: of a form the values of each name, of a stream each kind of event."""
    if body.kind is BodyKind.FORM:
        values: dict[str, Any] = {}
        for name, value in body.value:
            values.setdefault(name, []).append(value)
        return {name: value[0] if len(value) == 1 else value for name, value in values.items()}
    return _events(body.value) if body.kind is BodyKind.EVENTS else body.value


def _lines(body: View) -> Any:
    return body.value if body.kind is BodyKind.NDJSON else [body.value]


def observation(change: Change, where: Where) -> Observation:
    """A change of a body, with how its two values relate."""
    name = next((step for step in reversed(change.path) if isinstance(step, str)), "")
    likeness = None
    kind = _KINDS.get(change.kind, Kind.VALUE_CHANGED)
    if change.kind is ChangeKind.VALUE:
        likeness = relate_values(change.stored, change.fresh, name)
        if likeness.relation is Relation.LAYOUT:
            kind = Kind.FORMAT_CHANGED
    elif change.kind is ChangeKind.LENGTH and change.fresh == 0:
        kind = Kind.ARRAY_EMPTIED
    places = pattern(change.path), pointer(change.path), pointer(change.fresh_path)
    return Observation(where, kind, *places, change.stored, change.fresh, name, likeness, change.path)


def relate_values(old: Any, new: Any, name: str) -> Likeness:
    """How two scalars relate."""
    if isinstance(old, str) and isinstance(new, str):
        return relate(old, new, name)
    if _is_number(old) and _is_number(new):
        return relate_numbers(old, new, name)
    return _VALUE


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(old: str | bytes, new: str | bytes, where: Where) -> Observation:
    likeness = relate_values(old, new, "")
    if likeness.relation is Relation.LAYOUT:
        likeness = _VALUE
    return Observation(where, Kind.TEXT_CHANGED, "", "", "", old, new, likeness=likeness)


def _repeated(old: View, new: View, where: Where) -> Iterator[Observation]:
    """A member that stands twice now: parsers do not agree on which one counts."""
    for place in sorted(set(new.repeated) ^ set(old.repeated)):
        came = place in new.repeated
        kind = Kind.FORMAT_CHANGED if came else Kind.VALUE_CHANGED
        path = "/".join("*" if step.isdigit() else step for step in place.split("/"))
        told = ("once", "more than once") if came else ("more than once", "once")
        yield Observation(where, kind, path, place, place, *told)


def _events(events: list[dict[str, Any]]) -> Any:
    """A stream as its kinds of events: how many there are of each says nothing.

    Of each kind there is one event, with the members of all; ``order`` has the kinds as they
    first come.
    """
    kinds: dict[str, Any] = {}
    for event in events:
        data = event["data"]
        kind = event["event"]
        if kind == "message" and isinstance(data, dict) and isinstance(data.get("type"), str):
            kind = data["type"]
        known = kinds.setdefault(kind, event)
        if known is not event and isinstance(known["data"], dict) and isinstance(data, dict):
            kinds[kind] = {**event, **known, "data": {**data, **known["data"]}}
    return {"order": list(kinds), "events": kinds}
