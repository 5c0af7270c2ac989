"""HTTP/1.1 as bytes: requests that clients write, and the responses they are to read.

For clients that are intercepted where they write to a connection. Both sides are the
client's own code, so it sees on replay what it would make of the same bytes live.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from undrift.engine import wire
from undrift.model import Headers, Request, octets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.model import Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;|\Z)")
_END_OF_EVENT = re.compile(rb"(?<=\n\n)|(?<=\r\r)|(?<=\n\r\n)")


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A whole request as a client wrote it; ``content`` is its body without transfer coding.

    Printing it shows nothing of what may be a secret.
    """

    method: str
    target: str
    headers: Headers
    content: bytes

    def url_at(self, origin: str) -> str:
        """The URL of the request, sent to an origin such as ``https://api.example.com``."""
        # A forward proxy is asked with the whole address.
        return f"{origin}{self.target}" if self.target.startswith("/") else self.target

    def at(self, origin: str) -> Request:
        """The request of the model, sent to an origin."""
        return wire.request_from_wire(self.method, self.url_at(origin), self.headers, self.content)


class Writing:
    """Takes the bytes of one request, piece by piece, until it is whole."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self.has_leave = False
        """Whether a client that waits for leave was told to continue; for the one who tells."""
        self._head: tuple[str, str, Headers] | None = None
        self._is_chunked = False
        self._length_bytes = 0
        self._place = 0
        self._content = bytearray()
        self._is_whole = False

    def feed(self, data: bytes | bytearray | memoryview) -> Written | None:
        """Take some bytes; gives the request once it is whole, and once only."""
        self.raw += data
        if self._is_whole:
            return None
        if self._head is None:
            end = self.raw.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._head = _head(self.raw[:end].decode("latin-1"))
            self._place = end + 4
            self._take_framing(self._head[2])
        self._is_whole = self._takes_chunks() if self._is_chunked else self._takes_length()
        return self.as_it_is() if self._is_whole else None

    @property
    def is_waiting_for_leave(self) -> bool:
        """Whether the client sends the body only when told to continue."""
        return (
            self._head is not None
            and not self._is_whole
            and (self._head[2].get("Expect") or "").lower() == "100-continue"
        )

    def as_it_is(self) -> Written:
        """The request as far as it was written."""
        method, target, headers = self._head or ("GET", "/", Headers())
        return Written(method, target, headers, bytes(self._content))

    def _take_framing(self, headers: Headers) -> None:
        named = {name.lower(): value for name, value in reversed(headers.fields)}  # the first of several counts
        self._is_chunked = "chunked" in named.get("transfer-encoding", "").lower()
        if not self._is_chunked:
            self._length_bytes = int(named.get("content-length") or "0")

    def _takes_length(self) -> bool:
        self._content += self.raw[self._place : self._place + self._length_bytes - len(self._content)]
        self._place = len(self.raw)
        return len(self._content) >= self._length_bytes

    def _takes_chunks(self) -> bool:
        while (line_end := self.raw.find(b"\r\n", self._place)) >= 0:
            size = int(bytes(self.raw[self._place : line_end]).partition(b";")[0], 16)
            start = line_end + 2
            if size == 0:
                # Behind the last chunk there may be trailers, and then an empty line.
                return self.raw.find(b"\r\n\r\n", line_end) >= 0
            if len(self.raw) < start + size + 2:
                return False
            self._content += self.raw[start : start + size]
            self._place = start + size + 2
        return False


def _head(head: str) -> tuple[str, str, Headers]:
    first, *lines = head.split("\r\n")
    method, _, rest = first.partition(" ")
    fields = [(name, value.strip(" \t")) for name, _, value in [line.partition(":") for line in lines]]
    return method, rest.rpartition(" ")[0] or rest, Headers(tuple(fields))


def origin_of(connection: Any, *, is_tls: bool) -> str:
    """Where a connection of ``http.client``, or one derived from it, leads; through a proxy too."""
    tunnelled = getattr(connection, "_tunnel_host", None)
    host = tunnelled or connection.host
    port = connection._tunnel_port if tunnelled else connection.port  # noqa: SLF001 - http.client has no public name
    return origin("https" if is_tls else "http", host, port)


def origin(scheme: str, host: str, port: int | None) -> str:
    """An origin as URLs have it, without a default port."""
    named = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{named}" + ("" if port in {None, _DEFAULT_PORTS[scheme]} else f":{port}")


def has_body(response: Response, method: str) -> bool:
    """Whether a response to such a request carries any content."""
    return method != "HEAD" and response.status not in {204, 304}


def pieces(response: Response, content: bytes) -> list[bytes]:
    """The content in pieces to hand out one by one: the events of an event stream, else all of it."""
    kind = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "text/event-stream" or response.encoding:
        return [content] if content else []
    return events(content)


class Handed(NamedTuple):
    """What a client is handed of a response.

    ``named`` has the first value of each field by its name in lower case; ``parts`` are the
    events of an event stream, empty for anything else.
    """

    fields: tuple[tuple[str, str], ...]
    named: dict[str, str]
    content: bytes
    parts: Sequence[bytes]


def handed(response: Response) -> Handed:
    """A response made ready for its client; gone over once, as most replayed requests come by here."""
    fields, content = response.headers.fields, wire.content_for_client(response)
    named = {name.lower(): value for name, value in reversed(fields)}  # of several of one name the first counts
    if named.get("content-length", "") not in {"", str(len(content))}:
        fields = wire.headers_for_client(response).fields
    is_eventful = "event-stream" in named.get("content-type", "").lower()
    return Handed(fields, named, content, pieces(response, content) if is_eventful else ())


def events(content: bytes) -> list[bytes]:
    """The events of an event stream (WHATWG HTML, section 9.2.5), each with the empty line that ends it."""
    return [event for event in _END_OF_EVENT.split(content) if event]


class Unchunked(NamedTuple):
    """The content of chunks as far as they came, whether that is all of it, and whether what follows is no chunk."""

    content: bytes
    is_whole: bool = False
    is_broken: bool = False


def unchunked(raw: bytes) -> Unchunked:
    """What stands in chunks (RFC 9112, section 7.1)."""
    content, place = bytearray(), 0
    while (line_end := raw.find(b"\r\n", place)) >= 0:
        found = _CHUNK_SIZE.match(raw, place, line_end)
        if found is None:
            return Unchunked(bytes(content), is_broken=True)
        size = int(found[1], 16)
        if size == 0:
            return Unchunked(bytes(content), is_whole=True)
        start = line_end + 2
        content += raw[start : start + size]
        place = start + size + 2
    return Unchunked(bytes(content))


def headers_broken_off(response: Response, content: bytes) -> Headers:
    """The header fields of a response of which no more than this content came."""
    length = response.headers.get("Content-Length")
    if length is None or (length.isdecimal() and int(length) > len(content)):
        return response.headers
    # What is packed anew, or was scrubbed, may be longer than it was.
    return response.headers.with_value("Content-Length", str(len(content) + 1))


def is_chunked(response: Response) -> bool:
    """Whether the content came in chunks."""
    return "chunked" in (response.headers.get("Transfer-Encoding") or "").lower()


def response_bytes(response: Response, method: str, *, is_whole: bool = True) -> bytes:
    """A response as a server would send it; its Content-Length is that of what is sent here.

    One that is not whole breaks off, and where it says its length, that is of more.
    """
    return b"".join(_response_parts(response, method, is_whole=is_whole))


def _response_parts(response: Response, method: str, *, is_whole: bool) -> Iterator[bytes]:
    content = wire.content_for_client(response) if has_body(response, method) else b""
    if not is_whole:
        headers = headers_broken_off(response, content)
    else:
        headers = wire.headers_for_client(response)
        if content and "Content-Length" in headers:
            # Content that is packed anew may have another length than it had live.
            headers = headers.with_value("Content-Length", str(len(content)))
    version = "HTTP/1.0" if response.http_version == "HTTP/1.0" else "HTTP/1.1"
    yield octets(f"{version} {response.status} {response.reason}\r\n")
    for name, value in headers:
        yield octets(name) + b": " + octets(value) + b"\r\n"
    yield b"\r\n"
    if not is_chunked(response):
        yield content
        return
    for piece in pieces(response, content):
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    if is_whole and has_body(response, method):
        yield b"0\r\n\r\n"
