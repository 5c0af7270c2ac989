"""What a message says of its body, kept true when the body changed: its length and its digests."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from typing import TYPE_CHECKING, Final

from undrift.body import encode
from undrift.errors import BodyError
from undrift.model import Headers

if TYPE_CHECKING:
    from collections.abc import Callable

# The polynomials of CRC-32C (RFC 3385) and CRC-64/NVME, bits reversed.
_CRC32C: Final = (0x82F63B78, 32)
_CRC64: Final = (0x9A6C9329AC4BC9B5, 64)
_NAMED_DIGEST: Final = re.compile(r"([A-Za-z0-9-]+)=(:?)([A-Za-z0-9+/=_-]+)(:?)")
_LISTS: Final = frozenset({"digest", "content-digest", "repr-digest", "x-goog-hash"})
_CHECKSUM: Final = "x-amz-checksum-"
# All that is said of a body's bytes.
_TELLING: Final = _LISTS | {"content-length", "x-amz-content-sha256", "etag", "content-md5"}
# What S3 and its like give as the ETag of an object.
_ETAG_OF_MD5: Final = re.compile(r'"([0-9a-f]{32})"')


def consistent(headers: Headers, before: bytes, after: bytes, encoding: str) -> Headers:
    """The headers of a message whose decoded body was ``before`` and is ``after``.

    A digest that was wrong before, or of a kind that is unknown here, stays as it is.
    """
    if before == after or not len(headers):
        return headers
    travelled = [body if not encoding else _encoded(body, encoding) for body in (before, after)]
    return Headers.of(
        (name, _field(name.lower(), value, *travelled, is_encoded=bool(encoding))) for name, value in headers
    )


def _encoded(body: bytes, encoding: str) -> bytes:
    try:
        return encode(body, encoding)
    except BodyError:  # pragma: no cover - what was decoded can be encoded
        return body


def _field(name: str, value: str, before: bytes, after: bytes, *, is_encoded: bool) -> str:
    if name not in _TELLING and not name.startswith(_CHECKSUM):
        return value
    if name == "content-length":
        return str(len(after)) if value.strip() == str(len(before)) else value
    if name == "x-amz-content-sha256":
        return _hexadecimal("sha256", value, before, after)
    if name == "etag":
        return _ETAG_OF_MD5.sub(lambda match: f'"{_hexadecimal("md5", match[1], before, after)}"', value)

    def renewed(kind: str, digest: str) -> str:
        return _renewed(kind, digest, before, after, is_encoded=is_encoded)

    if name in _LISTS:

        def parts(match: re.Match[str]) -> str:
            return f"{match[1]}={match[2]}{renewed(match[1].lower().replace('-', ''), match[3])}{match[4]}"

        return _NAMED_DIGEST.sub(parts, value)
    kind = "md5" if name == "content-md5" else name.removeprefix(_CHECKSUM)
    return value if kind == name else renewed(kind, value)


def _hexadecimal(kind: str, value: str, before: bytes, after: bytes) -> str:
    old, new = (hashlib.new(kind, body, usedforsecurity=False).hexdigest() for body in (before, after))
    return new if value.lower() == old else value


def _renewed(kind: str, value: str, before: bytes, after: bytes, *, is_encoded: bool) -> str:
    """A digest in base64. Of an encoded body it cannot be told whether it was right."""
    digest = _DIGESTS.get(kind)
    if digest is None or not (is_encoded or base64.b64encode(digest(before)).decode() == value):
        return value
    return base64.b64encode(digest(after)).decode()


def _hashed(kind: str) -> Callable[[bytes], bytes]:
    return lambda body: hashlib.new(kind, body, usedforsecurity=False).digest()


def _crc(polynomial: tuple[int, int]) -> Callable[[bytes], bytes]:
    return lambda body: _crc_of(body, *polynomial)


def _crc_of(body: bytes, polynomial: int, bits: int) -> bytes:
    table = [_crc_of_byte(byte, polynomial) for byte in range(256)]
    value = mask = (1 << bits) - 1
    for byte in body:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return (value ^ mask).to_bytes(bits // 8, "big")


def _crc_of_byte(byte: int, polynomial: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ polynomial if byte & 1 else byte >> 1
    return byte


_DIGESTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    **{kind: _hashed(kind) for kind in ("md5", "sha1", "sha256", "sha512")},
    "sha": _hashed("sha1"),
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "crc32c": _crc(_CRC32C),
    "crc64nvme": _crc(_CRC64),
}
