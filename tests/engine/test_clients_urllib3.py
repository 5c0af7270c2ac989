"""What urllib3 and requests may send, and where; the rest is in test_clients."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
import urllib3

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.model import Cassette, Failure, Interaction, Request, Response

if TYPE_CHECKING:
    from tests.webserver import WebServer

pytestmark = pytest.mark.usefixtures("intercepted")


def playing(url: str, text: bytes = b"played") -> Deck:
    answered = Interaction(Request("GET", url), Response(200, "OK", body=text))
    return Deck(Cassette((answered,)), DeckOptions(guarded=True))


BODIES: dict[str, Any] = {
    "text": "content",
    "bytearray": bytearray(b"content"),
    "file": io.BytesIO(b"content"),
    "text file": io.StringIO("content"),
    "parts": (b"con", "tent"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_of_every_kind_arrive_and_are_kept(kind: str, server: WebServer) -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck), urllib3.PoolManager() as pool:
        pool.request("POST", f"{server.url}/index", body=BODIES[kind])
    assert [content for _, _, content in server.hits] == [b"content"]
    (kept,) = deck.take().interactions
    assert kept.request.body == b"content"


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com/a", "https://api.example.com:8443/a", "http://[::1]:4711/a?b=1", "http://a.example/a"],
)
def test_nothing_is_connected_to_in_replay(url: str) -> None:
    deck = playing(url)
    with deck_in_use(deck):
        assert requests.get(url, timeout=5).content == b"played"
    assert deck.refusals == []


@pytest.mark.parametrize("url", ["http://api.example.com/a", "https://api.example.com/a"])
def test_requests_through_a_proxy_are_those_to_the_server_behind(url: str) -> None:
    proxies = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
    with deck_in_use(playing(url)):
        assert requests.get(url, proxies=proxies, timeout=5).content == b"played"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("dns", urllib3.exceptions.NameResolutionError),
        ("connection-refused", urllib3.exceptions.NewConnectionError),
        ("tls", urllib3.exceptions.SSLError),
        ("reset", urllib3.exceptions.ProtocolError),
    ],
)
def test_failures_are_those_that_urllib3_raises(kind: str, error: type[Exception]) -> None:
    cassette = Cassette(failures=(Failure(0, Request("GET", "https://api.example.com/a"), kind, "as it was"),))
    raised = pytest.raises(error, match="as it was")
    with deck_in_use(Deck(cassette, DeckOptions())), urllib3.PoolManager(retries=False) as pool, raised:
        pool.request("GET", "https://api.example.com/a")


def test_without_a_deck_it_goes_its_way(server: WebServer) -> None:
    assert requests.get(f"{server.url}/binary", timeout=5).content == bytes(range(256))
    assert len(server.hits) == 1
