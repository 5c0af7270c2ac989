"""What only httpx does; what all clients do is in test_clients and in the integration tests.

A replayed response is read faster than a live one, and like one in all that can be seen.
"""

from __future__ import annotations

import asyncio
import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.engine.decks import recording
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, deck_in_use
from undrift.errors import NoMatchError
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.usefixtures("intercepted")

URL = "https://api.example.com/v1/things"
EVENTS = b"data: 1\n\ndata: 2\n\n"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}
STREAM = Headers.of([("content-type", "Text/Event-Stream"), ("Content-Type", "text/plain")])


def playing(response: Response) -> Deck:
    return Deck(Cassette((Interaction(Request("GET", URL), response),)), DeckOptions())


def usual(response: Response) -> httpx.MockTransport:
    """A transport of httpx's own that gives the same response."""
    fields = [(name.encode(), value.encode()) for name, value in response.headers]
    return httpx.MockTransport(lambda _: httpx.Response(200, headers=fields, stream=httpx.ByteStream(response.body)))


def outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - whatever it is, it shall be the same
        return type(error), str(error)


def read_twice(response: httpx.Response) -> Any:
    return list(response.iter_bytes()), list(response.iter_bytes())


def read_and_streamed(response: httpx.Response) -> Any:
    return response.read(), list(response.iter_bytes()), list(response.iter_bytes(2)), response.text


def told_what_came(response: httpx.Response) -> Any:
    came = [(part, response.num_bytes_downloaded, response.is_stream_consumed) for part in response.iter_bytes()]
    return came, response.num_bytes_downloaded, response.is_closed, response.elapsed > response.elapsed * 0


def closed_before(response: httpx.Response) -> Any:
    response.close()
    return list(response.iter_bytes())


def read_as_async(response: httpx.Response) -> Any:
    return asyncio.run(response.aread())


def kept_as_pickle(response: httpx.Response) -> Any:
    response.read()
    again = pickle.loads(pickle.dumps(response))  # noqa: S301 - made a moment ago
    return again.content, type(again), type(response)


WAYS = [
    read_twice,
    read_and_streamed,
    told_what_came,
    closed_before,
    read_as_async,
    kept_as_pickle,
    lambda response: list(response.iter_bytes(3)),
    lambda response: list(response.iter_lines()),
    lambda response: list(response.iter_raw()),
    lambda response: (response.iter_bytes() and response.is_stream_consumed, response.read()),
    lambda response: response.content,
]


@pytest.mark.parametrize("body", [b"some text", b""])
@pytest.mark.parametrize("way", WAYS)
def test_a_replayed_response_is_read_as_any_other(way: Callable[[httpx.Response], Any], body: bytes) -> None:
    recorded = Response(200, "OK", Headers.of([("X-Twice", "a"), ("x-twice", "b")]), body)

    def ask(transport: httpx.BaseTransport) -> Any:
        with httpx.Client(transport=transport) as client, client.stream("GET", URL) as response:
            return way(response)

    with deck_in_use(playing(recorded)):
        replayed = outcome(lambda: ask(httpx.HTTPTransport()))
    assert replayed == outcome(lambda: ask(usual(recorded)))


async def all_twice(response: httpx.Response) -> Any:
    return [part async for part in response.aiter_bytes()], [part async for part in response.aiter_bytes()]


async def parts_of_three(response: httpx.Response) -> Any:
    return [part async for part in response.aiter_bytes(3)]


async def all_of_it(response: httpx.Response) -> Any:
    return await response.aread(), type(response), response.num_bytes_downloaded, response.is_closed


async def none_after_closing(response: httpx.Response) -> Any:
    await response.aclose()
    return await response.aread()


async def sync_by_mistake(response: httpx.Response) -> Any:
    return response.read()


