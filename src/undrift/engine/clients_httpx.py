"""httpx, intercepted at its transports, which are its public boundary to the network."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import wire
from undrift.engine.exchange import Sent, exchange
from undrift.engine.routing import current_deck
from undrift.model import Failure, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    import httpx  # noqa: PLC0415 - only where it is installed, and not before a deck is needed

    yield httpx.HTTPTransport, "handle_request", _sync
    yield httpx.AsyncHTTPTransport, "handle_async_request", _async


def _sync(original: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    @wraps(original)
    def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is None:
            return original(self, request)
        content = request.read()
        steps = exchange(deck, _request(request, content))
        live: httpx.Response | None = None
        try:
            next(steps)
            try:
                live = original(self, request)
                raw = b"".join(live.iter_raw())
                live.close()
            except Exception as error:
                steps.send(error)
                raise
            steps.send(_kept(live, raw))
        except StopIteration as end:
            return _given(end.value, request, live)
        raise AssertionError  # the steps always end

    return handle_request


def _async(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def handle_async_request(self: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is None:
            live: httpx.Response = await original(self, request)
            return live
        content = await request.aread()
        steps = exchange(deck, _request(request, content))
        received: httpx.Response | None = None
        try:
            next(steps)
            try:
                received = await original(self, request)
                raw = b"".join([part async for part in received.aiter_raw()])
                await received.aclose()
            except Exception as error:
                steps.send(error)
                raise
            steps.send(_kept(received, raw))
        except StopIteration as end:
            return _given(end.value, request, received)
        raise AssertionError  # the steps always end

    return handle_async_request


def _request(request: httpx.Request, content: bytes) -> Request:
    return wire.request_from_wire(request.method, str(request.url), _headers(request.headers.raw), content)


def _kept(live: httpx.Response, raw: bytes) -> Response:
    version = live.extensions.get("http_version", b"").decode("ascii", "replace")
    return wire.response_from_wire(live.status_code, live.reason_phrase, _headers(live.headers.raw), raw, version)


def _headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return Headers.of((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _given(outcome: Response | Failure | Sent, request: httpx.Request, live: httpx.Response | None) -> httpx.Response:
    """What the client gets: the recorded response, or the live one with its body at hand again."""
    import httpx  # noqa: PLC0415 - it is there, since it called us

    if isinstance(outcome, Failure):
        raise _error(httpx, outcome, request)
    if isinstance(outcome, Sent):
        response = outcome.response
        extensions = {} if live is None else dict(live.extensions)
        # The connection is done with, and nobody may read from it again.
        extensions.pop("network_stream", None)
    else:
        response = outcome
        extensions = {
            "http_version": (response.http_version or "HTTP/1.1").encode("ascii", "replace"),
            "reason_phrase": response.reason.encode("latin-1", "replace"),
        }
    return httpx.Response(
        response.status,
        headers=[
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in wire.headers_for_client(response)
        ],
        stream=httpx.ByteStream(wire.content_for_client(response)),
        extensions=extensions,
    )


def _error(httpx: Any, failure: Failure, request: httpx.Request) -> Exception:
    kinds = {"timeout": httpx.ReadTimeout, "reset": httpx.ReadError}
    error: Exception = kinds.get(failure.kind, httpx.ConnectError)(failure.message, request=request)
    return error
