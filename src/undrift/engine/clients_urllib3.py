"""urllib3, and with it requests and botocore, intercepted at its connections.

The connection is below urllib3's own retries and redirects, so that these see on replay
what they saw live. urllib3 connects before it says what it wants to send; so connecting
waits until the request is known.
"""

from __future__ import annotations

import errno
import http.client
import logging
import ssl
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

# Only where urllib3 was imported is this module, see undrift.engine.interception.
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

from undrift.engine import http1, wire
from undrift.engine.exchange import exchange
from undrift.engine.failures import again, error_of
from undrift.engine.reading import BrokenOff, is_open_ended, tapped
from undrift.engine.routing import current_deck
from undrift.engine.urllib3_responses import Broken, built
from undrift.model import Failure, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.engine.deck import Deck
    from undrift.engine.reading import Reading

LOG = logging.getLogger("urllib3.connectionpool")
"""Where urllib3 tells of each request; who is above its pools must not cut short what somebody listens to."""
_WAITING = "_undrift_waits_to_connect"
_ANSWER = "_undrift_answer"
# After these urllib3 reads the answer all the same: a server may refuse a body half-way.
_SURVIVED = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE})


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    yield HTTPConnection, "connect", _connect
    yield HTTPSConnection, "connect", _connect
    yield HTTPConnection, "request", _request
    yield HTTPConnection, "getresponse", _getresponse


def _connect(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def connect(self: Any) -> None:
        if getattr(self, _WAITING, False) or current_deck() is None:
            original(self)
            return
        if getattr(self, "cert_reqs", None) not in {None, ssl.CERT_NONE, "CERT_NONE"}:
            # Said in advance, as urllib3 asks before the request; the real connecting verifies.
            self.is_verified = True

    return connect


def _request(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def request(  # noqa: PLR0913 - urllib3's own signature
        self: Any,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        *,
        chunked: bool = False,
        preload_content: bool = True,
        decode_content: bool = True,
        enforce_content_length: bool = True,
    ) -> None:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is None:
            original(
                self, method, url, body, headers, chunked=chunked, preload_content=preload_content,
                decode_content=decode_content, enforce_content_length=enforce_content_length,
            )  # fmt: skip
            return
        content = _content(body)
        asked = wire.request_from_wire(method, _absolute(self, url), _headers(headers), content or b"")

        def send() -> None:
            original(
                self, method, url, content, headers, chunked=chunked, preload_content=False,
                decode_content=False, enforce_content_length=enforce_content_length,
            )  # fmt: skip

        answer = _Answer(self, deck, asked, method, url, preload=preload_content, decode=decode_content)
        setattr(self, _ANSWER, answer)
        answer.start(send)

    return request


def _getresponse(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def getresponse(self: Any) -> Any:
        answer: _Answer | None = self.__dict__.pop(_ANSWER, None)
        if answer is None:
            return original(self)
        return answer.finish(lambda: original(self))

    return getresponse


class _Answer:
    """One exchange on one connection, from its request to its response."""

    def __init__(  # noqa: PLR0913 - what the response must be built with
        self, connection: Any, deck: Deck, asked: Request, method: str, url: str, *, preload: bool, decode: bool
    ) -> None:
        self._connection = connection
        self._steps = exchange(deck, asked)
        self._method = method
        self._url = url
        self._preload = preload
        self._decode = decode
        # Who wants all of it at once waits for all of it, and a cassette of vcrpy's kind is given whole answers.
        self._may_stream = not preload and deck.terms is None
        self._played: Response | Failure | None = None

    def start(self, send: Callable[[], None]) -> None:
        """Decide, and send where that is what to do."""
        __tracebackhide__ = True
        try:
            next(self._steps)
        except StopIteration as end:
            self._played = end.value
            if isinstance(end.value, Failure) and _is_of_connecting(end.value):
                raise _connect_error(self._connection, end.value) from None
            return
        setattr(self._connection, _WAITING, True)
        try:
            self._trying(send, survived=_SURVIVED)
        finally:
            setattr(self._connection, _WAITING, False)

    def finish(self, receive: Callable[[], Any]) -> Any:
        """The response that the client shall see."""
        if isinstance(self._played, Failure):
            error = error_of(self._played)
            if self._played.response is None:
                raise error
            return self._broken_off(BrokenOff(self._played.response, error))
        if self._played is not None:
            return self._built(self._played)
        live = self._trying(receive)
        head = _response(live, b"")
        if not self._may_stream or not http1.has_body(head, self._method):
            received: Response = self._trying(lambda: _response(live, live.read(decode_content=False) or b""))
            self._settle(received)
            return self._built(received)
        reading = tapped(live._original_response, head)  # noqa: SLF001 - urllib3 has no public name
        if is_open_ended(head, self._method):
            # Its client gets it as it comes, and packed or not as it asked.
            live.decode_content = self._decode
            self._settle(reading)
            return live
        try:
            received = _response(live, live.read(decode_content=False) or b"")
        except Exception as error:  # noqa: BLE001 - it is the client's when it reads as far
            # Nothing more can be asked on it.
            self._connection.close()
            broken_off = reading.broken_off(error)
            self._settle(broken_off)
            return self._broken_off(broken_off)
        self._settle(received)
        return self._built(received)

    def _settle(self, outcome: Response | Reading | BrokenOff) -> None:
        with suppress(StopIteration):
            self._steps.send(outcome)

    def _trying(self, act: Callable[[], Any], survived: frozenset[int] = frozenset()) -> Any:
        try:
            return act()
        except Exception as error:
            if getattr(error, "errno", None) not in survived:
                self._steps.send(error)  # keeps the failure and raises it again
            raise

    def _broken_off(self, broken_off: BrokenOff) -> Any:
        return Broken(broken_off, self._method, self._url, preload=self._preload, decode=self._decode)

    def _built(self, response: Response) -> Any:
        return built(response, self._method, self._url, preload=self._preload, decode=self._decode)


def _response(live: Any, raw: bytes) -> Response:
    version = {10: "HTTP/1.0", 11: "HTTP/1.1", 20: "HTTP/2"}.get(live.version, "")
    return wire.response_from_wire(live.status, live.reason or "", _headers(live.headers), raw, version)


def _content(body: Any) -> bytes | None:
    """The whole body as bytes; None stays None, as urllib3 frames both differently."""
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        read = body.read()
        return read.encode() if isinstance(read, str) else bytes(read)
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    return b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in body)


def _headers(headers: Any) -> Headers:
    pairs = headers.items() if headers is not None else ()
    return Headers.of((_text(name), _text(value)) for name, value in pairs if isinstance(value, (str, bytes)))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _absolute(connection: Any, url: str) -> str:
    if not url.startswith("/"):
        return url  # a forward proxy is asked with the whole address
    is_tls = isinstance(connection, (http.client.HTTPSConnection, HTTPSConnection))
    return f"{http1.origin_of(connection, is_tls=is_tls)}{url}"


def _is_of_connecting(failure: Failure) -> bool:
    return failure.kind in {"dns", "connection-refused"} or failure.error == "ConnectTimeoutError"


def _connect_error(connection: Any, failure: Failure) -> Exception:
    if failure.error == "ConnectTimeoutError":
        return exceptions.ConnectTimeoutError(connection, failure.message)
    error = again(failure.kind, failure.message)
    if failure.kind == "dns":
        resolution: Exception = exceptions.NameResolutionError(connection.host, connection, error)  # type: ignore[arg-type] # gaierror
        return resolution
    return exceptions.NewConnectionError(connection, f"Failed to establish a new connection: {error}")
