"""tornado's own client, intercepted where it connects.

It gets a connection whose other end is here: what it writes is collected until the request
is whole, and the answer comes back as bytes for tornado's own parser. So redirects, streaming
callbacks and timeouts are tornado's, on replay as live.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import http1, wire
from undrift.engine.deck import Policy
from undrift.engine.exchange import NotSent, exchange, settle
from undrift.engine.failures import again, is_of_sending
from undrift.engine.routing import current_deck
from undrift.model import Failure, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tornado.iostream import IOStream

    from undrift.engine.deck import Deck
    from undrift.engine.exchange import Steps

    Connect = Callable[[], Awaitable[IOStream]]


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    from tornado.simple_httpclient import SimpleAsyncHTTPClient  # noqa: PLC0415 - only where it is installed

    yield SimpleAsyncHTTPClient, "fetch_impl", _fetching


def rows_of_websockets() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """The same for its websockets, which are not recorded, and in replay not opened."""
    from tornado.websocket import WebSocketClientConnection  # noqa: PLC0415 - only where it is installed

    yield WebSocketClientConnection, "__init__", _opening


def _opening(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def opening(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is not None and deck.options.policy is Policy.PLAY:
            # ws becomes http, and wss https (RFC 6455, section 3).
            url = f"http{request.url.removeprefix('ws')}"
            # What the deck is not to know goes its way; all else is refused.
            deck.answer(Request("GET", url, Headers.of([("Upgrade", "websocket")])))
        original(self, request, *args, **kwargs)

    return opening


def _fetching(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def fetch_impl(self: Any, request: Any, callback: Callable[..., None]) -> None:
        # Its way out; a websocket of tornado's takes another.
        deck = current_deck()
        if deck is not None and deck.terms is None and not isinstance(self.tcp_client, _Connector):
            self.tcp_client = _Connector(self.tcp_client)
        original(self, request, callback)

    return fetch_impl


class _Connector:
    """Connects to the current deck, and without one as the connector that it stands for."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def connect(self, host: str, port: int, **options: Any) -> Any:
        deck = current_deck()
        if deck is None or deck.terms is not None:
            return await self._real.connect(host, port, **options)
        scheme = "http" if options.get("ssl_options") is None else "https"
        play = _Play(deck, http1.origin(scheme, host, port), lambda: self._real.connect(host, port, **options))
        if deck.options.policy is Policy.RECORD:
            # While tornado waits for a connection and limits the time for it.
            await play.open()
        return play.near_end(options.get("max_buffer_size"))


