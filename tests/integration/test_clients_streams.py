"""What is more than a short answer: events, ten megabytes, HTTP/2, and a way through a proxy."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import h2.config
import h2.connection
import h2.events
import httpx
import pytest
import requests
import urllib3
from tests.integration.clients import CLIENTS, Asked, record, replay
from tests.sockets import listening

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use

servers = pytest.importorskip("tests.integration.servers")

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVENTS = [b"data: 1\n\n", b"event: two\ndata: 2\n\n", b": note\r\n\r\n", b"data: 3\ndata: more\n\n"]
BIG = bytes(range(256)) * 40_960


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Events, each sent on its own; ten megabytes; or, for a proxy, what was asked for."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if environ["PATH_INFO"] == "/events":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return iter(EVENTS)
    content = BIG if environ["PATH_INFO"] == "/big" else environ["REQUEST_URI"].encode()
    kind = "application/octet-stream" if content is BIG else "text/plain"
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(content)))])
    return [content]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with servers.running(application) as (address, _):
        yield address


def events_of_requests(url: str) -> list[bytes]:
    with requests.get(url, stream=True, timeout=5) as answer:
        return list(answer.iter_content(None))


def events_of_urllib3(url: str) -> list[bytes]:
    with urllib3.PoolManager() as pool:
        return list(pool.request("GET", url, preload_content=False, timeout=5).stream())


def events_of_httpx(url: str) -> list[bytes]:
    with httpx.stream("GET", url) as answer:
        return list(answer.iter_raw())


def events_of_async_httpx(url: str) -> list[bytes]:
    async def ask() -> list[bytes]:
        async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
            return [part async for part in answer.aiter_raw()]

    return asyncio.run(ask())


def events_of_aiohttp(url: str) -> list[bytes]:
    async def ask() -> list[bytes]:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return [part async for part, _ in answer.content.iter_chunks() if part]

    return asyncio.run(ask())


def events_of_http_client(url: str) -> list[bytes]:
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", f"/{path}")
    answer, parts = connection.getresponse(), []
    while part := answer.read1():
        parts.append(part)
    connection.close()
    return parts


STREAMING = [
    events_of_requests, events_of_urllib3, events_of_httpx, events_of_async_httpx, events_of_aiohttp,
    events_of_http_client,
]  # fmt: skip


@pytest.mark.parametrize("read", STREAMING)
def test_events_come_one_by_one(read: Callable[[str], list[bytes]], url: str, tmp_path: Path) -> None:
    def ask() -> list[bytes]:
        return read(f"{url}/events")

    live = record(tmp_path / "c.yaml", ask)
    assert live == EVENTS
    assert replay(tmp_path / "c.yaml", ask) == EVENTS


@pytest.mark.parametrize("client", ["requests", "httpx", "aiohttp", "http.client"])
def test_ten_megabytes_both_ways(client: str, url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    def ask() -> tuple[int, str]:
        seen = CLIENTS[client](Asked(f"{url}/big", "POST", (("Content-Type", "application/octet-stream"),), BIG))
        return len(seen.body), hashlib.sha256(seen.body).hexdigest()

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    assert live == (len(BIG), hashlib.sha256(BIG).hexdigest())
    with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
        assert ask() == live
    if request.config.getoption("--turns") > 1:
        # Writing twenty megabytes and reading them again takes seconds.
        assert record(tmp_path / "c.yaml", ask) == replay(tmp_path / "c.yaml", ask) == live


def through_requests(url: str, proxy: str) -> str:
    return requests.get(url, proxies={"http": proxy}, timeout=5).text


def through_urllib3(url: str, proxy: str) -> str:
    with urllib3.ProxyManager(proxy) as pool:
        return pool.request("GET", url, timeout=5).data.decode()


def through_httpx(url: str, proxy: str) -> str:
    return httpx.get(url, proxy=proxy).text


def through_aiohttp(url: str, proxy: str) -> str:
    async def ask() -> str:
        async with aiohttp.ClientSession() as session, session.get(url, proxy=proxy) as answer:
            return await answer.text()

    return asyncio.run(ask())


def through_http_client(url: str, proxy: str) -> str:
    connection = http.client.HTTPConnection(proxy.removeprefix("http://"))
    connection.request("GET", url)
    content = connection.getresponse().read().decode()
    connection.close()
    return content


@pytest.mark.parametrize(
    "get", [through_requests, through_urllib3, through_httpx, through_aiohttp, through_http_client]
)
def test_what_came_through_a_proxy_is_of_the_one_behind_it(
    get: Callable[[str, str], str], url: str, tmp_path: Path
) -> None:
    asked = "http://api.example.com/v1/things?a=1"
    live = record(tmp_path / "c.yaml", lambda: get(asked, url))
    assert live == asked, "a proxy is asked with the whole address"
    # Port 9 is where nobody is: on replay no proxy is needed.
    assert replay(tmp_path / "c.yaml", lambda: get(asked, "http://127.0.0.1:9")) == live


@contextmanager
def speaking_http2() -> Iterator[str]:
    """A server that answers each stream with its path, without TLS and with prior knowledge."""

    def answer(talk: h2.connection.H2Connection, event: h2.events.RequestReceived) -> None:
        path = dict(event.headers)[b":path"]
        fields = [(":status", "201"), ("content-type", "text/plain"), ("x-two", "a"), ("x-two", "b")]
        talk.send_headers(event.stream_id, fields)
        talk.send_data(event.stream_id, path, end_stream=True)

    def serve(connection: socket.socket) -> None:
        talk = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        talk.initiate_connection()
        connection.sendall(talk.data_to_send())
        while received := connection.recv(65536):
            for event in talk.receive_data(received):
                if isinstance(event, h2.events.RequestReceived):
                    answer(talk, event)
            connection.sendall(talk.data_to_send())

    with listening(serve) as url:
        yield url


def test_http2_is_http2_on_replay(tmp_path: Path) -> None:
    def told(answer: httpx.Response) -> tuple[Any, ...]:
        return answer.http_version, answer.status_code, answer.reason_phrase, answer.headers.raw, answer.content

    async def ask_async(url: str) -> list[tuple[Any, ...]]:
        async with httpx.AsyncClient(http1=False, http2=True) as client:
            answers = await asyncio.gather(*(client.get(f"{url}/{number}") for number in range(5)))
        return [told(answer) for answer in answers]

    with speaking_http2() as url:

        def ask() -> list[tuple[Any, ...]]:
            with httpx.Client(http1=False, http2=True) as client:
                return [told(client.get(f"{url}/sync")), *asyncio.run(ask_async(url))]

        live = record(tmp_path / "c.yaml", ask)
    assert [(version, status, content) for version, status, _, _, content in live] == [
        ("HTTP/2", 201, b"/sync"),
        *(("HTTP/2", 201, b"/%d" % number) for number in range(5)),
    ]
    assert replay(tmp_path / "c.yaml", ask) == live