@pytest.mark.parametrize("body", [b"some text", b""])
@pytest.mark.parametrize("way", [all_twice, parts_of_three, all_of_it, none_after_closing, sync_by_mistake])
def test_an_async_client_reads_it_as_any_other(way: Callable[[httpx.Response], Any], body: bytes) -> None:
    recorded = Response(200, "OK", Headers.of([("X", "1")]), body)

    async def ask(transport: httpx.AsyncBaseTransport) -> Any:
        async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", URL) as response:
            return await way(response)

    with deck_in_use(playing(recorded)):
        replayed = outcome(lambda: asyncio.run(ask(httpx.AsyncHTTPTransport())))
    assert replayed == outcome(lambda: asyncio.run(ask(usual(recorded))))


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream that breaks after its first part."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"some"
        raise httpx.ReadError("broken")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


class Disturbing(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.stream = Breaking()
        return response


class DisturbingAsync(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = Breaking()
        return response


def test_an_error_in_what_a_transport_put_around_it_knows_its_request() -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=DisturbingAsync()) as client:
            await client.get(URL)

    response = Response(200, "OK", body=b"some text")
    with deck_in_use(playing(response)), httpx.Client(transport=Disturbing()) as client:
        with pytest.raises(httpx.ReadError, match="broken") as caught:
            client.get(URL)
        assert str(caught.value.request.url) == URL
    with deck_in_use(playing(response)):
        with pytest.raises(httpx.ReadError, match="broken") as caught:
            asyncio.run(ask())
        assert str(caught.value.request.url) == URL


def test_events_come_one_by_one_where_the_first_media_type_says_so() -> None:
    with deck_in_use(playing(Response(200, "OK", STREAM, EVENTS))), httpx.stream("GET", URL) as response:
        assert list(response.iter_bytes()) == [b"data: 1\n\n", b"data: 2\n\n"]


def test_what_is_said_of_one_response_is_not_said_of_the_next() -> None:
    for _ in range(2):
        with deck_in_use(playing(Response(200, "Fine"))):
            response = httpx.get(URL)
        assert response.extensions == {"http_version": b"HTTP/1.1", "reason_phrase": b"Fine"}
        response.extensions["seen"] = True


def test_a_field_that_was_written_by_hand_travels_as_utf_8() -> None:
    headers = Headers.of([("X-Price", "5 \u20ac"), ("X-Name", "Ren\u00e9")])
    with deck_in_use(playing(Response(200, "OK", headers, b"a"))):
        raw = httpx.get(URL).headers.raw
    assert raw == [(b"X-Price", "5 \u20ac".encode()), (b"X-Name", b"Ren\xe9")]


@contextmanager
def upgrading() -> Iterator[str]:
    """A server that speaks something else than HTTP once it was asked to: it says everything twice."""

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        connection.sendall(connection.recv(100) * 2)

    with listening(serve) as url:
        yield f"{url}/talk"


def talk(url: str) -> bytes:
    with httpx.stream("GET", url, headers=UPGRADE) as answer:
        connection: Any = answer.extensions["network_stream"]
        connection.write(b"hello")
        said: bytes = connection.read(100, timeout=5)
        return said


def talk_async(url: str) -> bytes:
    async def run() -> bytes:
        async with httpx.AsyncClient() as client, client.stream("GET", url, headers=UPGRADE) as answer:
            connection: Any = answer.extensions["network_stream"]
            await connection.write(b"hello")
            said: bytes = await connection.read(100, timeout=5)
            return said

    return asyncio.run(run())


@pytest.mark.parametrize("say", [talk, talk_async])
def test_websockets_are_not_recorded_and_refused_in_replay(say: Callable[[str], bytes]) -> None:
    deck = recording()
    with upgrading() as url:
        with deck_in_use(deck):
            assert say(url) == b"hellohello"
        assert not deck.has_recorded
        playing = Deck(Cassette(), DeckOptions(guarded=True))
        with deck_in_use(playing), pytest.raises(NoMatchError, match="opens a WebSocket, which cannot be replayed"):
            say(url)
    assert len(playing.refusals) == 1
