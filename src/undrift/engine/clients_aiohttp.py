"""aiohttp, intercepted where its connector gives a connection for one request.

The connection leads nowhere: what aiohttp writes to it is collected until the request is
whole, and the answer is put where aiohttp's own parser would put it. So redirects, cookies,
retries and timeouts are aiohttp's, on replay as live. When recording, what really arrives
is passed on as it comes.
"""

from __future__ import annotations

import asyncio
import textwrap
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

# Only where aiohttp was imported is this module, see undrift.engine.interception.
import aiohttp
from aiohttp import HttpVersion10, HttpVersion11
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from undrift.engine import http1, wire
from undrift.engine.deck import Policy
from undrift.engine.exchange import exchange, settle
from undrift.engine.failures import PATIENCE_SECONDS, GivenUpError, again, is_given_up
from undrift.engine.reading import BrokenOff
from undrift.engine.routing import current_deck
from undrift.errors import PlaybackError
from undrift.model import Failure, Headers, Response, octets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from undrift.engine.deck import Deck
    from undrift.engine.exchange import Steps

    Connect = Callable[[], Awaitable[Connection]]

# What aiohttp unpacks on its own; anything else it hands out as it travelled.
_UNPACKED = frozenset({"gzip", "deflate", "br", "zstd"})


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    yield aiohttp.BaseConnector, "connect", _connect


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - aiohttp's own name
        deck = current_deck()
        if deck is None or deck.terms is not None or (deck.options.policy is not Policy.PLAY and _upgrades(req)):
            return await original(self, req, traces, timeout)
        loop = asyncio.get_running_loop()
        handler = _Handler(loop)
        play = _Play(deck, req, handler, lambda: original(self, req, traces, timeout))
        if deck.options.policy is Policy.RECORD:
            # A proxy's credentials are put into the request by connecting, so this comes first.
            await play.open()
        handler.connection_made(_Transport(loop, handler, play))
        return Connection(self, req.connection_key, handler, loop)

    return connect


class _Handler(ResponseHandler):
    """aiohttp's own side of the connection, which tells how it wants its answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.wishes: dict[str, Any] = {}
        # A connector must not give this connection to anybody else.
        self.force_close()

    def set_response_params(self, **wishes: Any) -> None:
        self.wishes = wishes
        # The real connection is timed; this one never has anything to wait for.
        super().set_response_params(**{**wishes, "read_timeout": None})

    def pause_reading(self) -> None:
        """Nothing comes that could be held back."""

    def resume_reading(self, *_: object, **__: object) -> None:
        """Nothing was held back."""


def _upgrades(req: Any) -> bool:
    """Whether a request asks for a WebSocket."""
    return "websocket" in req.headers.get("Upgrade", "").lower()


class _Transport(asyncio.Transport):
    """Where aiohttp writes its request to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handler: ResponseHandler, play: _Play) -> None:
        super().__init__()
        self._loop = loop
        self._handler = handler
        self._play = play
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._play.take(data)

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._play.stop()
            self._loop.call_soon(self._handler.connection_lost, None)

    abort = close

    def get_write_buffer_size(self) -> int:
        return 0


