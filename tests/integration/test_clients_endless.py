"""Answers that need not ever end, such as event streams: recorded as far as their client read them."""

from __future__ import annotations

import asyncio
import http.client
import threading
import urllib.request
import zlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from tests.integration.clients import CLIENTS, Asked, record, replay
from tests.webserver import in_background

from undrift import store
from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, hooks_for
from undrift.engine.vcrapi import VCR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A recording that waits for the end would get this many, a little later.
ALL = 200
EVENTS = [b"data: %d\n\n" % number for number in range(ALL)]


class Endless(ThreadingHTTPServer):
    """Sends an event after the other until nobody is there, or there were far too many."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endless

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        packer = zlib.compressobj(wbits=31) if self.path == "/packed" else None
        if packer is not None:
            self.send_header("Content-Encoding", "gzip")
        self.close_connection = True
        is_chunked = self.path != "/unframed"
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with suppress(OSError):
            for event in EVENTS[:2] if self.path in {"/cut", "/short"} else EVENTS:
                part = event if packer is None else packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if is_chunked else part)
                threading.Event().wait(0.01)
            if is_chunked and self.path != "/cut":
                self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[Endless]:
    with in_background(Endless()) as running:
        yield running


def lines_of_requests(url: str, wanted: int) -> list[bytes]:
    lines: list[bytes] = []
    with requests.get(url, stream=True, timeout=5) as answer:
        for line in answer.iter_lines(chunk_size=1):
            lines += [line] if line else []
            if len(lines) == wanted:
                break
    return lines


def lines_of_urllib3(url: str, wanted: int) -> list[bytes]:
    content = b""
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, preload_content=False, timeout=5)
        # As little at once as it likes: it waits until it has as much as it was asked for.
        for part in answer.stream(1, decode_content=True):
            content += part
            if content.count(b"\n\n") == wanted:
                break
        answer.close()
    return content.split(b"\n\n")[:wanted]


def lines_of_httpx(url: str, wanted: int) -> list[bytes]:
    lines: list[bytes] = []
    with httpx.stream("GET", url) as answer:
        for line in answer.iter_lines():
            lines += [line.encode()] if line else []
            if len(lines) == wanted:
                break
    return lines


def lines_of_async_httpx(url: str, wanted: int) -> list[bytes]:
    async def ask() -> list[bytes]:
        lines: list[bytes] = []
        async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
            async for line in answer.aiter_lines():
                lines += [line.encode()] if line else []
                if len(lines) == wanted:
                    break
        return lines

    return asyncio.run(ask())


def lines_of_aiohttp(url: str, wanted: int) -> list[bytes]:
    async def ask() -> list[bytes]:
        lines: list[bytes] = []
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            async for line in answer.content:
                lines += [line.strip()] if line.strip() else []
                if len(lines) == wanted:
                    break
        return lines

    return asyncio.run(ask())


def _lines_of(answer: http.client.HTTPResponse, wanted: int) -> list[bytes]:
    lines: list[bytes] = []
    while len(lines) < wanted and (line := answer.readline()):
        lines += [line.strip()] if line.strip() else []
    return lines


def lines_of_http_client(url: str, wanted: int) -> list[bytes]:
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.request("GET", f"/{path}")
    lines = _lines_of(connection.getresponse(), wanted)
    connection.close()
    return lines


def lines_of_urllib(url: str, wanted: int) -> list[bytes]:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a loopback address of ours
        return _lines_of(answer, wanted)


READERS = {
    "requests": lines_of_requests,
    "urllib3": lines_of_urllib3,
    "httpx": lines_of_httpx,
    "async httpx": lines_of_async_httpx,
    "aiohttp": lines_of_aiohttp,
    "http.client": lines_of_http_client,
    "urllib": lines_of_urllib,
}
CASES = [
    *((client, "events") for client in READERS),
    *((client, "unframed") for client in ("requests", "httpx", "aiohttp", "http.client")),
    # The others leave unpacking to their users.
    *((client, "packed") for client in ("requests", "urllib3", "httpx", "aiohttp")),
]


@pytest.mark.parametrize(("client", "path"), CASES)
def test_a_stream_that_is_left_is_kept_as_far_as_it_was_read(
    client: str, path: str, server: Endless, tmp_path: Path
) -> None:
    def ask() -> list[bytes]:
        return READERS[client](f"{server.url}/{path}", 3)

    live = record(tmp_path / "c.yaml", ask)
    assert live == [b"data: 0", b"data: 1", b"data: 2"]
    (kept,) = store.read(tmp_path / "c.yaml").interactions
    assert kept.response.body.startswith(b"".join(EVENTS[:3]).rstrip())
    assert len(kept.response.body) < len(b"".join(EVENTS)) / 2
    asked = len(server.asked)
    assert replay(tmp_path / "c.yaml", ask) == live
    assert len(server.asked) == asked


@pytest.mark.parametrize("client", CLIENTS)
def test_a_stream_that_breaks_off_is_a_failure(client: str, server: Endless, tmp_path: Path) -> None:
    def ask() -> str:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - each client has its own
            CLIENTS[client](Asked(f"{server.url}/cut"))
        return type(caught.value).__name__

    live = record(tmp_path / "c.yaml", ask)
    again = replay(tmp_path / "c.yaml", ask)
    assert live == again
    cassette = store.read(tmp_path / "c.yaml")
    assert {failure.kind for failure in cassette.failures} == {"reset"}
    assert cassette.interactions == ()


def test_a_stream_has_its_place_from_its_beginning_on_and_need_not_be_closed(server: Endless) -> None:
    def ask(client: httpx.Client) -> list[bytes]:
        answer = client.send(client.build_request("GET", f"{server.url}/events"), stream=True)
        came = answer.iter_raw()
        first = next(came)
        return [first, client.get(f"{server.url}/short").content, next(came)]

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with httpx.Client() as client, deck_in_use(deck):
        live = ask(client)
        take = deck.take()
    assert [kept.request.url.rpartition("/")[2] for kept in take.interactions] == ["events", "short"]
    assert take.interactions[0].elapsed is not None
    with httpx.Client() as client, deck_in_use(Deck(take, DeckOptions(guarded=True))):
        assert ask(client) == live


def test_hooks_see_a_stream_as_far_as_it_was_read(server: Endless) -> None:
    def shaped(response: dict[str, Any]) -> dict[str, Any] | None:
        seen.append(response["body"]["string"])
        return None

    seen: list[bytes] = []
    hooks = hooks_for({"before_record_response": shaped}, foreign=False)
    deck = Deck(None, DeckOptions(policy=Policy.RECORD, hooks=hooks))
    with deck_in_use(deck):
        lines_of_httpx(f"{server.url}/events", 1)
    assert not deck.has_recorded
    assert seen[0].startswith(EVENTS[0])


def test_what_a_deck_is_not_to_know_streams_too(server: Endless) -> None:
    hooks = hooks_for({"ignore_localhost": True}, foreign=False)
    deck = Deck(None, DeckOptions(policy=Policy.RECORD, hooks=hooks))
    with deck_in_use(deck):
        assert lines_of_httpx(f"{server.url}/events", 2) == [b"data: 0", b"data: 1"]
    assert not deck.has_recorded


def test_a_cassette_of_vcrpy_s_kind_gets_whole_answers(server: Endless, tmp_path: Path) -> None:
    for read in (lines_of_requests, lines_of_httpx):
        with VCR().use_cassette(str(tmp_path / f"{read.__name__}.yaml")) as cassette:
            assert read(f"{server.url}/short", 9) == [b"data: 0", b"data: 1"]
        assert [answer["body"]["string"] for answer in cassette.responses] == [b"".join(EVENTS[:2]).decode()]
