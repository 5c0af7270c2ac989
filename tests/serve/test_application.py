from __future__ import annotations

import gzip
import http.client
import threading
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from undrift.fault import Fault, FaultKind, FaultPlan
from undrift.match import MatchRules
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.serve import server

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = Headers((("Content-Type", "application/json"),))
ORIGIN = "https://api.example.com"


def recorded(*pairs: tuple[Request, Response]) -> Cassette:
    return Cassette(tuple(Interaction(request, response) for request, response in pairs), test="tests/t.py::t")


def get(path: str) -> Request:
    return Request("GET", f"{ORIGIN}{path}")


def text(body: str, status: int = 200) -> Response:
    return Response(status, "OK", Headers((("Content-Type", "text/plain"),)), body.encode())


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as found:
        yield found


def raw(url: str, method: str, target: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with closing(connection):
        connection.request(method, target, headers=headers or {})
        response = connection.getresponse()
        response.read()
        return response


def test_a_client_sees_what_was_recorded(client: httpx.Client) -> None:
    headers = Headers((("X-Late", "1"), ("set-COOKIE", "a=1"), ("Date", "then"), ("Set-Cookie", "b=2")))
    answer = Response(201, "Created", headers, b"\xff\x00")
    with server([recorded((get("/v1/a?x=1&y=2"), answer))]) as running:
        response = client.get(f"{running.url}/v1/%61?y=2&x=1")
    assert (response.status_code, response.content) == (201, b"\xff\x00")
    assert response.headers.raw == [
        (b"X-Late", b"1"),
        (b"set-COOKIE", b"a=1"),
        (b"Date", b"then"),
        (b"Set-Cookie", b"b=2"),
        (b"Content-Length", b"2"),
    ]


def test_bodies_are_matched_and_their_encodings_taken_off(client: httpx.Client) -> None:
    first = Request("POST", f"{ORIGIN}/a", JSON, b'{"x": 1, "y": 2}')
    second = Request("POST", f"{ORIGIN}/a", JSON, b'{"x": 2}')
    packed = Response(200, "OK", Headers((("Content-Encoding", "gzip"),)), b"second", "gzip")
    with server([recorded((first, text("first")), (second, packed))]) as running:
        url = f"{running.url}/a"
        fields = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        assert client.post(url, json={"x": 2}).text == "second"
        assert client.post(url, content=gzip.compress(b'{"y":2,"x":1}', mtime=0), headers=fields).text == "first"
        assert client.post(url, content=b'{"x": 2}', headers=fields).status_code == 200
        assert client.post(url, content=b"not gzip", headers=fields).status_code == 501


def test_answers_come_in_order_over_one_connection_and_from_several_cassettes() -> None:
    cassettes = [recorded((get("/job"), text("busy"))), recorded((get("/job"), text("done")), (get("/b"), text("b")))]
    with server(cassettes) as running, requests.Session() as session:
        answers = [session.get(f"{running.url}{path}", timeout=10).text for path in ("/job", "/b", "/job", "/job")]
    assert answers == ["busy", "b", "done", "done"]


def test_a_redirect_is_followed_here(client: httpx.Client) -> None:
    moved = Response(302, "Found", Headers((("Location", f"{ORIGIN}/b"),)))
    with server([recorded((get("/a"), moved), (get("/b"), text("there")))]) as running:
        response = client.get(f"{running.url}/a", follow_redirects=True)
        assert (response.text, str(response.url)) == ("there", f"{running.url}/b")


def test_answers_without_content() -> None:
    length = Headers((("Content-Length", "1234"),))
    pairs = [
        (Request("HEAD", f"{ORIGIN}/a"), Response(200, "OK", length)),
        (get("/a"), Response(204, "No Content")),
        (get("/b"), Response(304, "Not Modified")),
    ]
    with server([recorded(*pairs)]) as running:
        assert raw(running.url, "HEAD", "/a").headers["Content-Length"] == "1234"
        assert raw(running.url, "GET", "/a").status == 204
        assert raw(running.url, "GET", "/b").status == 304


def test_a_request_as_to_a_proxy_is_answered_too() -> None:
    with server([recorded((get("/a?x=1"), text("a")))]) as running:
        assert raw(running.url, "GET", "http://api.example.com/a?x=1").status == 200
        assert raw(running.url, "OPTIONS", "*").status == 501


def test_what_was_not_recorded_is_refused_with_the_nearest(client: httpx.Client) -> None:
    with server([recorded((Request("POST", f"{ORIGIN}/a", JSON, b'{"x": 1}'), text("a")))]) as running:
        plain = client.post(f"{running.url}/a", json={"x": 2})
        as_json = client.post(f"{running.url}/a", json={"x": 2}, headers={"Accept": "application/json"})
        nowhere = client.get(f"{running.url}/entirely/else")
    assert (plain.status_code, plain.headers["Undrift"]) == (501, "no-match")
    assert "The nearest, as a guess, is POST /a (interaction 0 of tests/t.py::t)." in plain.text
    assert "body /x: recorded 1 / sent 2" in plain.text
    assert as_json.json()["differences"] == ["body /x: recorded 1 / sent 2"]
    assert "Nothing is like it either." in nowhere.text


def test_the_rules_of_matching_are_asked(client: httpx.Client) -> None:
    with server([recorded((get("/a?nonce=1"), text("a")))], rules=MatchRules(volatile=("nonce",))) as running:
        assert client.get(f"{running.url}/a?nonce=2").text == "a"


def test_a_recorded_failure_breaks_the_connection(client: httpx.Client) -> None:
    cassette = Cassette((Interaction(get("/a"), text("a")),), (Failure(0, get("/a"), "reset"),))
    with server([cassette]) as running:
        with pytest.raises(httpx.TransportError):
            client.get(f"{running.url}/a")
        assert client.get(f"{running.url}/a").text == "a"


def fixed(*faults: Fault | None) -> FaultPlan:
    return FaultPlan(rate=0, fixed=tuple((number, fault) for number, fault in enumerate(faults) if fault is not None))


def test_another_status_does_not_use_the_answer_up(client: httpx.Client) -> None:
    plan = fixed(Fault(FaultKind.STATUS, status=503, retry_after=timedelta(seconds=3)))
    with server([recorded((get("/a"), text("first")), (get("/a"), text("second")))], plan=plan) as running:
        refused, first, second = (client.get(f"{running.url}/a") for _ in range(3))
    assert (refused.status_code, refused.headers["Retry-After"], refused.content) == (503, "3", b"")
    assert (first.text, second.text) == ("first", "second")


def test_a_reset_leaves_the_client_without_an_answer() -> None:
    with server([recorded((get("/a"), text("a")))], plan=fixed(Fault(FaultKind.RESET))) as running:
        with pytest.raises(ConnectionResetError):
            raw(running.url, "GET", "/a")
        assert raw(running.url, "GET", "/a").status == 200


def test_a_torn_answer_ends_early(client: httpx.Client) -> None:
    cassette = recorded((get("/a"), text("hello")), (get("/empty"), text("")))
    torn = Fault(FaultKind.TRUNCATE, cut=13)
    with server([cassette], plan=fixed(torn, None, torn)) as running:
        with closing(http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=10)) as connection:
            connection.request("GET", "/a")
            response = connection.getresponse()
            with pytest.raises(http.client.IncompleteRead) as caught:
                response.read()
        assert (caught.value.partial, caught.value.expected) == (b"hel", 2)
        assert client.get(f"{running.url}/a").text == "hello"
        with pytest.raises(httpx.TransportError):
            client.get(f"{running.url}/empty")


def test_a_delayed_answer_comes_whole_and_holds_up_no_other(client: httpx.Client) -> None:
    plan = fixed(Fault(FaultKind.DELAY, delay=timedelta(seconds=0.3)))
    cassette = recorded((get("/slow"), text("slow")), (get("/slow"), text("quick")))
    with server([cassette], plan=plan) as running:
        began = time.monotonic()
        with closing(http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=10)) as slow:
            slow.request("GET", "/slow")
            assert client.get(f"{running.url}/slow").text == "quick"
            assert slow.getresponse().read() == b"slow"
        assert time.monotonic() - began >= 0.3


def test_many_clients_at_once_each_get_their_own() -> None:
    cassette = recorded(*((get(f"/{number}"), text(str(number))) for number in range(40)))
    found: dict[int, str] = {}
    with server([cassette]) as running:

        def fetch(number: int) -> None:
            found[number] = requests.get(f"{running.url}/{number}", timeout=10).text

        threads = [threading.Thread(target=fetch, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: str(number) for number in range(40)}