class _Play:
    """One request, and the answer to it."""

    def __init__(self, deck: Deck, req: Any, handler: Any, connect: Connect) -> None:
        self._deck = deck
        self._req = req
        self._handler = handler
        self._connect = connect
        self._writing = http1.Writing()
        self._connection: Any = None
        self._broken: Exception | None = None
        # From deciding to send until it is known what came of it.
        self._steps: Steps | None = None
        self._sending: asyncio.Task[None] | None = None
        self._head: Response | None = None
        self._content: Any = None
        self._received: list[bytes] = []

    async def open(self) -> None:
        """Connect for real; what that raises is the client's only when the request is known, and kept."""
        try:
            self._connection = await self._connect()
        except TimeoutError as error:
            self._broken = aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._req.url}")
            self._broken.__cause__ = error
        except Exception as error:  # noqa: BLE001 - it is raised again, where the request is known
            self._broken = error

    def take(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Take what the client writes, and answer once the request is whole."""
        written = self._writing.feed(data)
        if written is not None:
            self._answer(written)
        elif self._writing.is_waiting_for_leave and not self._writing.has_leave:
            self._writing.has_leave = True
            self._give_head(Response(100, "Continue"), "GET")

    def stop(self) -> None:
        """The client wants no more: what came so far is what there is."""
        if self._steps is not None:
            # The total timeout, which is not told to the connection, cancels its client as well.
            is_late = getattr(self._handler.wishes.get("timer"), "_cancelled", False)
            gone = TimeoutError("The client did not wait for the answer.") if is_late else GivenUpError()
            if self._head is None:
                self._settle(gone)
            elif is_late or getattr(self._content, "is_cancelled", False):
                self._settle(BrokenOff(self._came(), gone))
            else:
                # The client has read as far as it wants.
                self._settle(self._came())
            if self._sending is not None:
                self._sending.cancel()
        elif self._sending is None and self._connection is not None:
            self._connection.close()

    def _answer(self, written: http1.Written) -> None:
        url = self._req.url
        origin = http1.origin(url.scheme, url.raw_host, url.port)
        deck = self._deck
        at_hand = deck.ready(written.method, written.url_at(origin), deck.told(written.headers), written.content)
        if at_hand is not None:
            self._give(at_hand, written.method)
            return
        steps = exchange(deck, written.at(origin))
        try:
            next(steps)
        except StopIteration as end:
            if isinstance(end.value, Failure):
                self._give_failure(end.value, written.method)
            else:
                self._give(end.value, written.method)
        except PlaybackError as refusal:
            # Raised where the client waits for its answer; here, its writer would wrap it.
            self._fail(refusal)
        else:
            self._steps = steps
            self._sending = asyncio.get_running_loop().create_task(self._send(written.method))

    async def _send(self, method: str) -> None:
        payload: Any = None
        try:
            content = await self._ask(method)
            assert self._head is not None  # noqa: S101 - asking gave it
            payload = self._content = self._give_head(self._head, method)
            # Not iter_chunks(), which never ends for a response without content.
            while not content.at_eof():
                part, ends_chunk = await content.readchunk()
                self._received.append(part)
                self._feed(payload, part, ends_chunk=ends_chunk and http1.is_chunked(self._head))
        except Exception as error:  # noqa: BLE001 - whatever came is kept, and the client's
            self._settle(error if payload is None else BrokenOff(self._came(), error))
            self._fail(error, payload)
        else:
            self._settle(self._came())
            payload.feed_eof()
            self._connection.release()
        finally:
            if self._connection is not None:
                self._connection.close()

    async def _ask(self, method: str) -> Any:
        """Send what the client wrote, and wait for the head of the answer; gives its content to be read."""
        if self._connection is None and self._broken is None:
            await self.open()
        if self._broken is not None:
            raise self._broken
        protocol = self._connection.protocol
        wishes = self._handler.wishes
        protocol.set_response_params(**{**wishes, "skip_payload": method == "HEAD", "read_until_eof": True})
        protocol.transport.write(bytes(self._writing.raw))
        protocol.start_timeout()
        while True:
            message, content = await protocol.read()
            if not 100 <= message.code < 200:  # noqa: PLR2004 - informational
                break
        fields = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in message.raw_headers)
        version = f"HTTP/{message.version.major}.{message.version.minor}"
        # In the model each octet is a letter, as in header fields; aiohttp takes them for UTF-8.
        reason = message.reason.encode("utf-8", "surrogateescape").decode("latin-1")
        self._head = Response(message.code, reason, Headers.of(fields), http_version=version)
        return content

    def _settle(self, outcome: Response | BrokenOff | Exception) -> None:
        """Have the deck keep what came of sending, once."""
        steps, self._steps = self._steps, None
        if steps is not None:
            settle(steps, outcome)

    def _came(self) -> Response:
        """What was received, as the model has it."""
        head, content = self._head or Response(0), b"".join(self._received)
        if content and self._is_unpacked(head):
            return replace(head, body=content, encoding=head.headers.get("Content-Encoding") or "")
        return wire.response_from_wire(head.status, head.reason, head.headers, content, head.http_version)

    def _is_unpacked(self, response: Response) -> bool:
        """Whether aiohttp unpacks the content."""
        encoding = (response.headers.get("Content-Encoding") or "").lower()
        return self._handler.wishes.get("auto_decompress", True) and encoding in _UNPACKED

    def _give_failure(self, failure: Failure, method: str) -> None:
        error = _error(failure, self._req)
        if failure.response is not None:
            self._give_content(self._give_head(failure.response, method, error), failure.response)
        elif is_given_up(failure):
            asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._fail, error)
        else:
            self._fail(error)

    def _give(self, response: Response, method: str) -> None:
        payload = self._give_head(response, method)
        self._give_content(payload, response)
        payload.feed_eof()

    def _give_content(self, payload: Any, response: Response) -> None:
        is_unpacked = not response.encoding or self._is_unpacked(response)
        content = response.body if is_unpacked else wire.content_for_client(response)
        ends_chunk = http1.is_chunked(response)
        for piece in http1.pieces(response, content):
            self._feed(payload, piece, ends_chunk=ends_chunk)

    def _give_head(self, response: Response, method: str, breaks: Exception | None = None) -> Any:
        """Put a message where aiohttp waits for one; gives the stream for its content, which may break off."""
        message = _message(response, is_whole=breaks is None)
        payload: Any = EMPTY_PAYLOAD
        wishes = self._handler.wishes
        if http1.has_body(response, method) and response.status >= 200:  # noqa: PLR2004 - not informational
            limit, timer = wishes.get("read_bufsize", 2**16), wishes.get("timer")
            payload = _Stream(self._handler, limit, timer=timer, loop=asyncio.get_running_loop())
            payload.breaks = breaks
            if message.chunked:
                payload.begin_http_chunk_receiving()
        self._handler.feed_data((message, payload), 0)
        return payload

    def _feed(self, payload: Any, part: bytes, *, ends_chunk: bool) -> None:
        if part:
            payload.feed_data(part)
        if ends_chunk:
            payload.end_http_chunk_receiving()

    def _fail(self, error: Exception, payload: Any = None) -> None:
        (self._handler if payload is None else payload).set_exception(error)


class _Stream(StreamReader):
    """What content is read from; it may break off when all of it was read."""

    breaks: Exception | None = None
    """What comes after all that is there to be read: told at once, it would come before that."""
    is_cancelled = False
    """Whether who waited for more was cancelled."""

    async def _wait(self, func_name: str) -> None:
        if self.breaks is not None and not isinstance(self.breaks, GivenUpError):
            raise self.breaks
        try:
            await super()._wait(func_name)
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise


def _message(response: Response, *, is_whole: bool = True) -> Any:
    """What aiohttp's parser makes of the head of a response."""
    if is_whole:
        fields = wire.headers_for_client(response).fields
    else:
        fields = http1.headers_broken_off(response, response.body).fields
    raw = tuple(wire.octets_of(fields))
    texts = CIMultiDict(fields if all(map(_is_ascii, fields)) else map(_as_aiohttp_reads, raw))
    return RawResponseMessage(
        version=HttpVersion10 if response.http_version == "HTTP/1.0" else HttpVersion11,
        code=response.status,
        reason=response.reason if response.reason.isascii() else _read_by_aiohttp(octets(response.reason)),
        headers=CIMultiDictProxy(texts),
        raw_headers=raw,
        should_close=True,
        compression=None,
        upgrade=False,
        chunked=http1.is_chunked(response),
    )


def _is_ascii(field: tuple[str, str]) -> bool:
    return field[0].isascii() and field[1].isascii()


def _as_aiohttp_reads(field: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = field
    return _read_by_aiohttp(name), _read_by_aiohttp(value)


def _read_by_aiohttp(travelled: bytes) -> str:
    return travelled.decode("utf-8", "surrogateescape")


def _not_http(message: str) -> Exception:
    """What aiohttp's parser raises for what is no HTTP, from its text."""
    return HttpProcessingError(code=400, message=textwrap.dedent(message.partition(":\n")[2]))


def _error(failure: Failure, req: Any) -> Exception:
    """What aiohttp raised live: by its name, else by the kind of failure."""
    socket_error = again(failure.kind, failure.message)
    named: dict[str, Callable[[str], Exception]] = {
        "ServerDisconnectedError": aiohttp.ServerDisconnectedError,
        "SocketTimeoutError": aiohttp.SocketTimeoutError,
        "ConnectionTimeoutError": aiohttp.ConnectionTimeoutError,
        "ClientPayloadError": aiohttp.ClientPayloadError,
        "ClientConnectionError": aiohttp.ClientConnectionError,
        "ClientConnectionResetError": aiohttp.ClientConnectionResetError,
        "TimeoutError": TimeoutError,
        "GivenUpError": GivenUpError,
        "HttpProcessingError": _not_http,
    }
    if failure.error in named:
        return named[failure.error](failure.message)
    about_connecting = {
        "dns": aiohttp.ClientConnectorDNSError,
        "connection-refused": aiohttp.ClientConnectorError,
        "tls": aiohttp.ClientConnectorSSLError,
    }
    if failure.error == "ClientConnectorCertificateError":
        return aiohttp.ClientConnectorCertificateError(req.connection_key, socket_error)
    if failure.error == "ClientProxyConnectionError":
        return aiohttp.ClientProxyConnectionError(req.connection_key, socket_error)
    if failure.kind in about_connecting:
        return about_connecting[failure.kind](req.connection_key, socket_error)
    if failure.kind == "timeout" or failure.response is not None:
        kind = aiohttp.ServerTimeoutError if failure.kind == "timeout" else aiohttp.ClientPayloadError
        return kind(failure.message)
    return aiohttp.ClientOSError(socket_error.errno, socket_error.strerror)
