"""What is left to vcrpy's stubs; the rest is in test_clients."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.webserver import WebServer, serving

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, hooks_for, interception
from undrift.engine.clients_vcr import RoutedCassette
from undrift.engine.hooks import vcr_request
from undrift.model import Cassette, Failure, Request

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def intercepted() -> Iterator[None]:
    with interception():
        yield


def get(url: str) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize(("kind", "error"), [("timeout", TimeoutError), ("connection-refused", ConnectionRefusedError)])
def test_failures_are_raised_again(kind: str, error: type[Exception]) -> None:
    cassette = Cassette(failures=(Failure(0, Request("GET", "http://api.example.com/a"), kind, "as it was"),))
    with deck_in_use(Deck(cassette, DeckOptions())), pytest.raises(error, match="as it was"):
        get("http://api.example.com/a")


@pytest.mark.parametrize("policy", [Policy.RECORD, Policy.PLAY])
def test_what_hooks_leave_out_is_sent_and_forgotten(policy: Policy, server: WebServer) -> None:
    deck = Deck(None, DeckOptions(policy=policy, hooks=hooks_for({"ignore_localhost": True}, foreign=False)))
    with deck_in_use(deck):
        assert get(f"{server.url}/binary") == bytes(range(256))
    assert len(server.hits) == 1
    assert not deck.has_recorded


def test_without_a_deck_it_goes_its_way(server: WebServer) -> None:
    assert get(f"{server.url}/binary") == bytes(range(256))
    assert len(server.hits) == 1


def test_nothing_is_kept_of_a_request_without_a_deck() -> None:
    routed = RoutedCassette((), is_decoded=False)
    request = vcr_request(Request("GET", "http://127.0.0.1/"))
    assert not routed.can_play_response_for(request)
    assert routed.filter_request(request) is None
    routed.append(request, {})
    assert routed.find_requests_with_most_matches(request) == [(request, [], [])]
