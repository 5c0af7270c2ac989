"""Many at once: threads, pools and tasks, each with its own answer and from its own deck."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests

from undrift.engine import Deck, DeckOptions, deck_in_use, interception
from undrift.errors import StrayRequestError
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORIGIN = "https://api.example.com"


def cassette(count: int, word: str = "") -> Cassette:
    fields = Headers.of([("Content-Type", "text/plain")])
    return Cassette(tuple(
        Interaction(Request("GET", f"{ORIGIN}/{number}"), Response(200, "OK", fields, f"{word}{number}".encode()))
        for number in range(count)
    ))  # fmt: skip


def playing(count: int, word: str = "") -> Deck:
    return Deck(cassette(count, word), DeckOptions(guarded=True), path=f"{word or 'c'}.yaml")


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The sockets that were opened meanwhile, to the network."""
    opened: list[Any] = []

    class Counted(socket.socket):
        def __init__(self, family: int = -1, *args: Any, **kwargs: Any) -> None:
            super().__init__(family, *args, **kwargs)
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                opened.append(self.family)

    monkeypatch.setattr(socket, "socket", Counted)
    yield opened
    monkeypatch.undo()


@pytest.mark.parametrize("is_short", [True, False], ids=["at the adapter", "at the connection"])
def test_400_requests_on_40_threads_open_no_socket(sockets: list[Any], is_short: bool) -> None:  # noqa: FBT001 - a case
    def get(number: int) -> str:
        # An adapter with a subclass of its own goes the whole way to urllib3's connections.
        with requests.Session() as session:
            if not is_short:
                session.mount(ORIGIN, requests.adapters.HTTPAdapter(max_retries=1))
            return session.get(f"{ORIGIN}/{number}", timeout=5).text

    with deck_in_use(playing(400)) as deck, ThreadPoolExecutor(40) as pool:
        assert list(pool.map(get, range(400))) == [str(number) for number in range(400)]
    assert deck.all_played
    assert sockets == []


async def with_httpx() -> list[str]:
    async with httpx.AsyncClient() as client:
        answers = await asyncio.gather(*(client.get(f"{ORIGIN}/{number}") for number in range(200)))
    return [answer.text for answer in answers]


async def with_aiohttp() -> list[str]:
    async with aiohttp.ClientSession() as session:

        async def get(number: int) -> str:
            async with session.get(f"{ORIGIN}/{number}") as answer:
                return await answer.text()

        return list(await asyncio.gather(*(get(number) for number in range(200))))


@pytest.mark.parametrize("ask", [with_httpx, with_aiohttp])
def test_200_at_once_get_each_their_own(ask: Callable[[], Any]) -> None:
    with deck_in_use(playing(200)) as deck:
        assert asyncio.run(ask()) == [str(number) for number in range(200)]
    assert deck.all_played


def get(number: int = 0) -> str:
    return requests.get(f"{ORIGIN}/{number}", timeout=5).text


def test_a_pool_older_than_its_tests_plays_for_each_from_its_own() -> None:
    with interception(), ThreadPoolExecutor(4) as pool:
        for word in ("one ", "two "):
            with deck_in_use(playing(20, word)):
                assert list(pool.map(get, range(20))) == [f"{word}{number}" for number in range(20)]


def test_tasks_of_one_loop_play_each_from_their_own() -> None:
    async def test(word: str) -> list[str]:
        with deck_in_use(playing(10, word)):
            async with httpx.AsyncClient() as client:
                seen = []
                for number in range(10):
                    seen.append((await client.get(f"{ORIGIN}/{number}")).text)
                    await asyncio.sleep(0)
                return seen

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(test("one "), test("two ")))

    assert asyncio.run(both()) == [[f"{word}{number}" for number in range(10)] for word in ("one ", "two ")]


def test_a_thread_that_outlives_its_test_is_refused() -> None:
    go, seen = threading.Event(), []

    def work() -> None:
        go.wait(5)
        try:
            seen.append(get())
        except StrayRequestError as error:
            seen.append(str(error))

    with interception():
        with deck_in_use(playing(1, "over")):
            thread = threading.Thread(target=work)
            thread.start()
        with deck_in_use(playing(1, "other")) as other:
            go.set()
            thread.join()
        assert other.play_count == 0, "another test's answer is not its own"
    (refusal,) = seen
    assert refusal.startswith("A request was made after the test that it belongs to was over (cassette over.yaml).")
