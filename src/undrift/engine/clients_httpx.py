"""httpx and httpx2, intercepted at their transports, which are their public boundary to the network."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from functools import cache, lru_cache, partial, wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import http1, wire
from undrift.engine.exchange import Sent, exchange, settle
from undrift.engine.failures import PATIENCE_SECONDS, GivenUpError, is_given_up
from undrift.engine.reading import BrokenOff, Reading, is_open_ended
from undrift.engine.routing import current_deck
from undrift.model import Failure, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    import httpx

    from undrift.engine.deck import Deck
    from undrift.engine.exchange import Steps


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
            except Exception as error:
                steps.send(error)
                raise
            if _is_given_away(module, deck, live, request, steps):
                return live
            reading = Reading(_head(live))
            try:
                for part in live.iter_raw():
                    reading.take(part)
                live.close()
            except Exception as error:  # noqa: BLE001 - it is the client's when it reads as far
                steps.send(_broken_off(deck, reading, error))
            reading.end()
            steps.send(reading.outcome)
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
            unseen: httpx.Response = await original(self, request)
            return unseen
        content = await request.aread()
        at_hand = deck.ready(request.method, str(request.url), _telling(deck, request), content)
        if at_hand is not None:
            return _built(module, at_hand)
        steps = exchange(deck, _request(request, content))
        return await _answered(module, deck, request, steps, partial(original, self, request))

    return handle_async_request


async def _answered(
    module: Any, deck: Deck, request: httpx.Request, steps: Steps, send: Callable[[], Awaitable[httpx.Response]]
) -> httpx.Response:
    __tracebackhide__ = True
    live: httpx.Response | None = None
    reading: Reading | None = None
    try:
        next(steps)
        try:
            live = await send()
        except Exception as error:
            steps.send(error)
            raise
        if _is_given_away(module, deck, live, request, steps):
            return live
        reading = Reading(_head(live))
        steps.send(await _read_whole(deck, reading, live))
    except StopIteration as end:
        if isinstance(end.value, Failure) and end.value.response is None:
            await _keep_silent(_silence(end.value, request))
        return _given(module, end.value, request, live)
    except BaseException as gone:
        if not isinstance(gone, Exception):
            # Cancelled from outside; there was an answer to come.
            settle(steps, GivenUpError() if reading is None else _broken_off(deck, reading, GivenUpError()))
        raise
    raise AssertionError  # the steps always end


async def _read_whole(deck: Deck, reading: Reading, live: httpx.Response) -> Response | BrokenOff | Exception:
    try:
        async for part in live.aiter_raw():
            reading.take(part)
        await live.aclose()
    except Exception as error:  # noqa: BLE001 - it is the client's when it reads as far
        return _broken_off(deck, reading, error)
    reading.end()
    return reading.outcome


async def _keep_silent(seconds: float) -> None:
    if seconds:
        # Whatever loop it is; httpx has it, and imports it late too.
        import anyio  # noqa: PLC0415 - as said

        await anyio.sleep(seconds)


def _broken_off(deck: Deck, reading: Reading, error: Exception) -> BrokenOff | Exception:
    """What is kept of an answer that broke off; a cassette of vcrpy's kind has no place for a part of one."""
    return reading.broken_off(error) if deck.terms is None else error


def _silence(failure: Failure, request: httpx.Request) -> float:
    """How long, in seconds, the answer to a request stays away that was given up before."""
    if not is_given_up(failure):
        return 0
    limit = request.extensions.get("timeout", {}).get("read")
    return PATIENCE_SECONDS if limit is None else float(limit)


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


def _is_given_away(module: Any, deck: Deck, live: httpx.Response, request: httpx.Request, steps: Steps) -> bool:
    """Whether the live response is its client's to read: the deck then keeps what that reads, or nothing."""
    if live.status_code == 101:  # noqa: PLR2004 - Switching Protocols
        # What is spoken from here on is no HTTP.
        steps.close()
        return True
    head = _head(live)
    if deck.terms is not None or not is_open_ended(head, request.method):
        return False
    reading = Reading(head)
    live.stream = _tap_class(module)(live.stream, reading)
    settle(steps, reading)
    return True


@contextmanager
def _kept_by(reading: Reading) -> Iterator[None]:
    """Tell what keeps a stream how it ended."""
    try:
        yield
    except GeneratorExit:
        raise  # its client has seen enough
    except BaseException as error:
        reading.fail(error if isinstance(error, Exception) else GivenUpError())
        raise
    reading.end()


@cache
def _tap_class(module: Any) -> Any:
    class Tap(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc] # of either httpx
        """Gives what a stream gives, and keeps it."""

        def __init__(self, real: Any, reading: Reading) -> None:
            self._real = real
            self._reading = reading

        def __iter__(self) -> Iterator[bytes]:
            with _kept_by(self._reading):
                for part in self._real:
                    self._reading.take(part)
                    yield part

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with _kept_by(self._reading):
                async for part in self._real:
                    self._reading.take(part)
                    yield part

        def close(self) -> None:
            self._real.close()

        async def aclose(self) -> None:
            await self._real.aclose()

    return Tap


def _head(live: httpx.Response) -> Response:
    version = live.extensions.get("http_version", b"").decode("ascii", "replace")
    return Response(live.status_code, live.reason_phrase, _headers(live.headers.raw), http_version=version)


