"""What urllib3's responses do beside giving their content, recorded and played."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests
import urllib3
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.model import Cassette, Failure, Request, Response

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from tests.webserver import WebServer

pytestmark = pytest.mark.usefixtures("intercepted")


def test_what_came_in_chunks_is_unpacked_where_that_is_asked_for() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        connection.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))

    def ask() -> list[bytes]:
        with urllib3.PoolManager() as pool:
            answers = (pool.request("GET", url, preload_content=False) for _ in range(3))
            return [b"".join(answer.stream(7, wish)) for answer, wish in zip(answers, (None, False, True), strict=True)]

    packed = gzip.compress(b"hello " * 20, mtime=0)
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with listening(serve) as url:
        with deck_in_use(deck):
            live = ask()
        with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
            assert ask() == live
    assert live == [packed, packed, b"hello " * 20]


def test_all_of_an_answer_that_broke_off_is_an_error_however_often_it_is_read() -> None:
    url = "http://api.example.com/a"
    failure = Failure(0, Request("GET", url), "reset", "gone", "IncompleteRead", Response(200, "OK", body=b"half"))
    with deck_in_use(Deck(Cassette(failures=(failure,)), DeckOptions(guarded=True))), urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, preload_content=False, retries=False)
        assert answer.read(3) == b"hal"
        assert answer.read1(3) == b"f"
        for _ in range(2):
            with pytest.raises(urllib3.exceptions.ProtocolError):
                answer.read()


@contextmanager
def opening(client: str, server: WebServer) -> Iterator[Callable[[str], Any]]:
    """What asks for a path, and gives urllib3's response to it, which nobody has read."""
    with requests.Session() as session, urllib3.PoolManager() as pool:

        def opened(path: str) -> Any:
            url = f"{server.url}/{path}"
            if client == "requests":
                return session.get(url, stream=True, timeout=5).raw
            return pool.request("GET", url, preload_content=False)

        yield opened


@pytest.mark.parametrize("client", ["urllib3", "requests"])
def test_what_was_read_to_its_end_is_closed(client: str, server: WebServer) -> None:
    def ask() -> list[bytes]:
        seen = []
        with opening(client, server) as opened:
            for path in ("index", "chunked", "empty", "zipped"):
                answer = opened(path)
                while not answer.closed:
                    seen.append(answer.read())
                assert answer.read() == b""
        return [part for part in seen if part]

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    assert len(live) == 3
    with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
        played = ask()
    # What is packed anew has other bytes than it had.
    assert played[:2] == live[:2]


@pytest.mark.parametrize("client", ["urllib3", "requests"])
def test_what_came_in_chunks_can_be_read_so(client: str, server: WebServer) -> None:
    def ask() -> bytes:
        with opening(client, server) as opened:
            with opened("index") as whole, pytest.raises(urllib3.exceptions.ResponseNotChunked):
                next(whole.read_chunked(4))
            return b"".join(opened("chunked").read_chunked(4))

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        assert ask() == b"hello world"
    with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
        assert ask() == b"hello world"
