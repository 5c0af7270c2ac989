"""What only tornado over curl does; what all clients do is in the integration tests."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, interception
from undrift.errors import NoCassetteError

if TYPE_CHECKING:
    import socket

    from tests.webserver import WebServer

curl = pytest.importorskip("tornado.curl_httpclient", exc_type=ImportError)


def fetch(url: str, **options: Any) -> Any:
    async def run() -> Any:
        return await curl.CurlAsyncHTTPClient(force_instance=True).fetch(url, **options)

    return asyncio.run(run())


def test_callbacks_are_called_as_they_were(server: WebServer) -> None:
    def ask() -> tuple[list[str], bytes]:
        lines: list[str] = []
        parts: list[bytes] = []
        fetch(f"{server.url}/fields", header_callback=lines.append, streaming_callback=parts.append)
        return [line for line in lines if not line.startswith("Server")], b"".join(parts)

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    assert live[0][0] == "HTTP/1.1 200 OK\r\n"
    assert live[0][-1] == "\r\n"
    with deck_in_use(Deck(deck.take(), DeckOptions())):
        lines, content = ask()
    assert content == live[1]
    assert (lines[0], lines[-1]) == (live[0][0], live[0][-1])
    assert {line.lower() for line in lines} == {line.lower() for line in live[0]}
    assert len(server.hits) == 1


@pytest.mark.parametrize("is_unpacked", [True, False])
def test_what_curl_unpacks_is_given_unpacked(is_unpacked: bool, server: WebServer) -> None:  # noqa: FBT001 - a case
    def ask() -> bytes:
        body: bytes = fetch(f"{server.url}/zipped", decompress_response=is_unpacked).body
        return body if is_unpacked else gzip.decompress(body)

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    (kept,) = deck.take().interactions
    assert (kept.response.body, kept.response.encoding) == (live, "gzip")
    with deck_in_use(Deck(deck.take(), DeckOptions())):
        assert ask() == live


def test_an_answer_without_a_reason_has_none_of_its_own() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok")

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with listening(serve) as url:
        with deck_in_use(deck):
            live = fetch(url)
        with deck_in_use(Deck(deck.take(), DeckOptions())):
            played = fetch(url)
    assert (live.reason, dict(live.headers)) == (played.reason, dict(played.headers)) == ("OK", {"Content-Length": "2"})


def test_a_refusal_comes_as_it_is(server: WebServer) -> None:
    with deck_in_use(Deck(None, DeckOptions())), pytest.raises(NoCassetteError):
        fetch(server.url)
    assert server.hits == []


def test_without_a_deck_it_goes_its_way(server: WebServer) -> None:
    with interception():
        assert fetch(f"{server.url}/binary").body == bytes(range(256))
