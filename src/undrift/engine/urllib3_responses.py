"""urllib3's responses, made of recorded ones: for its connections, and for who stands above its pools."""

from __future__ import annotations

import http.client
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

# Only where urllib3 was imported is this module, see undrift.engine.interception.
from urllib3 import HTTPHeaderDict, exceptions
from urllib3.response import HTTPResponse

from undrift.engine import http1, wire
from undrift.engine.breaking import BreakingOff

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from undrift.engine.reading import BrokenOff
    from undrift.model import Headers, Response

_COOKIES = frozenset({"set-cookie", "set-cookie2"})


def built(  # noqa: PLR0913 - what urllib3 builds a response from
    response: Response, method: str, url: str, *, preload: bool = False, decode: bool = False, retries: Any = None
) -> Any:
    """urllib3's response, as its connection hands it out; ``url`` is what was asked of the connection."""
    content = wire.content_for_client(response)
    kind = _Chunked if http1.is_chunked(response) else HTTPResponse
    if len(http1.pieces(response, content)) > 1:
        kind = _Eventful
    original: Any = _Original(response.headers)
    return kind(
        body=_body(content),
        headers=_header_dict(wire.headers_for_client(response).fields),
        preload_content=preload,
        decode_content=decode,
        original_response=original,
        **_arguments(response, method, url, retries),
    )


def _arguments(response: Response, method: str, url: str, retries: Any) -> dict[str, Any]:
    """What urllib3 builds a response from, beside its fields, its content and how that is read."""
    return {
        "status": response.status,
        "version": {"HTTP/1.0": 10}.get(response.http_version, 11),
        "version_string": response.http_version or "HTTP/1.1",
        "reason": response.reason,
        "retries": retries,
        "request_method": method,
        "request_url": url,
        # Re-encoded content may have another length than the header says.
        "enforce_content_length": False,
    }


class _Body(io.BytesIO):
    """What a response reads from; as that of a connection, it is closed as soon as all of it was read."""

    def isclosed(self) -> bool:
        """Whether there is no more; urllib3 asks this before it asks for ``closed``."""
        return self.closed or self.tell() >= self.getbuffer().nbytes


class _NoBody(_Body):
    """One without content, which is closed when that was seen: urllib3 gives a connection back when it reads."""

    _was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self._was_read = True
        return super().read(size)

    def isclosed(self) -> bool:
        return self.closed or self._was_read


def _body(content: bytes) -> _Body:
    return _Body(content) if content else _NoBody()


