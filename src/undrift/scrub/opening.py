"""Bodies as text to look into: unpacked where they are packed, and as UTF-8 where they are text of another kind."""

from __future__ import annotations

import codecs
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undrift.body import decode, encode, media_type
from undrift.body.media import MediaType
from undrift.errors import BodyError

if TYPE_CHECKING:
    from undrift.model import Request, Response

_WIDE: Final = ("utf-16", "utf-32")
# The longer marks first: one of them begins as another.
_BYTE_ORDER_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_FIRST_OF_MARKS: Final = frozenset(mark[:1] for mark in _BYTE_ORDER_MARKS)
# How packed content begins (RFC 1952 and RFC 8878), though no header says that it is.
_PACKED: Final = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f": "zstd"}
_PLAIN: Final = MediaType("")


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What a body holds, to be looked into; ``close`` makes a body of what that became. Printing it shows nothing."""

    content: bytes
    media: MediaType
    packing: str = ""
    charset: str = ""

    @property
    def is_translated(self) -> bool:
        """Whether the content is another one than the bytes of the body."""
        return bool(self.packing or self.charset)

    def close(self, content: bytes) -> bytes:
        """Other content as a body of the same kind."""
        if self.charset:
            content = content.decode("utf-8", "replace").encode(self.charset)
        return encode(content, self.packing) if self.packing else content


def is_plain(body: bytes) -> bool:
    """Whether a body can be looked into as it is: it is neither packed, nor text of wide letters."""
    return body[:3] not in _PACKED and b"\0" not in body


def opened(message: Request | Response) -> Opened:
    """A message's body, to be looked into.

    What cannot be unpacked is taken for the bytes that it is.
    """
    body, media = message.body, media_type(message.headers)
    packing = _PACKED.get(body[:3], "")
    if packing:
        try:
            return Opened(decode(body, packing), _PLAIN, packing)
        except BodyError:
            return Opened(body, media)
    is_marked = body[:1] in _FIRST_OF_MARKS
    marked = is_marked and next((charset for mark, charset in _BYTE_ORDER_MARKS.items() if body.startswith(mark)), "")
    charset = marked or (media.parameter("charset") or "").lower()
    if charset.startswith(_WIDE):
        try:
            return Opened(body.decode(charset).encode(), media, charset=charset)
        except (LookupError, UnicodeError):
            return Opened(body, media)
    return Opened(body, media)


def broken_off(body: bytes) -> bytes:
    """What can be read of content that was packed by gzip and broke off; empty where it is none."""
    if body[:3] not in _PACKED:
        return b""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
    except zlib.error:
        return b""
