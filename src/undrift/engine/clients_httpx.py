"""httpx and httpx2, intercepted at their transports, which are their public boundary to the network."""

from __future__ import annotations

import importlib
from functools import cache, partial, wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import http1, wire
from undrift.engine.exchange import Sent, exchange
from undrift.engine.routing import current_deck
from undrift.model import Failure, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import httpx

    from undrift.engine.deck import Deck


def rows(name: str = "httpx") -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in.

    httpx2 is like httpx in all that is asked of it here.
    """
    module = importlib.import_module(name)
    yield module.HTTPTransport, "handle_request", partial(_sync, module)
    yield module.AsyncHTTPTransport, "handle_async_request", partial(_async, module)


def _sync(module: Any, original: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    @wraps(original)
    def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is None:
            return original(self, request)
        content = request.read()
        at_hand = deck.ready(request.method, str(request.url), _telling(deck, request), content)
        if at_hand is not None:
            return _built(module, at_hand)
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
            return _given(module, end.value, request, live)
        raise AssertionError  # the steps always end

    return handle_request


def _async(module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def handle_async_request(self: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        deck = current_deck()
        if deck is None:
            live: httpx.Response = await original(self, request)
            return live
        content = await request.aread()
        at_hand = deck.ready(request.method, str(request.url), _telling(deck, request), content)
        if at_hand is not None:
            return _built(module, at_hand)
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
            return _given(module, end.value, request, received)
        raise AssertionError  # the steps always end

    return handle_async_request


def _telling(deck: Deck, request: httpx.Request) -> list[tuple[str, str]]:
    """The header fields by which a deck tells a request from others."""
    telling = deck.telling_bytes
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for raw_name, value in request.headers.raw
        if (name := raw_name.lower()) in telling
    ]


def _request(request: httpx.Request, content: bytes) -> Request:
    return wire.request_from_wire(request.method, str(request.url), _headers(request.headers.raw), content)


def _kept(live: httpx.Response, raw: bytes) -> Response:
    version = live.extensions.get("http_version", b"").decode("ascii", "replace")
    return wire.response_from_wire(live.status_code, live.reason_phrase, _headers(live.headers.raw), raw, version)


def _headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return Headers.of((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _given(
    module: Any, outcome: Response | Failure | Sent, request: httpx.Request, live: httpx.Response | None
) -> httpx.Response:
    """What the client gets: the recorded response, or the live one with its body at hand again."""
    if isinstance(outcome, Failure):
        raise _error(module, outcome, request)
    if not isinstance(outcome, Sent):
        return _built(module, outcome)
    response = _built(module, outcome.response)
    response.extensions = {} if live is None else dict(live.extensions)
    # The connection is done with, and nobody may read from it again.
    response.extensions.pop("network_stream", None)
    return response


def _built(module: Any, response: Response) -> httpx.Response:
    """A response as the transport hands it out: not read yet, its body as it travelled."""
    version = response.http_version or "HTTP/1.1"
    extensions = {"http_version": version.encode("ascii", "replace")}
    if version != "HTTP/2" and (response.reason or response.http_version):
        # HTTP/2 has none (RFC 9113, section 8.3.2), and where nobody wrote one down, httpx knows the usual one.
        extensions["reason_phrase"] = response.reason.encode("latin-1", "replace")
    fields = wire.headers_for_client(response).fields
    made: httpx.Response = module.Response(
        response.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields],
        stream=_stream(module, response),
        extensions=extensions,
    )
    return made


def _stream(module: Any, response: Response) -> Any:
    content = wire.content_for_client(response)
    parts = http1.pieces(response, content)
    return module.ByteStream(content) if len(parts) < 2 else _pieces_class(module)(parts)  # noqa: PLR2004 - more than one


@cache
def _pieces_class(module: Any) -> Any:
    class Pieces(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc] # of either httpx
        """Gives out events one by one, as they came."""

        def __init__(self, parts: list[bytes]) -> None:
            self._parts = parts

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._parts)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in self._parts:
                yield part

    return Pieces


def _error(module: Any, failure: Failure, request: httpx.Request) -> Exception:
    """What httpx raised live: by its name, else by the kind of failure."""
    named = getattr(module, failure.error, None) if failure.error else None
    if isinstance(named, type) and issubclass(named, module.TransportError):
        made: Exception = named(failure.message, request=request)
        return made
    kinds = {"timeout": module.ReadTimeout, "reset": module.ReadError}
    error: Exception = kinds.get(failure.kind, module.ConnectError)(failure.message, request=request)
    return error