def _read_chunked(response: HTTPResponse, amt: int | None, decode_content: bool | None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
    """What came in chunks, in pieces of so many bytes at most, unpacked only where that is asked for."""
    while part := response.read(amt or 2**16, bool(decode_content)):
        yield part


class _Chunked(HTTPResponse):
    """A response that came in chunks, which urllib3 unpacks while it streams them only where it is asked to."""

    def read_chunked(self, amt: int | None = None, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """The content in pieces of so many bytes at most."""
        return _read_chunked(self, amt, decode_content)

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """The content in pieces of so many bytes at most."""
        return super().stream(amt, bool(decode_content))


class _Eventful(_Chunked):
    """A response whose events are streamed one by one, as they came."""

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """The events, each in pieces of so many bytes at most."""
        body: Any = self._fp
        if body.closed or body.tell():
            yield from super().stream(amt, decode_content)
            return
        for event in http1.events(body.read()):
            size_bytes = amt or len(event)
            for start in range(0, len(event), size_bytes):
                self._fp_bytes_read += len(event[start : start + size_bytes])
                yield event[start : start + size_bytes]
        body.close()


class Broken(HTTPResponse):
    """A response that breaks off when all that came of it was read."""

    def __init__(self, broken_off: BrokenOff, method: str, url: str, *, preload: bool, decode: bool) -> None:
        came, packed = broken_off.came, wire.content_for_client(broken_off.came)
        self._undrift_error = _read_error(broken_off.error)
        unpacked = http1.pieces(replace(came, encoding=""), came.body)
        # By whether it is to be unpacked.
        self._undrift_rest = {False: http1.pieces(came, packed), True: unpacked}
        super().__init__(
            body=BreakingOff((), None),
            headers=_header_dict(http1.headers_broken_off(came, packed).fields),
            preload_content=preload,
            decode_content=decode,
            original_response=_Original(came.headers),  # type: ignore[arg-type] # all that is asked of it
            **_arguments(came, method, url, None),
        )

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 - urllib3's own signature
        """Some bytes at most; who wants all gets the error alone, as of a connection."""
        rest = self._undrift_rest[bool(self.decode_content if decode_content is None else decode_content)]
        if amt is None or not rest:
            raise self._undrift_error
        part = rest.pop(0)
        if part[amt:]:
            rest.insert(0, part[amt:])
        return part[:amt]

    read1 = read

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """What came in its pieces, each of so many bytes at most, and then the error."""
        while True:
            yield self.read(amt or 2**16, decode_content)


def _read_error(error: Exception) -> Exception:
    """What urllib3 makes of an error that reading a response ends with."""
    if isinstance(error, exceptions.HTTPError):
        return error
    if isinstance(error, TimeoutError):
        return exceptions.ReadTimeoutError(None, "", "Read timed out.")  # type: ignore[arg-type] # as urllib3 itself
    return exceptions.ProtocolError(f"Connection broken: {error!r}", error)


def unread(response: Response, method: str, url: str, retries: Any) -> Any:
    """urllib3's response for who stands above its pools and, as a rule, asks it for fields and content alone."""
    fields, named, content, parts = http1.handed(response)
    if len(parts) > 1:
        return built(response, method, url, retries=retries)
    original = None if _COOKIES.isdisjoint(named) else _Original(response.headers)
    return _Unread(_body(content), _header_dict(fields), original, (response, method, url, retries))


class _Unread(HTTPResponse):
    """A response that is made when somebody asks for more of it than its content, which needs no unpacking."""

    def __init__(
        self, body: _Body, fields: HTTPHeaderDict, original: _Original | None, rest: tuple[Response, str, str, Any]
    ) -> None:
        # Not that of HTTPResponse, which takes half as long as all else: it waits until it is missed.
        self._undrift_body: _Body | None = body
        self._undrift_rest = rest
        self.headers = fields
        self.status = rest[0].status
        self.reason = rest[0].reason
        self._original_response = original  # type: ignore[assignment] # all that is asked of it

    def __getattr__(self, name: str) -> Any:
        body = self.__dict__.pop("_undrift_body", None)
        if body is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        rest = self.__dict__.pop("_undrift_rest")
        # What somebody has set meanwhile, such as decode_content, stays.
        already = dict(self.__dict__)
        super().__init__(body, preload_content=False, decode_content=False, **_arguments(*rest))
        self.__dict__.update(already)
        return getattr(self, name)

    @property
    def closed(self) -> bool:
        """Whether there is nothing to read; asked when it is thrown away, too."""
        body = self.__dict__.get("_undrift_body")
        return super().closed if body is None else body.isclosed()

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """The content in pieces of so many bytes at most."""
        body = self.__dict__.get("_undrift_body")
        if body is None or body.closed or "content-encoding" in self.headers:
            return super().stream(amt, decode_content)
        return self._undrift_slices(body, amt)

    def read_chunked(self, amt: int | None = None, decode_content: bool | None = None) -> Generator[bytes]:  # noqa: FBT001 - urllib3's own signature
        """The content in pieces of so many bytes at most, where it came in chunks."""
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return super().read_chunked(amt, decode_content)
        return _read_chunked(self, amt, decode_content)

    def _undrift_slices(self, body: io.BytesIO, size_bytes: int | None) -> Generator[bytes]:
        self._fp_bytes_read = 0
        while part := body.read(size_bytes):
            self._fp_bytes_read += len(part)
            yield part
        body.close()


class _Original:
    """What requests reads cookies from, in place of the response of ``http.client``."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    @property
    def msg(self) -> http.client.HTTPMessage:
        """The header fields, from which cookies are read."""
        message = http.client.HTTPMessage()
        for name, value in self._headers.fields:
            message[name] = value
        return message

    def isclosed(self) -> bool:
        """Whether there is nothing to read here; it is read elsewhere."""
        return True

    def close(self) -> None:
        """There is nothing to close."""


def _header_dict(pairs: Iterable[tuple[str, str]]) -> HTTPHeaderDict:
    fields = HTTPHeaderDict()
    for name, value in pairs:
        fields.add(name, value)
    return fields
