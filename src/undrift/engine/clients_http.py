"""``http.client``, and with it urllib, xmlrpc and httplib2, intercepted where it connects and writes.

What is written is collected until the request is whole. Then it is answered from the deck,
or sent as it was written. The answer is given as bytes to ``http.client``'s own parser, so
that its users get its own responses.
"""

from __future__ import annotations

import http.client
import io
import sys
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import http1, wire
from undrift.engine.breaking import BreakingOff
from undrift.engine.exchange import NotSent, exchange
from undrift.engine.failures import error_of, is_of_sending
from undrift.engine.reading import BrokenOff, is_open_ended, tapped
from undrift.engine.routing import current_deck
from undrift.model import Failure, Headers, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.engine.deck import Deck
    from undrift.engine.exchange import Outcome, Steps
    from undrift.engine.reading import Reading

_TALK = "_undrift_talk"


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    yield http.client.HTTPConnection, "connect", _connect
    yield http.client.HTTPSConnection, "connect", _connect
    yield http.client.HTTPConnection, "putrequest", _putrequest
    yield http.client.HTTPConnection, "send", _send
    yield http.client.HTTPConnection, "getresponse", _getresponse


def rows_of_httplib2() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """The same for httplib2, whose connections connect in a way of their own."""
    import httplib2  # noqa: PLC0415 - only where it is installed, and not before a deck is needed

    yield httplib2.HTTPConnectionWithTimeout, "connect", _connect
    yield httplib2.HTTPSConnectionWithTimeout, "connect", _connect


