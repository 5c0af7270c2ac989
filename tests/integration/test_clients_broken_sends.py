"""A server that breaks off while its client still sends: kept as a failure, raised again as the same class."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.engine.decks import again, recording
from tests.integration.clients import CLIENTS, Asked
from tests.sockets import listening, reset

from undrift.engine import deck_in_use

if TYPE_CHECKING:
    from collections.abc import Iterator

# More than the buffers of both sides of a connection hold.
LARGE = b"x" * 1_000_000
TOO_LARGE = b"HTTP/1.1 413 Too Large\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"


@contextmanager
def breaking() -> Iterator[str]:
    """A server that reads the head of a request and no more."""

    def serve(connection: socket.socket) -> None:
        received = connection.recv(1000)
        if b"refused" not in received:
            reset(connection)
            return
        connection.sendall(TOO_LARGE)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with listening(serve) as url:
        yield url


def outcome_of(client: str, url: str) -> str:
    try:
        seen = CLIENTS[client](Asked(url, "POST", (("Content-Type", "application/octet-stream"),), LARGE))
    except Exception as error:  # noqa: BLE001 - each client has its own
        return type(error).__qualname__
    return f"answered with {seen.status}"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_send_that_is_reset_is_a_failure_of_the_same_class(client: str) -> None:
    deck = recording()
    with breaking() as url, deck_in_use(deck):
        live = outcome_of(client, f"{url}/reset")
    assert live.endswith("Error"), live
    (failure,) = deck.take().failures
    assert (failure.kind, failure.request.body) == ("reset", LARGE)
    playing = again(deck)
    with deck_in_use(playing):
        assert outcome_of(client, f"{url}/reset") == live
    assert playing.refusals == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_body_that_is_refused_half_way_is_answered_all_the_same(client: str) -> None:
    deck = recording()
    with breaking() as url, deck_in_use(deck):
        assert outcome_of(client, f"{url}/refused") == "answered with 413"
    with deck_in_use(again(deck)):
        assert outcome_of(client, f"{url}/refused") == "answered with 413"
