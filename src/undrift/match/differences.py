"""What is different between two requests, part by part and field by field."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from undrift.match.contents import MASKED, Kind
from undrift.match.keys import read_request
from undrift.match.settings import DEFAULT_RULES, TARGET_HEADER, CompiledRules, MatchRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.match.contents import Content, Pairs, Part
    from undrift.match.keys import Reading
    from undrift.model import Request

# How much of a long text a difference keeps: enough for a reader to see where it differs.
_WINDOW: Final = 2_000


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__


ABSENT: Final = _Absent.ABSENT
"""Stands in a ``Difference`` for the side that has nothing there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a request differs from a recorded one.

    ``part`` is ``method``, ``url`` (scheme, host and port), ``path``, ``query``, ``header`` or
    ``body``; ``at`` a JSON Pointer, or the name of a form field, part, query parameter or
    header, or empty for all of it. ``recorded`` and ``sent`` are plain JSON values or
    ``ABSENT``; of a long text they hold the stretch around the first difference.
    """

    part: str
    at: str
    recorded: Any
    sent: Any


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Whether a request equals a recorded one, and if not, why: ``reasons`` is never empty then."""

    matched: bool
    reasons: tuple[Difference, ...]


def match(recorded: Request, sent: Request, rules: MatchRules = DEFAULT_RULES) -> MatchResult:
    """Compare a request with a recorded one."""
    compiled = CompiledRules.of(rules)
    return match_readings(read_request(recorded, compiled), read_request(sent, compiled), compiled)


def match_readings(recorded: Reading, sent: Reading, rules: CompiledRules) -> MatchResult:
    """As ``match``, where both were taken apart already."""
    if recorded.key == sent.key:
        return MatchResult(matched=True, reasons=())
    return MatchResult(matched=False, reasons=tuple(_differences(recorded, sent, rules)))