def _connect(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def connect(self: Any) -> None:
        # What shall be sent is not known yet, nor whether anything will be.
        if _talk(self) is not None or _deck(self) is None:
            original(self)
        elif self.sock is None:
            self.sock = _NoSocket()

    return connect


def _putrequest(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def putrequest(self: Any, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop(_TALK, None)
        original(self, *args, **kwargs)
        deck = _deck(self)
        if deck is not None:
            setattr(self, _TALK, _Talk(self, deck))
        elif isinstance(self.sock, _NoSocket):
            # It was connected when there was a deck, and there is none any more.
            self.sock = None

    return putrequest


def _send(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def send(self: Any, data: Any) -> None:
        __tracebackhide__ = True
        talk = _talk(self)
        if talk is None or talk.is_sending:
            original(self, data)
            return
        for part in _parts(data):
            talk.take(part, lambda raw: original(self, raw))

    return send


def _getresponse(original: Callable[..., http.client.HTTPResponse]) -> Callable[..., http.client.HTTPResponse]:
    @wraps(original)
    def getresponse(self: Any) -> http.client.HTTPResponse:
        __tracebackhide__ = True
        talk = _talk(self)
        if talk is None:
            return original(self)
        delattr(self, _TALK)
        answer: http.client.HTTPResponse = talk.answered(lambda: original(self), lambda raw: original_send(self, raw))
        return answer

    original_send = http.client.HTTPConnection.send
    return getresponse


class _Talk:
    """One request on one connection, and the answer to it."""

    def __init__(self, connection: Any, deck: Deck) -> None:
        self._connection = connection
        self._deck = deck
        self._writing = http1.Writing()
        self._steps: Steps | None = None
        self._method = "GET"
        self._played: Response | Failure | None = None
        self.is_sending = False

    def take(self, data: Any, send: Callable[[Any], None]) -> None:
        """Take what the client writes; decide, and send where that is what to do, once it is whole."""
        __tracebackhide__ = True
        if self._steps is not None:
            # More than the header fields promised: a server gets it, a deck need not know.
            if self._played is None:
                send(data)
            return
        written = self._writing.feed(data)
        if written is not None:
            self._decide(written, send)

    def answered(self, receive: Callable[[], http.client.HTTPResponse], send: Callable[[Any], None]) -> Any:
        """The response that the client shall see."""
        __tracebackhide__ = True
        if self._steps is None:
            # The client wrote less than its header fields promised.
            self._decide(self._writing.as_it_is(), send)
        if isinstance(self._played, Failure):
            error = error_of(self._played)
            if self._played.response is None:
                raise error
            return self._from(BrokenOff(self._played.response, error), receive)
        if self._played is not None:
            return self._from(self._played, receive)
        return self._live(receive)

    def _decide(self, written: http1.Written, send: Callable[[Any], None]) -> None:
        __tracebackhide__ = True
        connection = self._connection
        is_tls = isinstance(connection, http.client.HTTPSConnection)
        self._method = written.method
        self._steps = exchange(self._deck, written.at(http1.origin_of(connection, is_tls=is_tls)))
        try:
            next(self._steps)
        except StopIteration as end:
            self._played = end.value
            if isinstance(end.value, Failure) and is_of_sending(end.value):
                raise error_of(end.value) from None
            return
        self.is_sending = True
        try:
            if isinstance(connection.sock, _NoSocket):
                connection.sock = None
            if connection.sock is None:
                self._trying(connection.connect, NotSent)
            self._trying(lambda: send(bytes(self._writing.raw)), NotSent)
        finally:
            self.is_sending = False
            self._writing.raw.clear()

    def _live(self, receive: Callable[[], http.client.HTTPResponse]) -> http.client.HTTPResponse:
        live: http.client.HTTPResponse = self._trying(receive)
        head = _response(live, b"")
        if not http1.has_body(head, self._method):
            received: Response | BrokenOff = _response(live, self._trying(live.read))
        else:
            reading = tapped(live, head)
            if is_open_ended(head, self._method):
                self._settle(reading)
                return live
            try:
                received = _response(live, live.read())
            except Exception as error:  # noqa: BLE001 - it is the client's when it reads as far
                live.close()
                received = reading.broken_off(error)
        self._settle(received)
        return self._parsed(received)

    def _settle(self, outcome: Response | Reading | BrokenOff) -> None:
        with suppress(StopIteration):
            self._steps.send(outcome)  # type: ignore[union-attr] # it was decided before

    def _from(
        self, played: Response | BrokenOff, receive: Callable[[], http.client.HTTPResponse]
    ) -> http.client.HTTPResponse:
        """``http.client``'s own reading of a recorded response, which leaves its connection as it would live."""
        connection = self._connection
        before, connection.sock = connection.sock, self._socket(played)
        try:
            return _with_length(receive(), played)
        finally:
            if connection.sock is not None:
                connection.sock = before

    def _parsed(self, received: Response | BrokenOff) -> http.client.HTTPResponse:
        raw: Any = self._socket(received)
        response: http.client.HTTPResponse = self._connection.response_class(raw, method=self._method)
        response.begin()
        return _with_length(response, received)

    def _socket(self, given: Response | BrokenOff) -> _NoSocket:
        """Where a response is read from."""
        if isinstance(given, Response):
            return _NoSocket(io.BytesIO(http1.response_bytes(given, self._method)))
        came = http1.response_bytes(given.came, self._method, is_whole=False)
        # That less came than was promised, http.client finds out by itself.
        error = None if isinstance(given.error, http.client.HTTPException) else given.error
        return _NoSocket(BreakingOff([came], error))

    def _trying(self, act: Callable[[], Any], failed: Callable[[Exception], Outcome] = lambda error: error) -> Any:
        try:
            return act()
        except Exception as error:
            self._steps.send(failed(error))  # type: ignore[union-attr] # keeps the failure and raises it again
            raise


class _NoSocket:
    """Stands where a socket would be: takes what is written, and gives a response to read."""

    def __init__(self, response: io.RawIOBase | io.BytesIO | None = None) -> None:
        self._response: Any = response or io.BytesIO()

    def makefile(self, *_: object) -> io.BufferedReader:
        # Chunks are read by line with a peek ahead, which BytesIO alone has not.
        return io.BufferedReader(self._response)

    def fileno(self) -> int:
        return -1

    def _nothing(self, *_: object) -> None:
        """There is nothing to set or to close."""

    close = settimeout = setsockopt = shutdown = sendall = setblocking = _nothing


def _response(live: http.client.HTTPResponse, content: bytes) -> Response:
    version = "HTTP/1.0" if live.version == 10 else "HTTP/1.1"  # noqa: PLR2004 - its number in http.client
    return wire.response_from_wire(live.status, live.reason, Headers.of(live.headers.items()), content, version)


def _with_length(response: http.client.HTTPResponse, recorded: Response | BrokenOff) -> http.client.HTTPResponse:
    """The response with the length that it had live, where what is read now has another."""
    if not isinstance(recorded, Response):
        return response
    length = wire.headers_for_client(recorded).get("Content-Length")
    if length is not None and response.headers["Content-Length"] != length:
        response.headers.replace_header("Content-Length", length)
    return response


def _talk(connection: Any) -> _Talk | None:
    talk: _Talk | None = connection.__dict__.get(_TALK)
    return talk


def _deck(connection: Any) -> Deck | None:
    """The deck that plays on a connection; None where another way of interception has it.

    Those are the connections of urllib3, and any while a deck is one for vcrpy's own stubs.
    """
    urllib3 = sys.modules.get("urllib3.connection")
    if urllib3 is not None and isinstance(connection, urllib3.HTTPConnection):
        return None
    deck = current_deck()
    return deck if deck is not None and deck.terms is None else None


def _parts(data: Any) -> Iterator[Any]:
    """What ``send`` may be given: bytes, a file, or an iterable of either."""
    if hasattr(data, "read"):
        content = data.read()
        yield content.encode("latin-1") if isinstance(content, str) else content
    elif isinstance(data, (bytes, bytearray, memoryview)):
        yield data
    else:
        yield from data
