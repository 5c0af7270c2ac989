"""What is packed by gzip within other bytes: in a part of a multipart body, in base64, in what is packed itself."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# How packed content begins (RFC 1952), and how it does in base64 text, whose alphabets have these letters in common.
_START: Final = b"\x1f\x8b\x08"
IN_BASE64: Final = b"H4sI"
# More than anybody sends in a test; what grows without end is left as the bytes that it is.
_MOST: Final = 64 * 1024 * 1024


class Packed(NamedTuple):
    """A packed piece of some bytes: where it stands, and what it holds."""

    start: int
    end: int
    content: bytes

    def __repr__(self) -> str:
        """Without the content, which may be a secret."""
        return f"<Packed: {self.start} to {self.end}>"


def may_be_packed(data: bytes) -> bool:
    """Whether something in some bytes may be packed, as it is or in base64 text."""
    return IN_BASE64 in data or (not data.isascii() and _START in data)


def packed_in(data: bytes) -> Iterator[Packed]:
    """The pieces of some bytes that are packed, each whole; what only looks so is none."""
    start = data.find(_START)
    while start >= 0:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        end = start + len(_START)
        try:
            content = unpacker.decompress(data[start:], _MOST)
        except zlib.error:
            content = b""
        if content and unpacker.eof:
            end = len(data) - len(unpacker.unused_data)
            yield Packed(start, end, content)
        start = data.find(_START, end)
