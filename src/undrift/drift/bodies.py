"""Two bodies of one kind compared: what differs, as observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.body import BodyKind, binary_type
from undrift.drift.fields import fields
from undrift.drift.observation import Observation
from undrift.drift.results import Kind, Where
from undrift.drift.shape import kind_of
from undrift.fielddiff import Change, ChangeKind, diff, pattern
from undrift.values import Likeness, Relation, relate, relate_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.body import View
    from undrift.drift.correlate import Renaming
    from undrift.fielddiff import Path

_KINDS = {
    ChangeKind.ADDED: Kind.FIELD_ADDED,
    ChangeKind.REMOVED: Kind.FIELD_REMOVED,
    ChangeKind.TYPE: Kind.TYPE_CHANGED,
    ChangeKind.NULL: Kind.NULLABILITY_CHANGED,
    ChangeKind.LENGTH: Kind.LENGTH_CHANGED,
}
_DIFFERS = ChangeKind.VALUE
_UNSTRUCTURED = frozenset({BodyKind.TEXT, BodyKind.HTML, BodyKind.BINARY})
# A page is text, and lines of JSON may be one line alone.
_ALIKE = ({BodyKind.TEXT, BodyKind.HTML}, {BodyKind.JSON, BodyKind.NDJSON})
_VALUE = Likeness(Relation.VALUE, "the values differ")
_OTHER_ORDER = Likeness(Relation.VALUE, "the same elements stand in another order")
_REORDERED = Likeness(Relation.CHANCE, "the array has the same texts in another order")


def diff_bodies(old: View, new: View, where: Where, renaming: Renaming) -> Iterator[Observation]:
    """What differs between two bodies, ids being noted as they are met."""
    if old.kind is not new.kind and {old.kind, new.kind} not in _ALIKE:
        yield Observation(where, Kind.BODY_KIND_CHANGED, "", f"{old.kind} body", f"{new.kind} body")
    elif {old.kind, new.kind} <= _UNSTRUCTURED:
        if BodyKind.BINARY is old.kind is new.kind:
            yield from _binary(old.value, new.value, where)
        elif old.value != new.value:
            yield _text(old.value, new.value, where).learned(renaming)
    else:
        yield from _repeated(old, new, where)
        lines = BodyKind.NDJSON in {old.kind, new.kind}
        before, after = fields(old, as_lines=lines), fields(new, as_lines=lines)
        for change in diff(before, after, renamed=renaming.apply, expected=renaming.whole):
            if change.kind is not _DIFFERS:
                yield observation(change, where)._replace(holder=kind_of(before, change.path))
                continue
            # Most ids are met again and again: what was learned of a pair need not be found out again.
            known = renaming.known.get((change.stored, change.fresh))
            yield observation(change, where, known) if known else observation(change, where).learned(renaming)


def observation(change: Change, where: Where, known: Likeness | None = None) -> Observation:
    """A change of a body, with how its two values relate, which may be ``known``."""
    change_kind, path, fresh_path, old, new, is_reordered = change
    name = path[-1] if path and type(path[-1]) is str else _name(path)
    kind, likeness = Kind.VALUE_CHANGED, known
    if change_kind is ChangeKind.ORDER:
        likeness = _OTHER_ORDER
    elif change_kind is not _DIFFERS:
        kind = Kind.ARRAY_EMPTIED if change_kind is ChangeKind.LENGTH and new == 0 else _KINDS[change_kind]
    elif is_reordered:
        likeness = _REORDERED
    elif likeness is None:
        likeness = relate_values(old, new, name)
        if likeness.relation is Relation.LAYOUT:
            kind = Kind.FORMAT_CHANGED
    return Observation(where, kind, pattern(path), old, new, name, likeness, path, fresh_path)


def _name(path: Path) -> str:
    """The last name on the way, which says what a value is."""
    for step in reversed(path):
        if type(step) is str:
            return step
    return ""


def relate_values(old: Any, new: Any, name: str) -> Likeness:
    """How two scalars relate."""
    if type(old) is str is type(new):
        return relate(old, new, name)
    return relate_numbers(old, new, name) if (type(old), type(new)) in _NUMBERS else _VALUE


# Of other types a number may only become a whole one.
_NUMBERS = frozenset({(int, int), (float, float), (float, int)})


def _text(old: str | bytes, new: str | bytes, where: Where) -> Observation:
    likeness = relate_values(old, new, "")
    if likeness.relation is Relation.LAYOUT:
        likeness = _VALUE
    return Observation(where, Kind.TEXT_CHANGED, "", old, new, likeness=likeness)


def _binary(old: bytes, new: bytes, where: Where) -> Iterator[Observation]:
    """What can be said of bytes: which format they are of, and about how many there are."""
    formats = binary_type(old), binary_type(new)
    sizes = f"{len(old):,} bytes", f"{len(new):,} bytes"
    if formats[0] != formats[1]:
        was, now = (f"{name or 'unknown'} body of {size}" for name, size in zip(formats, sizes, strict=True))
        yield Observation(where, Kind.BODY_KIND_CHANGED, "", was, now)
    elif abs(len(old).bit_length() - len(new).bit_length()) > 1:
        # One is more than twice as long as the other, and no mere retouch of it.
        yield Observation(where, Kind.LENGTH_CHANGED, "", *sizes)
    elif old != new:
        yield _text(old, new, where)


def _repeated(old: View, new: View, where: Where) -> Iterator[Observation]:
    """A member that stands twice now: parsers do not agree on which one counts."""
    for place in sorted(set(new.repeated) ^ set(old.repeated)):
        came = place in new.repeated
        kind = Kind.FORMAT_CHANGED if came else Kind.VALUE_CHANGED
        path = "/".join("*" if step.isdigit() else step for step in place.split("/"))
        told = ("once", "more than once") if came else ("more than once", "once")
        yield Observation(where, kind, path, *told, at=place)
