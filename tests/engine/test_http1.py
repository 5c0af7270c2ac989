from __future__ import annotations

import http.client
import io
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from undrift.engine.http1 import Writing, origin, pieces, response_bytes, unchunked
from undrift.model import Headers, Response

LENGTH = ("Content-Length", "7")
CONTENT = st.binary(max_size=60)


def fed(data: bytes, cuts: list[int]) -> Any:
    """What comes of feeding bytes in pieces; it must come once."""
    writing, found = Writing(), []
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        written = writing.feed(data[start:end])
        if written is not None:
            found.append(written)
    (written,) = found
    assert bytes(writing.raw) == data
    return written


@given(CONTENT, st.lists(st.integers(0, 200), max_size=5))
def test_a_request_is_whole_however_it_is_cut(content: bytes, cuts: list[int]) -> None:
    data = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
    written = fed(data, cuts)
    assert (written.method, written.target, written.content) == ("POST", "/a", content)
    assert written.at("http://x").url == "http://x/a"


@given(st.lists(CONTENT.filter(bool), max_size=4), st.lists(st.integers(0, 300), max_size=5))
def test_a_request_in_chunks_is_put_together(chunks: list[bytes], cuts: list[int]) -> None:
    coded = b"".join(b"%x;note=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    data = b"PUT http://y/b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"
    written = fed(data, cuts)
    assert written.content == b"".join(chunks)
    assert written.at("http://proxy").url == "http://y/b", "a proxy is asked with the whole address"


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=4), st.integers(0, 120))
def test_chunks_are_put_together_as_far_as_they_came(chunks: list[bytes], came: int) -> None:
    raw = b"".join(b"%x;note\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    content = b"".join(chunks)
    assert unchunked(raw) == (content, True, False)
    start, is_whole, is_broken = unchunked(raw[:came])
    assert content.startswith(start)
    assert is_whole == (came >= len(raw) - 2)
    assert not is_broken


@pytest.mark.parametrize("size", [b"zz", b"-3", b"", b"0x3", b"3 3"])
def test_what_is_no_chunk_is_told(size: bytes) -> None:
    assert unchunked(b"3\r\nabc\r\n" + size + b"\r\nfoo\r\n0\r\n\r\n") == (b"abc", False, True)


@pytest.mark.parametrize(("length", "expected"), [("9", b": 9"), ("2", b": 6"), ("many", b": 6")])
def test_what_breaks_off_promises_more_than_it_has(length: str, expected: bytes) -> None:
    response = Response(200, "OK", Headers.of([("Content-Length", length)]), b"hello")
    written = response_bytes(response, "GET", is_whole=False)
    assert written == b"HTTP/1.1 200 OK\r\nContent-Length%s\r\n\r\nhello" % expected
    chunked = Response(200, "OK", Headers.of([("Transfer-Encoding", "chunked")]), b"hello")
    assert response_bytes(chunked, "GET", is_whole=False).endswith(b"\r\n\r\n5\r\nhello\r\n")


def test_a_client_may_wait_for_leave() -> None:
    writing = Writing()
    head = b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    assert writing.feed(head) is None
    assert writing.is_waiting_for_leave
    assert writing.feed(b"x") is not None


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("http", "a.example", 80, "http://a.example"),
        ("https", "a.example", 8443, "https://a.example:8443"),
        ("http", "::1", 8080, "http://[::1]:8080"),
        ("https", "[::1]", None, "https://[::1]"),
    ],
)
def test_an_origin_has_no_default_port(scheme: str, host: str, port: int | None, expected: str) -> None:
    assert origin(scheme, host, port) == expected


class _Socket:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._content)


def parsed(response: Response, method: str = "GET") -> tuple[int, str, list[tuple[str, str]], bytes]:
    found = http.client.HTTPResponse(_Socket(response_bytes(response, method)), method=method)  # type: ignore[arg-type] # all that is asked of it
    found.begin()
    return found.status, found.reason, found.getheaders(), found.read()


@given(CONTENT, st.sampled_from([(), (("Transfer-Encoding", "chunked"),), (LENGTH,)]))
def test_a_response_is_read_as_it_was_recorded(content: bytes, framing: tuple[tuple[str, str], ...]) -> None:
    fields = Headers.of([("X-One", "1"), ("x-one", "ä"), *framing])
    assume(content or framing != (LENGTH,))  # what was announced and never came
    status, reason, headers, body = parsed(Response(200, "Fine", fields, content, http_version="HTTP/1.0"))
    assert (status, reason, body) == (200, "Fine", content)
    assert headers[:2] == [("X-One", "1"), ("x-one", "ä")]


@pytest.mark.parametrize(("status", "method"), [(200, "HEAD"), (204, "GET"), (304, "GET")])
def test_some_responses_have_no_body(status: int, method: str) -> None:
    response = Response(status, "", Headers.of([("Content-Length", "7")]))
    assert parsed(response, method) == (status, "", [("Content-Length", "7")], b"")


def test_a_field_may_hold_more_than_latin() -> None:
    assert "X: €\r\n".encode() in response_bytes(Response(200, "OK", Headers.of([("X", "€")])), "GET")


EVENTS = b"data: 1\n\nevent: x\r\ndata: 2\r\n\r\ndata: 3\r\rdata: unfinished"


def test_events_are_given_one_by_one() -> None:
    stream = Response(200, "OK", Headers.of([("Content-Type", "text/event-stream; charset=utf-8")]), EVENTS)
    found = pieces(stream, EVENTS)
    assert found == [b"data: 1\n\n", b"event: x\r\ndata: 2\r\n\r\n", b"data: 3\r\r", b"data: unfinished"]
    assert pieces(Response(200, "OK"), EVENTS) == [EVENTS]
    assert pieces(Response(200, "OK"), b"") == []
