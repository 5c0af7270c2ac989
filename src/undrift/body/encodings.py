"""Content encodings: gzip, deflate, and with their libraries Brotli and Zstandard."""

from __future__ import annotations

import gzip
import importlib
import zlib
from typing import TYPE_CHECKING, Final

from undrift.errors import BodyError

if TYPE_CHECKING:
    from collections.abc import Callable


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
            raise BodyError(
                f"The body claims Content-Encoding {name}, but does not unpack as that: {error}."
            ) from error
    return content


def decode_start(content: bytes, encoding: str) -> bytes:
    """As much as can be unpacked of the beginning of a body; raises BodyError as ``decode`` does."""
    names = _codings(encoding)
    if len(names) > 1:
        raise BodyError(f"The beginning of a body that is packed twice ({encoding}) cannot be unpacked.")
    for name in names:
        # That the encoding is known, and its library here, is for the other to say.
        _codec(name)
        try:
            content = _unpacker(name)(content)
        except Exception as error:
            raise BodyError(f"The body claims Content-Encoding {name}, but does not begin as that: {error}.") from error
    return content


def _unpacker(name: str) -> Callable[[bytes], bytes]:
    """What unpacks as much as it is given."""
    if name == "br":
        unpacker: Callable[[bytes], bytes] = importlib.import_module("brotli").Decompressor().process
        return unpacker
    if name == "zstd":
        return _codec(name)[0]
    # Of gzip and zlib each tells by its first bytes which it is.
    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress


def encode(content: bytes, encoding: str) -> bytes:
    """Put content encodings on a body; raises BodyError as ``decode`` does."""
    for name in _codings(encoding):
        content = _codec(name)[1](content)
    return content


def is_known(encoding: str) -> bool:
    """Whether content encodings are among those that can be put on, with a package that may be missing."""
    return _KNOWN.issuperset(_codings(encoding))


def _codings(encoding: str) -> list[str]:
    names = (name.strip().lower() for name in encoding.split(","))
    return [name for name in names if name and name != "identity"]


_KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})


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
