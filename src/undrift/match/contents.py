"""Bodies as they are compared: JSON as JSON, forms as forms, multipart by its parts, else bytes.

Two bodies are equal exactly when their ``Content.canonical()`` is. What a body is follows
from its media type and from whether it parses as that. JSON is also seen where the media
type is missing or is the one for forms, since some clients send JSON so.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from undrift import body as bodies
from undrift.model import Headers

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from undrift.match.settings import CompiledRules

_FORM: Final = "application/x-www-form-urlencoded"
_JSON_TYPE: Final = re.compile(r"(application|text)/json|[^/]+/[^/]*\+json|application/x-amz-json-[0-9.]+")
_LOOKS_LIKE_JSON: Final = re.compile(rb"\s*[{\[]")
# Integers below this many digits are kept as int, all larger ones as Decimal, so that a
# number has one form only, and ``1e999999999`` is not written out.
_INT_DIGITS: Final = 18
_DEEPEST_JSON: Final = 200
_DEEPEST_PART: Final = 4
_PART: Final = re.compile(rb"[ \t]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n(.*)", re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_BOUNDARY: Final = re.compile(r';\s*boundary=("[^"]*"|[^;\s]*)', re.IGNORECASE)


class Kind(StrEnum):
    """How a body is compared."""

    JSON = "JSON"
    FORM = "form"
    MULTIPART = "multipart"
    BYTES = "bytes"


class _Masked(Enum):
    MASKED = "<volatile>"


MASKED: Final = _Masked.MASKED

Pairs: TypeAlias = tuple[tuple[str, str | _Masked], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body: its ``name`` in the form, its header fields, its content.

    The fields are in lower case and sorted, without those that say nothing new: lengths and
    the boundaries of parts within.
    """

    name: str
    fields: tuple[tuple[str, str], ...]
    content: Content
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A parsed body.

    ``value`` is the JSON value (its numbers int or Decimal), the name and value pairs of a
    form sorted by name, the ``Part`` objects of a multipart body, or bytes. Where a place was
    masked it holds ``MASKED``.
    """

    kind: Kind
    value: Any
    subtype: str = ""

    def masked(self, rules: CompiledRules) -> Content:
        """This content with the volatile places masked."""
        if self.kind is Kind.JSON and rules.pointers:
            value = self.value
            for pointer in rules.pointers:
                value = _mask_json(value, pointer)
            return Content(self.kind, value)
        if self.kind is Kind.FORM and rules.names:
            return Content(self.kind, mask_pairs(self.value, rules.names))
        if self.kind is Kind.MULTIPART and (rules.names or rules.pointers):
            return Content(self.kind, tuple(_mask_part(part, rules) for part in self.value), self.subtype)
        return self

    def is_like(self, other: Content) -> bool:
        """Whether two contents are compared in the same way."""
        return (self.kind, self.subtype) == (other.kind, other.subtype)

    def canonical(self) -> Hashable:
        """A value that is equal for equal contents, and only for those."""
        if self.kind is Kind.JSON:
            return self.kind, json.dumps(self.value, sort_keys=True, separators=(",", ":"), default=_canonical_scalar)
        if self.kind is Kind.MULTIPART:
            return self.kind, self.subtype, tuple(_canonical_part(part) for part in self.value)
        return self.kind, self.value


EMPTY: Final = Content(Kind.BYTES, b"")


def read_content(headers: Headers, content: bytes) -> Content:
    """Parse a decoded body as what it claims to be; as bytes where it is not that."""
    return _read(headers, content, depth=0) if content else EMPTY


def read_json(content: bytes) -> Any:
    """Parse JSON exactly, with numbers as int or Decimal.

    Raises ValueError for what is no JSON, for duplicate keys and for numbers beyond all
    bounds, RecursionError where it is nested too deeply.
    """
    return json.loads(
        content.decode(),
        object_pairs_hook=_unique_members,
        parse_float=_number,
        parse_int=_integer,
        parse_constant=_refuse_constant,
    )


def read_pairs(text: str) -> Pairs:
    """Names and values of a form or a query, by name; equal names in their order.

    Bytes that are no UTF-8 become lone surrogates, so that different bytes stay different.
    """
    segments = (segment.partition("=") for segment in text.split("&") if segment)
    if "%" in text or "+" in text:
        pairs = [(_unescape(name), _unescape(value)) for name, _, value in segments]
    else:
        pairs = [(name, value) for name, _, value in segments]
    return tuple(sorted(pairs, key=_name_of))


def mask_pairs(pairs: Pairs, names: frozenset[str]) -> Pairs:
    """The pairs with the values of some names masked."""
    return tuple((name, MASKED if name in names else value) for name, value in pairs)


def _read(headers: Headers, content: bytes, depth: int) -> Content:
    media_type = bodies.media_type(headers)
    essence = media_type.essence
    if _JSON_TYPE.fullmatch(essence) or (essence in {"", _FORM} and _LOOKS_LIKE_JSON.match(content)):
        parsed = _json_content(content)
        if parsed is not None:
            return parsed
    if essence == _FORM:
        return Content(Kind.FORM, read_pairs(content.decode("utf-8", "surrogateescape")))
    if essence.startswith("multipart/") and depth < _DEEPEST_PART:
        parts = _read_parts(content, media_type.parameter("boundary") or "", depth)
        if parts is not None:
            # The parts of a form are told apart by name, those of other types by place.
            ordered = sorted(parts, key=lambda part: part.name) if essence == "multipart/form-data" else parts
            return Content(Kind.MULTIPART, tuple(ordered), essence)
    return Content(Kind.BYTES, content)


def _json_content(content: bytes) -> Content | None:
    try:
        value = read_json(content)
    except (ValueError, RecursionError):
        return None
    # The same limit everywhere, so that it does not hang on how deep the caller stands.
    is_flat = content.count(b"[") + content.count(b"{") <= _DEEPEST_JSON or _depth(value) <= _DEEPEST_JSON
    return Content(Kind.JSON, value) if is_flat else None


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        level = [child for parent in level for child in _children(parent)]
        depth += 1
    return depth


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("An object has the same key twice.")
    return members


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= _INT_DIGITS else _number(text)


def _number(text: str) -> int | Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"The number {text} is beyond all bounds.") from error
    if not number:
        return 0
    if number.adjusted() < _INT_DIGITS and number == number.to_integral_value():
        return int(number)
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON.")


def _canonical_scalar(value: Any) -> Any:
    """Write what JSON has no word for; NaN, which was refused on reading, marks it."""
    if value is MASKED:
        return math.nan
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    stripped = text.rstrip("0")
    return [math.nan, f"{'-' * sign}{stripped}e{exponent + len(text) - len(stripped)}"]


def _mask_json(value: Any, pointer: tuple[str, ...]) -> Any:
    if not pointer:
        return MASKED
    token, *rest = pointer
    if isinstance(value, dict):
        return {
            name: _mask_json(member, tuple(rest)) if token in {"*", name} else member for name, member in value.items()
        }
    if isinstance(value, list):
        return [
            _mask_json(element, tuple(rest)) if token in {"*", str(index)} else element
            for index, element in enumerate(value)
        ]
    return value


def _mask_part(part: Part, rules: CompiledRules) -> Part:
    if part.name in rules.names:
        return Part(part.name, part.fields, EMPTY, is_masked=True)
    return Part(part.name, part.fields, part.content.masked(rules))


def _canonical_part(part: Part) -> Hashable:
    return part.name, part.fields, part.is_masked, part.content.canonical()


def _name_of(pair: tuple[str, str]) -> str:
    return pair[0]


def _unescape(text: str) -> str:
    return unquote(text.replace("+", " "), errors="surrogateescape")


def _read_parts(content: bytes, boundary: str, depth: int) -> list[Part] | None:
    """The parts (RFC 2046, section 5.1.1), or None where the body is not made of such."""
    if not boundary:
        return None
    delimiter = re.escape(b"--" + boundary.encode("utf-8", "surrogateescape"))
    # What stands before the first delimiter and after the closing one says nothing.
    _, *sections = re.split(rb"(?:\A|\r?\n)" + delimiter + rb"(?=--|[ \t]*\r?\n)", content)
    closing = next((index for index, section in enumerate(sections) if section.startswith(b"--")), None)
    if closing is None:
        return None
    return [_read_part(section, depth) for section in sections[:closing]]


def _read_part(section: bytes, depth: int) -> Part:
    found = _PART.fullmatch(section)
    head, content = found.groups() if found else (b"", section)
    lines = (line.partition(":") for line in head.decode("utf-8", "surrogateescape").splitlines())
    headers = Headers.of((name.strip().lower(), value.strip()) for name, _, value in lines)
    return Part(
        _form_name(headers.get("content-disposition") or ""),
        tuple(sorted((name, without_boundary(value)) for name, value in headers if name != "content-length")),
        _read(headers, content, depth + 1) if content else EMPTY,
    )


def _form_name(disposition: str) -> str:
    parameters: dict[str, str] = {
        name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(disposition)
    }
    return parameters.get("name", "")


def without_boundary(media_type: str) -> str:
    """A media type less its boundary, which clients make up anew each time."""
    return _BOUNDARY.sub("", media_type)
