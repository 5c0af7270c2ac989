"""What only tornado does; what all clients do is in the integration tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.decks import again, recording
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, interception
from undrift.errors import NoMatchError
from undrift.model import Cassette, Failure, Interaction, Request, Response

if TYPE_CHECKING:
    import socket

    from tests.webserver import WebServer

httpclient = pytest.importorskip("tornado.httpclient")
websocket = pytest.importorskip("tornado.websocket")
simple_httpclient = pytest.importorskip("tornado.simple_httpclient")


CLOSED = simple_httpclient.HTTPStreamClosedError
URL = "http://api.example.com/a"


def fetch(*urls: str, **options: Any) -> list[Any]:
    async def run() -> list[Any]:
        client = simple_httpclient.SimpleAsyncHTTPClient(force_instance=True)
        answers = [await client.fetch(url, **options) for url in urls]
        client.close()
        return answers

    return asyncio.run(run())


def test_a_client_that_waits_for_leave_gets_it(server: WebServer) -> None:
    deck = recording()
    options = {"method": "POST", "body": b"body", "expect_100_continue": True}
    with deck_in_use(deck):
        (live,) = fetch(server.url, **options)
    assert [content for _, _, content in server.hits] == [b"body"]
    with deck_in_use(again(deck)):
        (played,) = fetch(server.url, **options)
    assert (played.code, played.body) == (200, live.body)


def test_what_streams_is_streamed(server: WebServer) -> None:
    parts: list[bytes] = []
    deck = recording()
    with deck_in_use(deck):
        fetch(f"{server.url}/chunked", streaming_callback=parts.append)
    assert b"".join(parts) == b"hello world"
    parts.clear()
    with deck_in_use(again(deck)):
        fetch(f"{server.url}/chunked", streaming_callback=parts.append)
    assert b"".join(parts) == b"hello world"


def test_what_is_new_is_sent_where_the_deck_may_be_extended(server: WebServer) -> None:
    first = recording()
    with deck_in_use(first):
        (one,) = fetch(f"{server.url}/?n=1")
    with deck_in_use(Deck(first.take(), DeckOptions(policy=Policy.EXTEND))) as deck:
        played, _ = fetch(f"{server.url}/?n=1", f"{server.url}/?n=2")
    assert played.body == one.body
    assert len(server.hits) == 2
    assert len(deck.take()) == 2


def test_a_connection_that_is_refused_later_ends_as_one() -> None:
    with deck_in_use(Deck(Cassette(), DeckOptions(policy=Policy.EXTEND))) as deck, pytest.raises(CLOSED):
        fetch("http://127.0.0.1:9/")
    assert [failure.kind for failure in deck.take().failures] == ["connection-refused"]


def test_a_connection_that_takes_too_long() -> None:
    failure = Failure(0, Request("GET", URL), "timeout", "Timeout while connecting", "sending HTTPTimeoutError")
    deck = Deck(Cassette(failures=(failure,)), DeckOptions())
    with deck_in_use(deck), pytest.raises(simple_httpclient.HTTPTimeoutError, match="Timeout while connecting"):
        fetch(URL)


def test_connecting_in_vain_is_kept(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("tornado.tcpclient.TCPClient.connect", connect)
    deck = recording()
    with deck_in_use(deck), pytest.raises(simple_httpclient.HTTPTimeoutError, match="Timeout while connecting"):
        fetch(server.url)
    assert [failure.kind for failure in deck.take().failures] == ["timeout"]


def test_what_is_not_recorded_is_refused() -> None:
    other = Cassette((Interaction(Request("GET", URL), Response(200, "OK")),))
    with deck_in_use(Deck(other, DeckOptions(guarded=True))), pytest.raises(NoMatchError):
        fetch("https://elsewhere.example.com/b", validate_cert=False)


def test_websockets_are_not_recorded_and_refused_in_replay(server: WebServer) -> None:
    async def run() -> None:
        await websocket.websocket_connect(f"{server.url.replace('http', 'ws')}/index")

    deck = recording()
    with deck_in_use(deck), pytest.raises(websocket.WebSocketError):
        asyncio.run(run())
    assert len(server.hits) == 1
    assert not deck.has_recorded
    with deck_in_use(Deck(Cassette(), DeckOptions(guarded=True))) as playing:
        with pytest.raises(NoMatchError, match=r"GET http://\S+/index opens a WebSocket"):
            asyncio.run(run())
        assert len(playing.refusals) == 1
    assert len(server.hits) == 1


def test_a_client_serves_before_and_after_a_deck(server: WebServer) -> None:
    async def run() -> list[bytes]:
        client = simple_httpclient.SimpleAsyncHTTPClient(force_instance=True)
        bodies = []
        for deck in (None, recording(), None):
            if deck is None:
                bodies.append((await client.fetch(f"{server.url}/binary")).body)
                continue
            with deck_in_use(deck):
                bodies.append((await client.fetch(f"{server.url}/binary")).body)
        client.close()
        return bodies

    with interception():
        assert asyncio.run(run()) == [bytes(range(256))] * 3
    assert len(server.hits) == 3


def test_an_answer_without_a_reason_has_the_usual_one() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok")

    deck = recording()
    with listening(serve) as url:
        with deck_in_use(deck):
            (live,) = fetch(url)
        with deck_in_use(again(deck)):
            (played,) = fetch(url)
    assert deck.take().interactions[0].response.reason == ""
    assert (live.reason, live.body) == (played.reason, played.body) == ("OK", b"ok")