class _Play:
    """One request, and the answer to it."""

    def __init__(self, deck: Deck, origin: str, connect: Connect) -> None:
        self._deck = deck
        self._origin = origin
        self._connect = connect
        self._writing = http1.Writing()
        self._far: Any = None
        self._real: IOStream | None = None
        self._broken: Exception | None = None
        # From deciding to send until it is known what came of it.
        self._steps: Steps | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect for real; what that raises is the client's only when the request is known, and kept."""
        from tornado.iostream import StreamClosedError  # noqa: PLC0415 - it is there, since it called us
        from tornado.simple_httpclient import HTTPTimeoutError  # noqa: PLC0415 - as above

        try:
            self._real = await self._connect()
        except TimeoutError as error:
            self._broken = HTTPTimeoutError(str(error) or "Timeout while connecting")
            self._broken.__cause__ = error
        except StreamClosedError as error:
            # Its client shows what is behind it.
            self._broken = error.real_error if isinstance(error.real_error, Exception) else error
        except Exception as error:  # noqa: BLE001 - it is raised again, where the request is known
            self._broken = error

    def near_end(self, max_buffer_size: int | None) -> IOStream:
        """The end of the connection that tornado holds."""
        from tornado.iostream import IOStream  # noqa: PLC0415 - it is there, since it called us

        play = self

        class NearEnd(IOStream):
            def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
                written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                play.take(data)
                written.set_result(None)
                return written

            def close(self, *args: Any, **kwargs: Any) -> None:
                play.stop()
                super().close(*args, **kwargs)

        near, far = socket.socketpair()
        self._far = IOStream(far)
        return NearEnd(near, max_buffer_size=max_buffer_size)

    def take(self, data: bytes | memoryview) -> None:
        """Take what the client writes, and answer once the request is whole."""
        __tracebackhide__ = True
        written = self._writing.feed(data)
        if written is not None:
            self._answer(written)
        elif self._writing.is_waiting_for_leave and not self._writing.has_leave:
            self._writing.has_leave = True
            self._start(self._give(http1.CONTINUE))

    def stop(self) -> None:
        """The client wants no more; when that is before the answer came, it has waited too long."""
        from tornado.simple_httpclient import HTTPTimeoutError  # noqa: PLC0415 - it is there, since it called us

        self._settle(HTTPTimeoutError("Timeout during request"))
        for stream in (self._far, self._real):
            if stream is not None:
                stream.close()

    def _answer(self, written: http1.Written) -> None:
        __tracebackhide__ = True
        steps = exchange(self._deck, written.at(self._origin))
        try:
            next(steps)
        except StopIteration as end:
            if not isinstance(end.value, Failure):
                self._start(self._give(http1.response_bytes(end.value, written.method), is_last=True))
            elif end.value.kind == "reset" and not is_of_sending(end.value):
                self._far.close()
            else:
                raise _error(end.value) from None
            return
        self._steps = steps
        if self._broken is not None:
            self._settle(NotSent(self._broken))
            raise self._broken
        self._start(self._send(written))

    def _start(self, work: Any) -> None:
        # The loop itself holds tasks but weakly.
        self._task = asyncio.get_running_loop().create_task(work)

    async def _give(self, data: bytes, *, is_last: bool = False) -> None:
        from tornado.iostream import StreamClosedError  # noqa: PLC0415 - it is there, since it called us

        with suppress(StreamClosedError):
            await self._far.write(data)
            if is_last:
                self._far.close()

    async def _send(self, written: http1.Written) -> None:
        if self._real is None:
            await self.open()
        try:
            received = await self._received(written)
        except Exception as error:  # noqa: BLE001 - it is kept, and the client sees its connection end
            self._settle(error)
            self._far.close()
            return
        self._settle(wire.response_from_wire(
            received.status, received.reason, received.headers, received.body, received.http_version
        ))  # fmt: skip
        await self._give(http1.response_bytes(received, written.method), is_last=True)

    async def _received(self, written: http1.Written) -> Response:
        """What a server answers, its body as it travelled."""
        from tornado.http1connection import HTTP1Connection  # noqa: PLC0415 - it is there, since it called us
        from tornado.httputil import HTTPHeaders, RequestStartLine  # noqa: PLC0415 - as above
        from tornado.simple_httpclient import HTTPStreamClosedError  # noqa: PLC0415 - as above

        if self._broken is not None:
            raise self._broken
        assert self._real is not None  # noqa: S101 - it is open, since nothing is broken
        connection, reader = HTTP1Connection(self._real, is_client=True), _reader()
        fields = HTTPHeaders()
        for name, value in written.headers:
            fields.add(name, value)
        try:
            connection.write_headers(RequestStartLine(written.method, written.target, ""), fields, written.content)
            connection.finish()
            await connection.read_response(reader)
        finally:
            self._real.close()
        if not reader.is_finished:
            raise self._real.error or HTTPStreamClosedError("Connection closed")
        line = reader.start_line
        return Response(
            line.code, line.reason or "", Headers.of(reader.fields), bytes(reader.content), http_version=line.version
        )

    def _settle(self, outcome: Response | NotSent | Exception) -> None:
        """Have the deck keep what came of sending, once."""
        steps, self._steps = self._steps, None
        if steps is not None:
            settle(steps, outcome)


def _reader() -> Any:
    """Takes a response from tornado's reading of a connection."""
    from tornado.httputil import HTTPMessageDelegate  # noqa: PLC0415 - it is there, since it called us

    class Reader(HTTPMessageDelegate):
        def __init__(self) -> None:
            self.start_line: Any = None
            self.fields: tuple[tuple[str, str], ...] = ()
            self.content = bytearray()
            self.is_finished = False

        def headers_received(self, start_line: Any, headers: Any) -> None:
            self.start_line = start_line
            self.fields = tuple(headers.get_all())

        def data_received(self, chunk: bytes) -> None:
            self.content += chunk

        def finish(self) -> None:
            self.is_finished = True

    return Reader()


def _error(failure: Failure) -> Exception:
    """What tornado raised live."""
    from tornado import simple_httpclient  # noqa: PLC0415 - it is there, since it called us

    if failure.kind == "timeout":
        return simple_httpclient.HTTPTimeoutError(failure.message)
    return again(failure.kind, failure.message, failure.error)
