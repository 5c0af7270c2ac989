"""Requests that nobody waited for: cancelled from outside when recorded, and again on replay."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest
from tests.integration.clients import record, replay, trust
from tests.sockets import listening

from undrift import store
from undrift.engine import Deck, DeckOptions, deck_in_use
from undrift.engine.failures import PATIENCE_SECONDS
from undrift.model import Cassette, Failure, Request

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    Read = Callable[[str, list[bytes]], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n\r\n"
ANSWERS = {
    b"at-once": HEAD % b"Content-Length: 2" + b"ok",
    b"never": b"",
    b"half": HEAD % b"Content-Length: 99" + b"data: 0\n\n",
    b"stalling": HEAD % b"Transfer-Encoding: chunked" + b"9\r\ndata: 0\n\n\r\n",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    stop = threading.Event()

    def serve(connection: socket.socket) -> None:
        how = connection.recv(65536).split(b" ")[1][1:]
        connection.sendall(ANSWERS[how])
        if how != b"at-once":
            stop.wait(5)

    with listening(serve) as served:
        yield served
        stop.set()


async def with_httpx(url: str, parts: list[bytes]) -> None:
    async with httpx.AsyncClient(verify=trust()) as client, client.stream("GET", url) as answer:
        async for part in answer.aiter_bytes():
            parts.append(part)  # noqa: PERF401 - what came before the error counts


async def with_aiohttp(url: str, parts: list[bytes]) -> None:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        async for part in answer.content.iter_any():
            parts.append(part)  # noqa: PERF401 - as above


READERS: dict[str, Read] = {"httpx": with_httpx, "aiohttp": with_aiohttp}


@pytest.mark.parametrize("how", ["never", "half", "stalling"])
@pytest.mark.parametrize("client", READERS)
def test_what_was_not_waited_for_is_not_waited_for_again(client: str, how: str, url: str, tmp_path: Path) -> None:
    async def ask() -> tuple[bytes, bytes]:
        given_up: list[bytes] = []
        answered: list[bytes] = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await READERS[client](f"{url}/{how}", given_up)
        await READERS[client](f"{url}/at-once", answered)
        return b"".join(given_up), b"".join(answered)

    # Of what says its length httpx gives nothing before it has all of it, where it is recorded.
    assert record(tmp_path / "c.yaml", lambda: asyncio.run(ask()))[1] == b"ok"
    (failure,) = store.read(tmp_path / "c.yaml").failures
    assert (failure.kind, failure.error) == ("timeout", "GivenUpError")
    assert (failure.response is None) == (how == "never")
    played = replay(tmp_path / "c.yaml", lambda: asyncio.run(ask()))
    assert played == (b"" if how == "never" else b"data: 0\n\n", b"ok")


@pytest.mark.parametrize("client", READERS)
def test_who_lost_a_race_loses_it_again(client: str, url: str, tmp_path: Path) -> None:
    async def race() -> tuple[bytes, bool]:
        first: list[bytes] = []
        none: list[bytes] = []
        slow, fast = (
            asyncio.ensure_future(READERS[client](f"{url}/{how}", parts))
            for how, parts in (("never", none), ("at-once", first))
        )
        done, waiting = await asyncio.wait([slow, fast], return_when=asyncio.FIRST_COMPLETED)
        assert (done, waiting) == ({fast}, {slow})
        slow.cancel()
        await asyncio.wait([slow])
        return b"".join(first), slow.cancelled()

    live = record(tmp_path / "c.yaml", lambda: asyncio.run(race()))
    assert live == (b"ok", True)
    assert replay(tmp_path / "c.yaml", lambda: asyncio.run(race())) == live


def given_up() -> Deck:
    failure = Failure(0, Request("GET", "http://api.example.com/a"), "timeout", "", "GivenUpError")
    return Deck(Cassette(failures=(failure,)), DeckOptions(guarded=True))


def test_who_waits_for_it_now_waits_as_long_as_the_client_would(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(limit: float | None) -> None:
        async with httpx.AsyncClient(verify=trust(), timeout=limit) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("http://api.example.com/a")

    with deck_in_use(given_up()):
        asyncio.run(ask(0.01))
    assert PATIENCE_SECONDS > 1
    monkeypatch.setattr("undrift.engine.clients_httpx.PATIENCE_SECONDS", 0.01)
    with deck_in_use(given_up()):
        asyncio.run(ask(None))


def test_aiohttp_waits_for_it_no_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(TimeoutError):
                await session.get("http://api.example.com/a")

    monkeypatch.setattr("undrift.engine.clients_aiohttp.PATIENCE_SECONDS", 0.01)
    with deck_in_use(given_up()):
        asyncio.run(ask())


def test_a_client_that_cannot_be_cancelled_is_told_at_once() -> None:
    with deck_in_use(given_up()), httpx.Client(verify=trust()) as client, pytest.raises(httpx.ReadTimeout) as caught:
        client.get("http://api.example.com/a")
    assert caught.value.__cause__ is None
