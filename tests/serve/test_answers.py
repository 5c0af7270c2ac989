from __future__ import annotations

import gzip
import json

import pytest

from undrift.model import Headers, Request, Response
from undrift.serve.answers import answer, refusal
from undrift.serve.player import Miss

GET = Request("GET", "http://127.0.0.1:81/")
URL = "http://127.0.0.1:81"
ORIGINS = ("https://api.example.com", "https://api.example.com:8443")
MISS = Miss("Nothing equals GET /.", "GET /a (interaction 0 of t)", ("path: recorded /a / sent /",))


def sent(response: Response, request: Request = GET) -> dict[bytes, bytes]:
    return dict(answer(response, request, ORIGINS, URL).headers)


def test_headers_keep_order_case_and_repeats_but_for_those_of_the_connection() -> None:
    headers = Headers(
        (
            ("X-B", "1"),
            ("Connection", "close"),
            ("Transfer-Encoding", "chunked"),
            ("set-cookie", "a=1"),
            ("x-a", "caf\xe9 …"),
            ("Set-Cookie", "b=2"),
        )
    )
    outgoing = answer(Response(201, "Created", headers, b"hello"), GET, (), URL)
    assert outgoing.status == 201
    assert outgoing.content == b"hello"
    assert outgoing.headers == (
        (b"X-B", b"1"),
        (b"set-cookie", b"a=1"),
        (b"x-a", "caf\xe9 …".encode()),
        (b"Set-Cookie", b"b=2"),
        (b"Content-Length", b"5"),
    )


def test_bodies_are_encoded_again_and_measured_anew() -> None:
    headers = Headers((("Content-Length", "999"), ("Content-Encoding", "gzip")))
    outgoing = answer(Response(200, "OK", headers, b"hello", "gzip"), GET, (), URL)
    assert gzip.decompress(outgoing.content) == b"hello"
    assert dict(outgoing.headers) == {
        b"Content-Length": str(len(outgoing.content)).encode(),
        b"Content-Encoding": b"gzip",
    }


def test_a_body_that_cannot_be_encoded_goes_out_plain() -> None:
    headers = Headers((("Content-Encoding", "rot13"),))
    outgoing = answer(Response(200, "OK", headers, b"hello", "rot13"), GET, (), URL)
    assert (outgoing.content, outgoing.headers) == (b"hello", ((b"Content-Length", b"5"),))


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 304), ("GET", 204)])
def test_an_answer_without_content_keeps_its_recorded_length(method: str, status: int) -> None:
    response = Response(status, headers=Headers((("Content-Length", "12"),)), body=b"")
    outgoing = answer(response, Request(method, URL), (), URL)
    assert (outgoing.content, outgoing.headers) == (b"", ((b"Content-Length", b"12"),))


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ("https://api.example.com/v1/b", b"http://127.0.0.1:81/v1/b"),
        ("HTTPS://API.example.com", b"http://127.0.0.1:81"),
        ("https://api.example.com:8443/b", b"http://127.0.0.1:81/b"),
        ("https://api.example.com:9000/b", b"https://api.example.com:9000/b"),
        ("https://api.example.community/b", b"https://api.example.community/b"),
        ("https://elsewhere.example/b", b"https://elsewhere.example/b"),
        ("/v1/b", b"/v1/b"),
    ],
)
def test_a_redirect_to_a_recorded_origin_stays_here(recorded: str, expected: bytes) -> None:
    headers = Headers((("Location", recorded), ("X-Seen", "https://api.example.com/")))
    found = sent(Response(302, headers=headers))
    assert (found[b"Location"], found[b"X-Seen"]) == (expected, b"https://api.example.com/")


def test_every_link_of_a_page_stays_here() -> None:
    link = '<https://api.example.com/a?page=2>; rel="next", <https://api.example.com/a?page=9>; rel="last"'
    found = sent(Response(200, headers=Headers((("Link", link),))))
    assert found[b"Link"] == link.replace(ORIGINS[0], URL).encode()


def test_without_recorded_origins_no_url_changes() -> None:
    outgoing = answer(Response(302, headers=Headers((("Location", "https://h/"),))), GET, (), URL)
    assert (b"Location", b"https://h/") in outgoing.headers


def test_a_refusal_is_a_text_of_sentences() -> None:
    outgoing = refusal(MISS, GET)
    assert outgoing.status == 501
    assert outgoing.content.decode() == "Nothing equals GET /.\npath: recorded /a / sent /\n"
    assert dict(outgoing.headers) == {
        b"Content-Type": b"text/plain; charset=utf-8",
        b"Content-Length": str(len(outgoing.content)).encode(),
        b"Undrift": b"no-match",
    }


def test_a_refusal_is_json_where_the_client_asks_for_that() -> None:
    asks = Request("GET", URL, Headers((("Accept", "application/json"),)))
    assert json.loads(refusal(MISS, asks).content) == {
        "error": "Nothing equals GET /.",
        "nearest": "GET /a (interaction 0 of t)",
        "differences": ["path: recorded /a / sent /"],
    }
    assert json.loads(refusal(Miss("No.", "", ()), asks).content)["nearest"] is None


def test_a_refusal_of_head_has_no_content() -> None:
    assert refusal(MISS, Request("HEAD", URL)).content == b""
