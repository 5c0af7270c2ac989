"""What a client sees on replay equals what it saw live: real clients, a real server."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import http.cookiejar
import io
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.errors import NoMatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.webserver import WebServer

pytestmark = pytest.mark.usefixtures("intercepted")

Seen = tuple[int, str, list[tuple[str, str]], bytes]


def with_requests(url: str) -> Seen:
    with requests.Session() as session:
        answer = session.get(url, timeout=5)
    raw: Any = answer.raw
    return answer.status_code, answer.reason, list(raw.headers.items()), answer.content


def with_urllib3(url: str) -> Seen:
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", url, timeout=5)
    return answer.status, str(answer.reason), list(answer.headers.items()), answer.data


def with_httpx(url: str) -> Seen:
    with httpx.Client() as client:
        answer = client.get(url)
    fields = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
    return answer.status_code, answer.reason_phrase, fields, answer.content


def with_async_httpx(url: str) -> Seen:
    async def get() -> Seen:
        async with httpx.AsyncClient() as client:
            answer = await client.get(url)
        fields = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
        return answer.status_code, answer.reason_phrase, fields, answer.content

    return asyncio.run(get())


def unpacked(content: bytes, encoding: str | None) -> bytes:
    """These clients hand out what travelled, and a replay packs anew: equal is what is inside."""
    return gzip.decompress(content) if encoding else content


EXACT = [with_requests, with_urllib3, with_httpx, with_async_httpx]


def with_urllib(url: str) -> Seen:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - a loopback address of ours
        return answer.status, answer.reason, [], unpacked(answer.read(), answer.headers["Content-Encoding"])


def with_http_client(url: str) -> Seen:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    content = unpacked(answer.read(), answer.getheader("Content-Encoding"))
    connection.close()
    return answer.status, answer.reason, [], content


def with_aiohttp(url: str) -> Seen:
    async def get() -> Seen:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, str(answer.reason), [], await answer.read()

    return asyncio.run(get())


ALL = [*EXACT, with_urllib, with_http_client, with_aiohttp]


def record(act: Callable[[], Any]) -> tuple[Any, Deck]:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        return act(), deck


def replay(deck: Deck, act: Callable[[], Any]) -> Any:
    with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
        return act()


@pytest.mark.parametrize("route", ["index", "zipped", "fields", "binary", "chunked", "empty"])
@pytest.mark.parametrize("get", ALL)
def test_a_replayed_answer_equals_the_live_one(get: Callable[[str], Seen], route: str, server: WebServer) -> None:
    live, deck = record(lambda: get(f"{server.url}/{route}"))
    hits = len(server.hits)
    assert hits == 1
    assert replay(deck, lambda: get(f"{server.url}/{route}")) == live
    assert len(server.hits) == hits


@pytest.mark.parametrize("get", ALL)
def test_recording_shows_the_client_what_it_sees_without_undrift(get: Callable[[str], Seen], server: WebServer) -> None:
    plain = get(f"{server.url}/fields")
    recorded, _ = record(lambda: get(f"{server.url}/fields"))

    def without_date(seen: Seen) -> Seen:
        return seen[0], seen[1], [field for field in seen[2] if field[0].lower() != "date"], seen[3]

    assert without_date(recorded) == without_date(plain)


@pytest.mark.parametrize("get", EXACT)
def test_header_fields_keep_order_and_repeats(get: Callable[[str], Seen], server: WebServer) -> None:
    _, deck = record(lambda: get(f"{server.url}/fields"))
    fields = [field for field in deck.take().interactions[0].response.headers if field[0] not in {"Server", "Date"}]
    assert fields == [
        ("Content-Type", "text/plain"),
        ("X-Second", "b"),
        ("x-FIRST", "a"),
        ("Set-Cookie", "one=1; Path=/"),
        ("Set-Cookie", "two=2"),
        ("Content-Length", "6"),
    ]


def test_a_compressed_body_is_kept_decoded(server: WebServer) -> None:
    _, deck = record(lambda: with_requests(f"{server.url}/zipped"))
    response = deck.take().interactions[0].response
    assert response.body.startswith(b'{"zipped": true')
    assert response.encoding == "gzip"


Visited = tuple[list[tuple[int, str]], str, dict[str, str]]


def visit_with_requests(url: str) -> Visited:
    with requests.Session() as session:
        moved = session.get(f"{url}/moved", timeout=5)
        session.get(f"{url}/fields", timeout=5)
        return [(step.status_code, step.reason) for step in moved.history], moved.url, session.cookies.get_dict()


def visit_with_httpx(url: str) -> Visited:
    with httpx.Client(follow_redirects=True) as client:
        moved = client.get(f"{url}/moved")
        client.get(f"{url}/fields")
        return [(step.status_code, step.reason_phrase) for step in moved.history], str(moved.url), dict(client.cookies)


def visit_with_async_httpx(url: str) -> Visited:
    async def visit() -> Visited:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            moved = await client.get(f"{url}/moved")
            await client.get(f"{url}/fields")
        history = [(step.status_code, step.reason_phrase) for step in moved.history]
        return history, str(moved.url), dict(client.cookies)

    return asyncio.run(visit())


def visit_with_aiohttp(url: str) -> Visited:
    async def visit() -> Visited:
        # Cookies of an address without a name are kept by a jar that was told so.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(f"{url}/moved") as moved:
                history = [(step.status, str(step.reason)) for step in moved.history]
            async with session.get(f"{url}/fields"):
                return history, str(moved.url), {cookie.key: cookie.value for cookie in jar}

    return asyncio.run(visit())


def visit_with_urllib(url: str) -> Visited:
    jar, history = http.cookiejar.CookieJar(), []

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments: Any) -> urllib.request.Request | None:
            history.append((arguments[2], arguments[3]))
            return super().redirect_request(*arguments)

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), Redirects)
    with opener.open(f"{url}/moved") as moved, opener.open(f"{url}/fields"):
        return history, moved.url, {cookie.name: str(cookie.value) for cookie in jar}


@pytest.mark.parametrize(
    "visit",
    [visit_with_requests, visit_with_httpx, visit_with_async_httpx, visit_with_aiohttp, visit_with_urllib],
)
def test_redirects_replay_with_their_history_and_cookies(visit: Callable[[str], Visited], server: WebServer) -> None:
    live, deck = record(lambda: visit(server.url))
    assert live == ([(302, "Found")], f"{server.url}/index", {"one": "1", "two": "2"})
    assert replay(deck, lambda: visit(server.url)) == live


def test_retries_of_urllib3_replay_as_the_retries_that_they_were(server: WebServer) -> None:
    def ask() -> tuple[int, int]:
        retries = urllib3.Retry(5, status_forcelist=[503], backoff_factor=0)
        with urllib3.PoolManager() as pool:
            answer = pool.request("GET", f"{server.url}/busy", retries=retries)
            assert answer.retries is not None
            return answer.status, len(answer.retries.history)

    live, deck = record(ask)
    assert live == (200, 2)
    assert [kept.response.status for kept in deck.take().interactions] == [503, 503, 200]
    assert replay(deck, ask) == live


@pytest.mark.parametrize("get", EXACT)
def test_a_refused_connection_is_raised_again(get: Callable[[str], Seen]) -> None:
    def ask() -> str:
        try:
            get("http://127.0.0.1:9/")
        except Exception as error:  # noqa: BLE001 - each client has its own
            return type(error).__name__
        return "no error"

    live, deck = record(ask)
    assert live in {"ConnectionError", "NewConnectionError", "ConnectError"}
    assert [failure.kind for failure in deck.take().failures] == ["connection-refused"]
    assert replay(deck, ask) == live


@pytest.mark.parametrize("route", ["cut", "slow"])
def test_other_failures_are_raised_again(route: str, server: WebServer) -> None:
    def ask() -> list[str]:
        names = []
        for client, url in ((requests, f"{server.url}/{route}"), (httpx, f"{server.url}/{route}?2")):
            try:
                client.get(url, timeout=0.3)
            except (requests.RequestException, httpx.HTTPError) as error:
                names.append(type(error).__name__)
        return names

    live, deck = record(ask)
    assert len(live) == 2
    expected = {"cut": "reset", "slow": "timeout"}[route]
    assert {failure.kind for failure in deck.take().failures} == {expected}
    replayed = replay(deck, ask)
    assert replayed[0] == live[0]
    assert replayed[1] in {live[1], "ReadError"}


def test_streams_are_read_whole_and_given_again(server: WebServer) -> None:
    def ask() -> list[bytes]:
        with httpx.stream("GET", f"{server.url}/chunked") as answer:
            streamed = b"".join(answer.iter_bytes())
        with requests.get(f"{server.url}/chunked", stream=True, timeout=5) as other:
            return [streamed, b"".join(other.iter_content(4))]

    live, deck = record(ask)
    assert live == [b"hello world", b"hello world"]
    assert replay(deck, ask) == live


def test_request_bodies_of_all_kinds_are_kept(server: WebServer) -> None:
    def parts() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    def send() -> None:
        requests.post(server.url, json={"a": 1}, timeout=5)
        requests.post(server.url, data="text", timeout=5)
        requests.put(server.url, data=io.BytesIO(b"array"), timeout=5)
        httpx.post(server.url, content=parts())

    _, deck = record(send)
    bodies = [kept.request.body for kept in deck.take().interactions]
    assert bodies == [b'{"a": 1}', b"text", b"array", b"onetwo"]
    replay(deck, send)


def test_fifty_gathered_requests_each_get_their_own_answer(server: WebServer) -> None:
    async def gather() -> list[str]:
        async with httpx.AsyncClient() as client:
            answers = await asyncio.gather(*(client.get(f"{server.url}/?n={n}") for n in range(50)))
        return [answer.json()["id"] for answer in answers]

    live, deck = record(lambda: asyncio.run(gather()))
    assert len(set(live)) == 50
    assert replay(deck, lambda: asyncio.run(gather())) == live


def test_without_a_deck_nothing_is_intercepted(server: WebServer) -> None:
    assert with_requests(server.url)[0] == with_httpx(server.url)[0] == 200
    assert len(server.hits) == 2


@pytest.mark.parametrize("get", ALL)
def test_an_unrecorded_request_is_refused_and_never_sent(get: Callable[[str], Seen], server: WebServer) -> None:
    deck = Deck(None, DeckOptions(), path="cassettes/x.yaml")
    with deck_in_use(deck), pytest.raises(Exception, match=r"there is no cassette at cassettes/x\.yaml"):
        get(f"{server.url}/index")
    assert server.hits == []
    assert len(deck.refusals) == 1
    assert not isinstance(deck.refusals[0], NoMatchError)
