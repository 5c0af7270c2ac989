"""http.client, where it is used by hand; the rest is in test_clients and in the integration tests."""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING

import pytest
from tests.webserver import get

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, hooks_for
from undrift.errors import NoCassetteError
from undrift.model import Cassette, Failure, Interaction, Request, Response

if TYPE_CHECKING:
    from tests.webserver import WebServer

pytestmark = pytest.mark.usefixtures("intercepted")


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


def test_one_connection_serves_many_requests_and_outlives_the_deck(server: WebServer) -> None:
    connection = http.client.HTTPConnection(*server.place)

    def ask(content: bytes | None = None) -> bytes:
        connection.request("POST" if content else "GET", "/fields", content)
        return connection.getresponse().read()

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = [ask(), ask(b"one")]
    with deck_in_use(Deck(deck.take(), DeckOptions())):
        assert [ask(), ask(b"one")] == live
    assert len(server.hits) == 2
    ask()
    assert len(server.hits) == 3
    connection.close()


def test_a_request_may_be_written_in_parts(server: WebServer) -> None:
    def ask() -> bytes:
        connection = http.client.HTTPConnection(*server.place)
        connection.putrequest("POST", "/index")
        connection.putheader("Content-Length", "9")
        connection.endheaders()
        connection.send(b"one")
        connection.send(io.BytesIO(b"two"))
        connection.send(iter([b"th", b"r"]))
        content = connection.getresponse().read()
        connection.close()
        return content

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    assert [kept.request.body for kept in deck.take().interactions] == [b"onetwothr"]
    with deck_in_use(Deck(deck.take(), DeckOptions())):
        assert ask() == live


def test_a_body_that_is_announced_and_not_written_is_looked_up_as_it_is() -> None:
    asked = Request("POST", "http://api.example.com/a", body=b"on")
    cassette = Cassette((Interaction(asked, Response(200, "OK", body=b"answer")),))
    with deck_in_use(Deck(cassette, DeckOptions())):
        connection = http.client.HTTPConnection("api.example.com")
        connection.putrequest("POST", "/a")
        connection.putheader("Content-Length", "9")
        connection.endheaders(b"on")
        assert connection.getresponse().read() == b"answer"


def test_what_is_not_recorded_is_refused() -> None:
    with deck_in_use(Deck(None, DeckOptions())), pytest.raises(NoCassetteError):
        get("http://api.example.com/a")