def _headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return Headers.of((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _given(
    module: Any, outcome: Response | Failure | Sent, request: httpx.Request, live: httpx.Response | None
) -> httpx.Response:
    """What the client gets: the recorded response, or the live one with its body at hand again."""
    if isinstance(outcome, Failure):
        error = _error(module, outcome, request)
        if outcome.response is None:
            raise error from None
        return _built_broken(module, outcome.response, error, silence=_silence(outcome, request))
    if not isinstance(outcome, Sent):
        return _built(module, outcome)
    if outcome.error is None:
        response = _built(module, outcome.response)
    else:
        response = _built_broken(module, outcome.response, outcome.error)
    response.extensions = {} if live is None else dict(live.extensions)
    # The connection is done with, and nobody may read from it again.
    response.extensions.pop("network_stream", None)
    return response


def _built(module: Any, response: Response) -> httpx.Response:
    """A response as the transport hands it out: not read yet, its body as it travelled."""
    fields, named, content, parts = http1.handed(response)
    kind = module.Response if "content-encoding" in named else _unread_class(module)
    made: httpx.Response = kind(
        response.status,
        headers=wire.octets_of(fields),
        stream=module.ByteStream(content) if len(parts) < 2 else _pieces_class(module)(parts),  # noqa: PLR2004 - more than one
        extensions={**_extensions(response.http_version, response.reason)},
    )
    return made


def _built_broken(module: Any, response: Response, error: Exception, silence: float = 0) -> httpx.Response:
    """A response that breaks off with an error, which in an asynchronous client comes after a silence, in seconds."""
    content = wire.content_for_client(response)
    made: httpx.Response = module.Response(
        response.status,
        headers=wire.octets_of(http1.headers_broken_off(response, content).fields),
        stream=_pieces_class(module)(http1.pieces(response, content), error, silence),
        extensions={**_extensions(response.http_version, response.reason)},
    )
    return made


@lru_cache(maxsize=64)
def _extensions(http_version: str, reason: str) -> Mapping[str, bytes]:
    """What a response says of itself beside its fields; to be copied."""
    version = http_version or "HTTP/1.1"
    extensions = {"http_version": version.encode("ascii", "replace")}
    if version != "HTTP/2" and (reason or http_version):
        # HTTP/2 has none (RFC 9113, section 8.3.2), and where nobody wrote one down, httpx knows the usual one.
        extensions["reason_phrase"] = reason.encode("latin-1", "replace")
    return extensions


@cache
def _unread_class(module: Any) -> Any:
    class Unread(module.Response):  # type: ignore[misc] # of either httpx
        """A response whose content needs no unpacking; with its first reading it becomes one like any other.

        What is read is the same, without what unpacking and cutting into chunks take.
        """

        def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
            return _read(module, self, chunk_size)

        def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
            return _read_async(module, self, chunk_size)

    return Unread


def _read(module: Any, response: Any, chunk_size: int | None) -> Iterator[bytes]:
    response.__class__ = module.Response
    if chunk_size is not None or not _is_fresh(response, module.SyncByteStream):
        yield from response.iter_bytes(chunk_size)
        return
    response.is_stream_consumed = True
    try:
        for part in response.stream:
            response._num_bytes_downloaded += len(part)  # noqa: SLF001 - no public name sets what the public one tells
            if part:
                yield part
        response.close()
    except module.RequestError as error:
        # Another transport around ours may have put its own stream around this one.
        error.request = response.request
        raise


async def _read_async(module: Any, response: Any, chunk_size: int | None) -> AsyncIterator[bytes]:
    response.__class__ = module.Response
    if chunk_size is not None or not _is_fresh(response, module.AsyncByteStream):
        async for part in response.aiter_bytes(chunk_size):
            yield part
        return
    response.is_stream_consumed = True
    try:
        async for part in response.stream:
            response._num_bytes_downloaded += len(part)  # noqa: SLF001 - as above
            if part:
                yield part
        await response.aclose()
    except module.RequestError as error:
        error.request = response.request
        raise


def _is_fresh(response: Any, kind: type) -> bool:
    """Whether a response can be read from now on, in this way."""
    return isinstance(response.stream, kind) and not response.is_stream_consumed and not response.is_closed


@cache
def _pieces_class(module: Any) -> Any:
    class Pieces(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc] # of either httpx
        """Gives out events one by one, as they came, and perhaps breaks off then."""

        def __init__(self, parts: list[bytes], error: Exception | None = None, silence: float = 0) -> None:
            self._parts = parts
            self._error = error
            self._silence = silence

        def __iter__(self) -> Iterator[bytes]:
            yield from self._parts
            if self._error is not None:
                raise self._error

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in self._parts:
                yield part
            await _keep_silent(self._silence)
            if self._error is not None:
                raise self._error

    return Pieces


def _error(module: Any, failure: Failure, request: httpx.Request) -> Exception:
    """What httpx raised live: by its name, else by the kind of failure."""
    named = getattr(module, failure.error, None) if failure.error else None
    if isinstance(named, type) and issubclass(named, module.TransportError):
        made: Exception = named(failure.message, request=request)
        return made
    reset = module.ReadError if failure.response is None else module.RemoteProtocolError
    kinds = {"timeout": module.ReadTimeout, "reset": reset}
    error: Exception = kinds.get(failure.kind, module.ConnectError)(failure.message, request=request)
    return error