def shorten(recorded: Any, sent: Any, width: int) -> tuple[Any, Any]:
    """Cut two values, where they are texts of more than ``width`` characters, to where they differ."""
    start = 0
    if isinstance(recorded, str) and isinstance(sent, str):
        shorter, longer = sorted((len(recorded), len(sent)))
        differs = next((at for at in range(shorter) if recorded[at] != sent[at]), shorter)
        start = max(0, min(differs - width // 3, longer - width))
    return _cut(recorded, start, width), _cut(sent, start, width)


def _cut(value: Any, start: int, width: int) -> Any:
    if not isinstance(value, str):
        return value
    return "…" * (start > 0) + value[start : start + width] + "…" * (start + width < len(value))


def _differences(recorded: Reading, sent: Reading, rules: CompiledRules) -> Iterator[Difference]:
    old, new = recorded.key, sent.key
    if old.target.method != new.target.method:
        yield Difference("method", "", old.target.method, new.target.method)
    if old.target.origin != new.target.origin:
        yield Difference("url", "", old.target.origin or ABSENT, new.target.origin or ABSENT)
    if old.target.path != new.target.path:
        yield _difference("path", "", old.target.path, new.target.path)
    if old.target.query != new.target.query:
        yield from _pair_differences("query", old.target.query, new.target.query)
    names = (TARGET_HEADER, *rules.header_names)
    fields = zip(names, (old.amz_target, *old.headers), (new.amz_target, *new.headers), strict=True)
    for name, was, now in fields:
        if was != now:
            yield Difference("header", name, ABSENT if was is None else was, ABSENT if now is None else now)
    if old.body != new.body:
        yield from _body_differences(recorded, sent)


def _difference(part: str, at: str, recorded: Any, sent: Any) -> Difference:
    return Difference(part, at, *shorten(recorded, sent, _WINDOW))


def _body_differences(recorded: Reading, sent: Reading) -> Iterator[Difference]:
    if recorded.content.is_like(sent.content):
        yield from _content_differences(recorded.content, sent.content, "")
        return
    old, new = recorded.request, sent.request
    was, now = (request.headers.get("Content-Type") or ABSENT for request in (old, new))
    if old.body and new.body and was != now:
        yield Difference("header", "content-type", was, now)
    if old.body != new.body:
        yield _difference("body", "", _bytes_text(old.body), _bytes_text(new.body))


def _content_differences(recorded: Content, sent: Content, at: str) -> Iterator[Difference]:
    """The differences of two contents that are of one kind."""
    if recorded.kind is Kind.JSON:
        yield from _json_differences(recorded.value, sent.value, at)
    elif recorded.kind is Kind.FORM:
        yield from _pair_differences("body", recorded.value, sent.value)
    elif recorded.kind is Kind.MULTIPART:
        yield from _part_differences(recorded.value, sent.value)
    else:
        yield _difference("body", at, _bytes_text(recorded.value), _bytes_text(sent.value))


def _json_differences(recorded: Any, sent: Any, pointer: str) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in dict.fromkeys((*recorded, *sent)):
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _json_differences(recorded.get(name, ABSENT), sent.get(name, ABSENT), at)
    elif isinstance(recorded, list) and isinstance(sent, list):
        yield from _array_differences(recorded, sent, pointer)
    # True equals 1 for Python, not for JSON.
    elif recorded != sent or isinstance(recorded, bool) != isinstance(sent, bool):
        yield _difference("body", pointer, _plain(recorded), _plain(sent))


def _array_differences(recorded: list[Any], sent: list[Any], pointer: str) -> Iterator[Difference]:
    """Compare in order; where the lengths differ, what is equal at both ends is set aside first."""
    start = end = 0
    if len(recorded) != len(sent):
        shorter = min(len(recorded), len(sent))
        while start < shorter and _are_equal(recorded[start], sent[start]):
            start += 1
        while end < shorter - start and _are_equal(recorded[-1 - end], sent[-1 - end]):
            end += 1
    sides = (side[start : len(side) - end] for side in (recorded, sent))
    for index, (old, new) in enumerate(zip_longest(*sides, fillvalue=ABSENT), start):
        yield from _json_differences(old, new, f"{pointer}/{index}")


def _are_equal(recorded: Any, sent: Any) -> bool:
    return next(_json_differences(recorded, sent, ""), None) is None


def _pair_differences(part: str, recorded: Pairs, sent: Pairs) -> Iterator[Difference]:
    old, new = _by_name(recorded), _by_name(sent)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield _difference(part, _readable(name), _one_or_all(old.get(name)), _one_or_all(new.get(name)))


def _by_name(pairs: Pairs) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _one_or_all(values: list[Any] | None) -> Any:
    if values is None:
        return ABSENT
    shown = [value.value if value is MASKED else _readable(value) for value in values]
    return shown[0] if len(shown) == 1 else shown


def _part_differences(recorded: Sequence[Part], sent: Sequence[Part]) -> Iterator[Difference]:
    old_names, new_names = ([_readable(part.name) for part in side] for side in (recorded, sent))
    if old_names != new_names and sorted(old_names) == sorted(new_names):
        yield Difference("body", "", old_names, new_names)
    for name in dict.fromkeys(part.name for part in (*recorded, *sent)):
        sides = ([part for part in side if part.name == name] for side in (recorded, sent))
        for old, new in zip_longest(*sides):
            yield from _one_part(_readable(name), old, new)


def _one_part(at: str, recorded: Part | None, sent: Part | None) -> Iterator[Difference]:
    if recorded is None or sent is None:
        yield _difference("body", at, _part_text(recorded), _part_text(sent))
        return
    if recorded.fields != sent.fields:
        yield _difference("body", at, _fields_text(recorded), _fields_text(sent))
    if recorded.content.is_like(sent.content):
        yield from _unequal_contents(recorded.content, sent.content, at)
    else:
        yield _difference("body", at, _part_text(recorded), _part_text(sent))


def _unequal_contents(recorded: Content, sent: Content, at: str) -> Iterator[Difference]:
    if recorded.canonical() != sent.canonical():
        yield from _content_differences(recorded, sent, at)


def _part_text(part: Part | None) -> Any:
    if part is None:
        return ABSENT
    if part.content.kind is Kind.BYTES:
        return _bytes_text(part.content.value)
    return _plain(part.content.value) if part.content.kind is Kind.JSON else f"<{part.content.kind}>"


def _fields_text(part: Part) -> str:
    return _readable("; ".join(map(": ".join, part.fields)))


def _bytes_text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


def _readable(text: str) -> str:
    """A text from a form or a URL; what is no UTF-8 in it is written with backslashes."""
    octets = (f"\\x{ord(letter) & 0xFF:02x}" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text if text.isascii() else "".join(octets)


def _plain(value: Any) -> Any:
    """A JSON value for showing: numbers as int or float where these are exact, else as text."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, Decimal):
        shown = float(value)
        return shown if Decimal(repr(shown)) == value else str(value)
    return value.value if value is MASKED else value
