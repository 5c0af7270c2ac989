"""What only aiohttp does; what all clients do is in test_clients and in the integration tests."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.engine.decks import again, recording
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, interception
from undrift.errors import NoMatchError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.webserver import WebServer

    Act = Callable[[aiohttp.ClientSession], Awaitable[Any]]

URL = "https://api.example.com/a"


def in_session(act: Act, **options: Any) -> Any:
    async def run() -> Any:
        async with aiohttp.ClientSession(**options) as session:
            return await act(session)

    return asyncio.run(run())


def test_a_client_that_waits_for_leave_gets_it(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> str:
        async with session.post(server.url, data=b"body", expect100=True) as answer:
            return await answer.text()

    deck = recording()
    with deck_in_use(deck):
        live = in_session(act)
    assert [content for _, _, content in server.hits] == [b"body"]
    with deck_in_use(again(deck)):
        assert in_session(act) == live


def test_what_is_not_unpacked_is_given_packed(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> bytes:
        async with session.get(f"{server.url}/zipped") as answer:
            return await answer.read()

    deck = recording()
    with deck_in_use(deck):
        live = in_session(act, auto_decompress=False)
    assert deck.take().interactions[0].response.body == gzip.decompress(live)
    with deck_in_use(again(deck)):
        assert gzip.decompress(in_session(act, auto_decompress=False)) == gzip.decompress(live)


def test_what_is_new_is_sent_where_the_deck_may_be_extended(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> list[str]:
        seen = []
        for number in (1, 2):
            async with session.get(f"{server.url}/?n={number}") as answer:
                seen.append(await answer.text())
        return seen

    first = recording()
    with deck_in_use(first):
        one, _ = in_session(act)
    kept = Cassette(first.take().interactions[:1])
    with deck_in_use(Deck(kept, DeckOptions(policy=Policy.EXTEND))) as deck:
        assert in_session(act)[0] == one
    assert len(server.hits) == 3
    assert len(deck.take()) == 2


def test_an_answer_that_nobody_waits_for_is_kept_as_far_as_it_came(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> str:
        with pytest.raises(TimeoutError) as timeout:
            await session.get(f"{server.url}/slow", timeout=aiohttp.ClientTimeout(total=0.1))
        return type(timeout.value).__name__

    deck = recording()
    with deck_in_use(deck):
        live = in_session(act)
    assert [failure.kind for failure in deck.take().failures] == ["timeout"]
    with deck_in_use(again(deck)):
        assert in_session(act) == live


def test_fields_beyond_ascii_are_what_the_client_makes_of_their_octets() -> None:
    async def act(session: aiohttp.ClientSession) -> Any:
        async with session.get(URL) as answer:
            return dict(answer.headers), answer.raw_headers

    headers = Headers.of([("X-Name", "Ren\u00e9"), ("X-Price", "5 \u20ac")])
    with deck_in_use(Deck(Cassette((Interaction(Request("GET", URL), Response(200, "OK", headers)),)), DeckOptions())):
        texts, raw = in_session(act)
    assert raw == ((b"X-Name", b"Ren\xe9"), (b"X-Price", "5 \u20ac".encode()))
    assert texts == {"X-Name": "Ren\udce9", "X-Price": "5 \u20ac"}


def test_a_connection_that_is_not_used_is_closed(server: WebServer) -> None:
    async def never() -> Any:
        yield b"half of it"
        raise RuntimeError("the rest could not be made")

    async def act(session: aiohttp.ClientSession) -> None:
        with pytest.raises((aiohttp.ClientError, RuntimeError)):
            await session.post(server.url, data=never())

    deck = recording()
    with deck_in_use(deck):
        in_session(act)
    assert not deck.has_recorded


def test_websockets_are_not_recorded_and_refused_in_replay(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> None:
        await session.ws_connect(f"{server.url}/index")

    deck = recording()
    with deck_in_use(deck), pytest.raises(aiohttp.WSServerHandshakeError):
        in_session(act)
    assert len(server.hits) == 1
    assert not deck.has_recorded
    other = Cassette((Interaction(Request("GET", URL), Response(200, "OK")),))
    with deck_in_use(Deck(other, DeckOptions(guarded=True))), pytest.raises(NoMatchError, match="WebSocket"):
        in_session(act)
    assert len(server.hits) == 1


FAILURES = {
    "dns": ("ClientConnectorDNSError", aiohttp.ClientConnectorDNSError),
    "connection-refused": ("ClientConnectorError", aiohttp.ClientConnectorError),
    "tls": ("ClientConnectorCertificateError", aiohttp.ClientConnectorCertificateError),
    "timeout": ("", aiohttp.ServerTimeoutError),
    "reset": ("", aiohttp.ClientOSError),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_failures_are_raised_again(kind: str) -> None:
    name, raised = FAILURES[kind]

    async def act(session: aiohttp.ClientSession) -> None:
        # A GET it would try once more by itself.
        await session.post(URL)

    cassette = Cassette(failures=(Failure(0, Request("POST", URL), kind, "as it was", name),))
    with deck_in_use(Deck(cassette, DeckOptions())), pytest.raises(raised) as caught:
        in_session(act)
    assert type(caught.value) is raised


def test_a_proxy_that_cannot_be_reached() -> None:
    async def act(session: aiohttp.ClientSession) -> None:
        await session.get("http://api.example.com/a", proxy="http://127.0.0.1:9")

    deck = recording()
    with deck_in_use(deck), pytest.raises(aiohttp.ClientProxyConnectionError):
        in_session(act)
    with deck_in_use(again(deck)), pytest.raises(aiohttp.ClientProxyConnectionError):
        in_session(act)


def test_a_certificate_is_not_asked_for_on_replay() -> None:
    async def act(session: aiohttp.ClientSession) -> str:
        async with session.get(URL, ssl=ssl.create_default_context()) as answer:
            return await answer.text()

    fields = Headers.of([("Content-Type", "text/plain")])
    kept = Cassette((Interaction(Request("GET", URL), Response(200, "OK", fields, b"here", http_version="HTTP/1.0")),))
    with deck_in_use(Deck(kept, DeckOptions(guarded=True))):
        assert in_session(act) == "here"


def test_without_a_deck_it_goes_its_way(server: WebServer) -> None:
    async def act(session: aiohttp.ClientSession) -> int:
        async with session.get(server.url) as answer:
            return answer.status

    with interception():
        assert in_session(act) == 200
    assert len(server.hits) == 1


def test_what_is_no_http_is_told_as_that_again() -> None:
    async def act(session: aiohttp.ClientSession) -> str:
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await session.get(url)
        return str(caught.value)

    deck = recording()
    with listening(lambda connection: connection.sendall(b"no HTTP\r\n\r\n")) as url:
        with deck_in_use(deck):
            live = in_session(act)
        with deck_in_use(again(deck)):
            assert in_session(act) == live
    assert "Bad status line" in live


@pytest.mark.parametrize("reason", [b"\xe9t\xe9", "été".encode(), b"OK"])
def test_a_reason_is_what_it_was_whatever_its_octets(reason: bytes) -> None:
    async def act(session: aiohttp.ClientSession) -> str | None:
        async with session.get(url) as answer:
            return answer.reason

    deck = recording()
    with listening(
        lambda connection: connection.sendall(b"HTTP/1.1 200 %s\r\nContent-Length: 0\r\n\r\n" % reason)
    ) as url:
        with deck_in_use(deck):
            live = in_session(act)
        with deck_in_use(again(deck)):
            assert in_session(act) == live
    assert deck.take().interactions[0].response.reason == reason.decode("latin-1")
