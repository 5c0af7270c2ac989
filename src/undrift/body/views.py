"""Parsed views of bodies.

Nothing here trusts a header: a body that is not what its media type claims is viewed as
what it is, be it JSON in ``text/html``, text, or bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from undrift.body import media
from undrift.body.jsonview import parse_json, parse_lines
from undrift.body.parts import parse_events, parse_multipart
from undrift.body.xmlview import parse_xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.body.media import MediaType
    from undrift.model import Headers


class BodyKind(StrEnum):
    """What a body is."""

    EMPTY = "empty"
    JSON = "json"
    NDJSON = "ndjson"
    FORM = "form"
    MULTIPART = "multipart"
    XML = "xml"
    HTML = "html"
    EVENTS = "events"
    TEXT = "text"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class View:
    """A parsed body.

    ``value`` is plain data: the JSON value; for NDJSON the list of its lines' values; for a
    form a list of ``[name, value]`` pairs; for multipart and event streams a list of
    objects, see ``parse_multipart`` and ``parse_events``; for XML an object, see
    ``parse_xml``; HTML and text as ``str``; binary as ``bytes``; None where the body is
    empty. ``repeated`` are the JSON Pointers of members that a JSON object has twice.
    """

    kind: BodyKind
    value: Any
    repeated: tuple[str, ...] = ()


def view(headers: Headers, content: bytes) -> View:
    """Parse a decoded body by what it is; what does not parse is text or binary."""
    if not content:
        return View(BodyKind.EMPTY, None)
    claimed = media.media_type(headers)
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    for kind in _candidates(claimed.essence, start, is_page=start == b"<" and _HTML.match(content) is not None):
        try:
            return View(kind, *_PARSERS[kind](content, claimed))
        except (ValueError, RecursionError):
            continue
    text = _text(content, claimed)
    if text is None:
        return View(BodyKind.BINARY, content)
    is_page = media.is_html(claimed.essence) or _HTML.match(content) is not None
    return View(BodyKind.HTML if is_page else BodyKind.TEXT, text)


_CLAIMS: tuple[tuple[Callable[[str], bool], BodyKind], ...] = (
    (media.is_json, BodyKind.JSON),
    (media.is_ndjson, BodyKind.NDJSON),
    (media.is_multipart, BodyKind.MULTIPART),
    (media.is_xml, BodyKind.XML),
    (media.is_events, BodyKind.EVENTS),
)
_HTML = re.compile(
    rb"\s*<(?:!doctype\s+html|html|head|body|div|p|span|table|ul|ol|form|script|h[1-6])\b", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def _candidates(essence: str, start: bytes, *, is_page: bool) -> tuple[BodyKind, ...]:
    """As what to parse, in order: as what is claimed, then as what it looks like by its first byte."""
    found = [kind for claims, kind in _CLAIMS if claims(essence)]
    if start in {b"{", b"["}:
        found += [BodyKind.JSON, BodyKind.NDJSON] if start == b"{" else [BodyKind.JSON]
    elif start == b"<" and not is_page:
        found.append(BodyKind.XML)
    elif media.is_form(essence):
        found.append(BodyKind.FORM)
    return tuple(dict.fromkeys(found))


def _form(content: bytes) -> list[list[str]]:
    return [list(pair) for pair in parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True)]


def _text(content: bytes, claimed: MediaType) -> str | None:
    """The text, in UTF-8 or in the charset that the media type names; None where it is no text."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    try:
        codec = codecs.lookup(claimed.parameter("charset") or "utf-8")
        return codec.decode(content)[0]
    except (LookupError, ValueError):
        return None


# Each gives the value, and for JSON what is repeated in it.
_PARSERS: dict[BodyKind, Callable[[bytes, MediaType], tuple[Any, ...]]] = {
    BodyKind.JSON: lambda content, _: parse_json(content),
    BodyKind.NDJSON: lambda content, _: (parse_lines(content),),
    BodyKind.MULTIPART: lambda content, claimed: (parse_multipart(content, claimed.parameter("boundary") or ""),),
    BodyKind.XML: lambda content, _: (parse_xml(content),),
    BodyKind.EVENTS: lambda content, _: (parse_events(content),),
    BodyKind.FORM: lambda content, _: (_form(content),),
}
