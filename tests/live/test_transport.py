from __future__ import annotations

import gzip
import socket
import ssl
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.ports import held
from tests.sockets import listening, reset

from undrift.errors import BodyError, NotAnsweredError, UsageError
from undrift.live import http_transport, send
from undrift.live.sending import SystemClock
from undrift.model import Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
QUICK = timedelta(seconds=5)


@contextmanager
def server(*answers: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each connection with the next of these bytes; None resets it.

    Gives its URL, and what it received.
    """
    received: list[bytes] = []
    left = list(answers)

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        reply = left.pop(0)
        if reply is None:
            reset(connection)
        else:
            connection.sendall(reply)

    with listening(serve) as url:
        yield url, received


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def call(request: Request) -> Response:
    return http_transport(timeout=QUICK)(request)


def test_a_request_travels_as_it_is() -> None:
    with server(OK) as (url, received):
        headers = Headers(
            (
                ("Host", "api.example.com"),
                ("X-Two", "1"),
                ("x-two", "2"),
                ("X-Latin", "\xe9"),
                ("X-Wide", "…"),
                ("Content-Length", "999"),
                ("Transfer-Encoding", "chunked"),
                ("Connection", "keep-alive"),
            )
        )
        response = call(Request("POST", f"{url}/v1/a b?q=ä&x=%2F#top", headers, b"hello"))
    [sent] = received
    assert sent == (
        b"POST /v1/a%20b?q=%C3%A4&x=%2F HTTP/1.1\r\nHost: api.example.com\r\nX-Two: 1\r\nx-two: 2\r\n"
        b"X-Latin: \xe9\r\nX-Wide: \xe2\x80\xa6\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    )
    assert response == Response(200, "OK", Headers((("Content-Length", "2"),)), b"ok", "", "HTTP/1.1")


def test_what_is_missing_is_added() -> None:
    with server(OK, OK) as (url, received):
        call(Request("GET", f"{url}?a=1"))
        call(Request("POST", url))
    host = url.removeprefix("http://").encode()
    assert received == [
        b"GET /?a=1 HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ]


def test_bodies_are_encoded_and_decoded() -> None:
    packed = gzip.compress(b"fresh", mtime=0)
    reply = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)
    with server(reply) as (url, received):
        response = call(
            Request("PUT", url, Headers((("Content-Encoding", "gzip"),)), b"stored", "gzip"),
        )
    assert gzip.decompress(received[0].partition(b"\r\n\r\n")[2]) == b"stored"
    assert (response.body, response.encoding) == (b"fresh", "gzip")


@pytest.mark.parametrize(
    ("method", "reply", "expected"),
    [
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain", (200, b"plain", "")),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nplain", (200, b"plain", "")),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", (200, b"", "")),
        ("GET", b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", (302, b"", "")),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", (200, b"ab", "")),
    ],
)
def test_answers_are_given_as_they_come(method: str, reply: bytes, expected: tuple[int, bytes, str]) -> None:
    with server(reply) as (url, _):
        response = call(Request(method, url))
    assert (response.status, response.body, response.encoding) == expected


def test_repeated_headers_keep_order_and_case() -> None:
    with server(b"HTTP/1.1 200 OK\r\nset-COOKIE: b=1\r\nA: 1\r\nSet-Cookie: a=2\r\nContent-Length: 0\r\n\r\n") as (
        url,
        _,
    ):
        response = call(Request("GET", url))
    assert response.headers.fields[:3] == (("set-COOKIE", "b=1"), ("A", "1"), ("Set-Cookie", "a=2"))


def kind_of_failure(request: Request, transport: Callable[[Request], Response]) -> str:
    with pytest.raises(NotAnsweredError, match=r"got no whole answer .* run again\.$") as caught:
        transport(request)
    return caught.value.kind


def test_each_failure_has_its_kind() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        silent = f"http://127.0.0.1:{taken.getsockname()[1]}"
        impatient = http_transport(timeout=timedelta(milliseconds=20))
        assert kind_of_failure(Request("GET", silent), impatient) == "timeout"
    with held() as port:
        nobody = Request("GET", f"http://127.0.0.1:{port}")
        assert kind_of_failure(nobody, http_transport()) == "connection-refused"
    with server(None) as (url, _):
        assert kind_of_failure(Request("GET", url), http_transport()) == "reset"
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab") as (url, _):
        assert kind_of_failure(Request("GET", url), http_transport()) == "reset"
    with server(b"not HTTP at all\r\n\r\n") as (url, _):
        assert kind_of_failure(Request("GET", url), http_transport()) == "reset"


def test_a_name_that_does_not_resolve_is_a_failure_of_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert kind_of_failure(Request("GET", "http://nowhere.invalid/"), http_transport()) == "dns"


def test_a_server_that_speaks_no_tls_is_a_failure_of_tls() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(serve) as url:
        request = Request("GET", f"{url.replace('http', 'https')}/")
        assert kind_of_failure(request, http_transport(tls=ssl.create_default_context())) == "tls"


def test_a_failure_says_where_but_shows_no_secret() -> None:
    with server(None) as (url, _):
        with pytest.raises(NotAnsweredError) as caught:
            call(Request("GET", f"{url.replace('//', '//me:hush@')}/v1/a?key=hush"))
        assert str(caught.value).startswith(f"GET {url}/v1/a got no whole answer (reset)")
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "/v1/a", "http://", "http://[::1", "http://127.0.0.1:99999/"])
def test_what_is_no_url_of_http_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be sent to. Give a URL"):
        call(Request("GET", url))


def test_what_cannot_be_written_is_refused() -> None:
    with server() as (url, _):
        with pytest.raises(UsageError, match=r"cannot be sent: .*Mend the request"):
            call(Request("GET", url, Headers((("X-A", "a\r\nX-B: b"),))))
        with pytest.raises(BodyError, match="unknown"):
            call(Request("PUT", url, body=b"a", encoding="rot13"))


def test_sending_waits_as_a_real_server_asks() -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    with server(busy, None, OK) as (url, received):
        response = send(Request("GET", url), clock=InstantClock(), transport=http_transport(timeout=QUICK))
    assert (response.status, len(received)) == (200, 3)


class InstantClock(SystemClock):
    def sleep(self, duration: timedelta) -> None:
        assert duration >= timedelta(0)
