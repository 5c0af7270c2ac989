"""Answers that break off half-way: what came first comes again on replay, and then the same error."""

from __future__ import annotations

import asyncio
import http.client
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from tests.integration.clients import record, replay, trust
from tests.sockets import listening, reset

from undrift import store

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Read = Callable[[str, list[bytes]], None]

EVENTS = (b"data: 0\n\n", b"data: 1\n\n")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n\r\n"
CHUNKS = HEAD % b"Transfer-Encoding: chunked" + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in EVENTS)
LIMIT = 0.2


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    stop = threading.Event()

    def serve(connection: socket.socket) -> None:
        how = connection.recv(65536).split(b" ")[1]
        connection.sendall(HEAD % b"Content-Length: 99" + b"".join(EVENTS) if b"half" in how else CHUNKS)
        stop.wait(0.05)  # so that its reader has all of it before it hears of the end
        if b"no-chunk" in how:
            connection.sendall(b"no chunk\r\n")
        if b"late" in how:
            stop.wait(5)
        if b"reset" in how:
            reset(connection)

    with listening(serve) as served:
        yield served
        stop.set()


def with_requests(url: str, parts: list[bytes]) -> None:
    with requests.get(url, stream=True, timeout=LIMIT) as answer:
        parts.extend(answer.iter_content(9))


def with_urllib3(url: str, parts: list[bytes]) -> None:
    with urllib3.PoolManager(retries=False) as pool:
        for part in pool.request("GET", url, preload_content=False, timeout=LIMIT).stream(9):
            parts.append(part)  # noqa: PERF402 - what came before the error counts


def with_httpx(url: str, parts: list[bytes]) -> None:
    with httpx.stream("GET", url, timeout=LIMIT, verify=trust()) as answer:
        for part in answer.iter_bytes():
            parts.append(part)  # noqa: PERF402 - as above


def with_async_httpx(url: str, parts: list[bytes]) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(timeout=LIMIT, verify=trust()) as client, client.stream("GET", url) as answer:
            async for part in answer.aiter_bytes():
                parts.append(part)  # noqa: PERF401 - as above

    asyncio.run(ask())


def with_aiohttp(url: str, parts: list[bytes]) -> None:
    async def ask() -> None:
        limit = aiohttp.ClientTimeout(total=LIMIT)
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
            async for part in answer.content.iter_any():
                parts.append(part)  # noqa: PERF401 - as above

    asyncio.run(ask())


def with_http_client(url: str, parts: list[bytes]) -> None:
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=LIMIT)
    try:
        connection.request("GET", f"/{path}")
        _in_nines(connection.getresponse(), parts)
    finally:
        connection.close()


def with_urllib(url: str, parts: list[bytes]) -> None:
    with urllib.request.urlopen(url, timeout=LIMIT) as answer:  # noqa: S310 - a loopback address of ours
        _in_nines(answer, parts)


def _in_nines(answer: Any, parts: list[bytes]) -> None:
    while part := answer.read(9):
        parts.append(part)


READERS: dict[str, Read] = {
    "requests": with_requests,
    "urllib3": with_urllib3,
    "httpx": with_httpx,
    "async httpx": with_async_httpx,
    "aiohttp": with_aiohttp,
    "http.client": with_http_client,
    "urllib": with_urllib,
}


def read_by(client: str, url: str) -> tuple[bytes, str]:
    """What a client gave until it broke off, and how that was told."""
    parts: list[bytes] = []
    try:
        READERS[client](url, parts)
    except Exception as error:  # noqa: BLE001 - each client has its own
        return b"".join(parts), type(error).__name__
    return b"".join(parts), "ended"


@pytest.mark.parametrize("how", ["cut", "no-chunk", "half", "reset", "late"])
@pytest.mark.parametrize("client", READERS)
def test_what_came_before_an_answer_broke_off_comes_again(client: str, how: str, url: str, tmp_path: Path) -> None:
    def ask() -> tuple[bytes, str]:
        return read_by(client, f"{url}/{how}")

    live = ask()
    assert record(tmp_path / "c.yaml", ask) == live
    (failure,) = store.read(tmp_path / "c.yaml").failures
    assert failure.response is not None
    assert (failure.response.status, failure.response.body) == (200, b"".join(EVENTS))
    # What is no chunk, aiohttp waits for until its time is over.
    assert failure.kind == ("timeout" if how == "late" or live[1] == "TimeoutError" else "reset")
    assert replay(tmp_path / "c.yaml", ask) == live
    # http.client takes what is shorter than it says for whole where it is read in pieces.
    assert live[1] != "ended" or client in {"http.client", "urllib"}


@pytest.mark.parametrize(
    ("recorder", "player"), [("requests", "httpx"), ("httpx", "aiohttp"), ("aiohttp", "requests"), ("httpx", "urllib3")]
)
def test_another_client_is_told_in_its_own_way(recorder: str, player: str, url: str, tmp_path: Path) -> None:
    live = read_by(player, f"{url}/cut")
    record(tmp_path / "c.yaml", lambda: read_by(recorder, f"{url}/cut"))
    assert replay(tmp_path / "c.yaml", lambda: read_by(player, f"{url}/cut")) == live
