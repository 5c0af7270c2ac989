"""How much a difference hurts, once it is known to be none by chance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.drift.headers import is_api_version
from undrift.drift.results import Kind, Severity, Where
from undrift.drift.shape import ABSENT, Facts, Shapes, place_of, type_name
from undrift.values import Relation, relate

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift.observation import Observation
    from undrift.drift.traffic import Exchange

_ERROR_CODES = re.compile(r"(?:__type|type|code|error|error_?code|status|reason)", re.IGNORECASE)
_CLIENT_ERROR = 4
_REDIRECT = 3
_SUCCESS = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """The severity of a difference, None where it is no drift, and the kind that it turned out to be."""

    severity: Severity | None
    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """A change of presence, type or length: its kind, and the names of the types on both sides."""

    kind: Kind
    stored: str
    fresh: str

    @classmethod
    def of(cls, seen: Observation) -> ShapeChange | None:
        """What an observation says of a shape; None where it is about something else."""
        if seen.where is not Where.BODY or seen.kind not in _SHAPED:
            return None
        return cls(seen.kind, type_name(seen.stored), type_name(seen.fresh))


def judge_shape(seen: ShapeChange, old: Facts, new: Facts) -> Judgement:
    """Judge a change of shape by what all takes of either side show of its place."""
    return _SHAPED[seen.kind](seen, old, new)


def judge_observation(seen: Observation, stored: Exchange, fresh: Exchange, before: Shapes) -> Judgement:
    """Judge one difference that is none of shape by the table of severities."""
    if seen.where is Where.STATUS:
        return _status(stored, fresh)
    return _header(seen, stored, fresh) if seen.where is Where.HEADER else _content(seen, stored, before)


def _content(seen: Observation, stored: Exchange, before: Shapes) -> Judgement:
    if seen.kind is Kind.FORMAT_CHANGED and _is_known_layout(seen, before.texts(place_of(stored, seen.steps))):
        return Judgement(None, seen.kind, "stored answers have both layouts there")
    if seen.kind is Kind.BODY_KIND_CHANGED and not stored.interaction.response.body:
        return Judgement(Severity.ADDITIVE, seen.kind, "a body where none was")
    if seen.kind is Kind.VALUE_CHANGED and _is_error_code(seen, stored):
        return Judgement(Severity.RISKY, seen.kind, "an error code changed")
    return Judgement(_SEVERITIES[seen.kind], seen.kind, "")


def _header(seen: Observation, stored: Exchange, fresh: Exchange) -> Judgement:
    if stored.family != fresh.family:
        return Judgement(Severity.INFO, seen.kind, "it belongs to another status")
    if seen.kind is Kind.HEADER_CHANGED and seen.path == "content-type":
        return _media_type(seen)
    if seen.kind is Kind.HEADER_CHANGED and is_api_version(seen.path):
        return Judgement(Severity.RISKY, seen.kind, "another version of the API answered")
    return Judgement(_SEVERITIES[seen.kind], seen.kind, "")


_SEVERITIES = {
    Kind.HEADER_ADDED: Severity.ADDITIVE,
    Kind.HEADER_REMOVED: Severity.RISKY,
    Kind.HEADER_CHANGED: Severity.INFO,
    Kind.FORMAT_CHANGED: Severity.BREAKING,
    Kind.VALUE_CHANGED: Severity.INFO,
    Kind.TEXT_CHANGED: Severity.INFO,
    Kind.REFERENCE_CHANGED: Severity.RISKY,
    Kind.BODY_KIND_CHANGED: Severity.BREAKING,
    Kind.DEPRECATION_ANNOUNCED: Severity.RISKY,
}


def _is_known_layout(seen: Observation, known: list[str]) -> bool:
    """Whether any stored text is written as the fresh one is."""
    return isinstance(seen.fresh, str) and any(
        relate(text, seen.fresh, seen.name).relation is Relation.CHANCE for text in known
    )


def _status(stored: Exchange, fresh: Exchange) -> Judgement:
    old, new = stored.interaction.response.status, fresh.interaction.response.status
    if fresh.family == _REDIRECT and stored.family == _SUCCESS:
        return Judgement(Severity.RISKY, Kind.STATUS_CHANGED, f"a redirect ({new}) where {old} was")
    if stored.family >= _CLIENT_ERROR:
        return Judgement(Severity.RISKY, Kind.STATUS_CHANGED, f"an error status changed from {old} to {new}")
    if stored.family == fresh.family == _REDIRECT:
        return Judgement(Severity.RISKY, Kind.STATUS_CHANGED, f"a redirect changed from {old} to {new}")
    return Judgement(Severity.BREAKING, Kind.STATUS_CHANGED, f"the status of a success changed from {old} to {new}")


def _media_type(seen: Observation) -> Judgement:
    old, new = (str(value).partition(";")[0].strip().lower() for value in (seen.stored, seen.fresh))
    severity = Severity.INFO if old == new else Severity.BREAKING
    return Judgement(severity, seen.kind, "" if old == new else "the media type changed")


def _is_error_code(seen: Observation, stored: Exchange) -> bool:
    return (
        stored.family == _CLIENT_ERROR
        and _ERROR_CODES.fullmatch(seen.name) is not None
        and " " not in f"{seen.stored}{seen.fresh}"
    )


def _removed(seen: ShapeChange, old: Facts, new: Facts) -> Judgement:
    still_there = bool(new.seen - {ABSENT})
    if ABSENT in old.seen:
        return _known(seen, "the field was absent before", is_still_seen=still_there)
    if still_there:
        return Judgement(Severity.RISKY, seen.kind, "other fresh answers still have the field")
    return Judgement(Severity.BREAKING, seen.kind, "no fresh answer has the field")


def _added(seen: ShapeChange, old: Facts, new: Facts) -> Judgement:
    if old.seen - {ABSENT}:
        return _known(seen, "the field was there before", is_still_seen=ABSENT in new.seen)
    return Judgement(Severity.ADDITIVE, seen.kind, "no stored answer has the field")


def _type(seen: ShapeChange, old: Facts, new: Facts) -> Judgement:
    before, now = seen.stored, seen.fresh
    if now in old.types:
        return _known(seen, f"the field was {now} before", is_still_seen=before in new.types)
    if len(old.types) > 1:
        return Judgement(Severity.ADDITIVE, seen.kind, f"{now} joins {', '.join(sorted(old.types))}")
    return Judgement(Severity.BREAKING, seen.kind, f"{before} became {now}")


def _null(seen: ShapeChange, old: Facts, new: Facts) -> Judgement:
    if seen.stored == "null":
        now = seen.fresh
        if now in old.types:
            return _known(seen, f"the field was {now} before", is_still_seen="null" in new.seen)
        return Judgement(Severity.ADDITIVE, seen.kind, f"{now} where null was")
    if "null" in old.seen:
        return _known(seen, "the field was null before", is_still_seen=bool(new.types))
    if new.types:
        return Judgement(Severity.RISKY, seen.kind, "other fresh answers have a value there")
    return Judgement(Severity.BREAKING, seen.kind, "null where it never was")


def _emptied(_seen: ShapeChange, old: Facts, _new: Facts) -> Judgement:
    if "empty" in old.seen:
        return Judgement(Severity.INFO, Kind.LENGTH_CHANGED, "the array was empty before")
    return Judgement(Severity.RISKY, Kind.ARRAY_EMPTIED, "the array was never empty before")


def _length(seen: ShapeChange, _old: Facts, _new: Facts) -> Judgement:
    return Judgement(Severity.INFO, seen.kind, "")


def _known(seen: ShapeChange, why: str, *, is_still_seen: bool) -> Judgement:
    """A variation that was seen before: nothing, unless the other variant is gone altogether."""
    if is_still_seen:
        return Judgement(None, seen.kind, why)
    return Judgement(Severity.INFO, seen.kind, f"{why}, and is so everywhere now")


_SHAPED: dict[Kind, Callable[[ShapeChange, Facts, Facts], Judgement]] = {
    Kind.FIELD_REMOVED: _removed,
    Kind.FIELD_ADDED: _added,
    Kind.TYPE_CHANGED: _type,
    Kind.NULLABILITY_CHANGED: _null,
    Kind.ARRAY_EMPTIED: _emptied,
    Kind.LENGTH_CHANGED: _length,
}
