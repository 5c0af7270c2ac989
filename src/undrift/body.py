"""Bodies: content encodings, media types, and parsed views of bytes.

Nothing here trusts a header: a body that is not what its media type claims is viewed as
what it is, text or binary.
"""

from __future__ import annotations

import gzip
import importlib
import json
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from undrift.errors import BodyError

if TYPE_CHECKING:
    from collections.abc import Callable

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
    form a list of ``[name, value]`` pairs; text as ``str``; binary as ``bytes``; None where
    the body is empty.
    """

    kind: BodyKind
    value: Any


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type (RFC 9110, section 8.3.1), all lower-case but the parameters' values."""

    essence: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str | None:
        """The value of one parameter, or None."""
        return next((value for key, value in self.parameters if key == name), None)


def media_type(headers: Headers) -> MediaType:
    """The media type that the headers claim; its essence is empty where they claim none."""
    essence, *rest = (headers.get("Content-Type") or "").split(";")
    pairs = (parameter.partition("=") for parameter in rest)
    parameters = tuple((name.strip().lower(), value.strip().strip('"')) for name, _, value in pairs if name.strip())
    return MediaType(essence.strip().lower(), parameters)


def decode(content: bytes, encoding: str) -> bytes:
    """Take content encodings off a body.

    ``encoding`` is the value of Content-Encoding, such as ``"gzip"`` or ``"gzip, br"``.
    Raises BodyError where the content is not so encoded, or the encoding is unknown or
    needs a library that is not installed.
    """
    for name in reversed(_codings(encoding)):
        decoder = _codec(name)[0]
        try:
            content = decoder(content)
        except Exception as error:
            raise BodyError(f"The body claims Content-Encoding {name}, but does not unpack as that: {error}.") from error
    return content


def encode(content: bytes, encoding: str) -> bytes:
    """Put content encodings on a body; raises BodyError as ``decode`` does."""
    for name in _codings(encoding):
        content = _codec(name)[1](content)
    return content


def view(headers: Headers, content: bytes) -> View:
    """Parse a decoded body by its media type; what does not parse is text or binary."""
    if not content:
        return View(BodyKind.EMPTY, None)
    essence = media_type(headers).essence
    for claims, kind, parse in _PARSERS:
        if claims(essence):
            try:
                return View(kind, parse(content))
            except (ValueError, RecursionError):
                break
    try:
        return View(BodyKind.TEXT, content.decode())
    except UnicodeDecodeError:
        return View(BodyKind.BINARY, content)


def _codings(encoding: str) -> list[str]:
    names = (name.strip().lower() for name in encoding.split(","))
    return [name for name in names if name and name != "identity"]


def _codec(name: str) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    if name in {"gzip", "x-gzip"}:
        return gzip.decompress, _gzip
    if name == "deflate":
        return _inflate, zlib.compress
    module = {"br": "brotli", "zstd": "zstandard"}.get(name)
    if module is None:
        raise BodyError(f"The content encoding {name!r} is unknown to undrift.")
    try:
        library = importlib.import_module(module)
    except ImportError as error:
        raise BodyError(
            f"The content encoding {name} needs the package {module}. Install undrift[encodings]."
        ) from error
    if name == "br":
        return library.decompress, library.compress
    return library.ZstdDecompressor().decompressobj().decompress, library.ZstdCompressor().compress


def _gzip(content: bytes) -> bytes:
    # A time of zero: the same content gives the same bytes on every machine.
    return gzip.compress(content, mtime=0)


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        # Some servers send the raw stream, without the zlib wrapper that RFC 9110 asks for.
        return zlib.decompress(content, -zlib.MAX_WBITS)


def _is_json(essence: str) -> bool:
    return essence in {"application/json", "text/json"} or essence.endswith("+json")


def _is_form(essence: str) -> bool:
    return essence == "application/x-www-form-urlencoded"


def _parse_json(content: bytes) -> Any:
    return json.loads(content.decode())


def _parse_form(content: bytes) -> list[list[str]]:
    return [list(pair) for pair in parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True)]


_PARSERS: tuple[tuple[Callable[[str], bool], BodyKind, Callable[[bytes], Any]], ...] = (
    (_is_json, BodyKind.JSON, _parse_json),
    (_is_form, BodyKind.FORM, _parse_form),
)
