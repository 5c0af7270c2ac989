from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.engine.wire import content_for_client, headers_for_client, request_from_wire, response_from_wire
from undrift.model import Headers, Response

TEXT = b'{"text": "' + b"abc" * 50 + b'"}'


def encoded(name: str) -> Headers:
    return Headers.of([("content-encoding", name)])


@pytest.mark.parametrize(
    ("name", "travelled"), [("gzip", gzip.compress(TEXT, mtime=0)), ("deflate", zlib.compress(TEXT))]
)
def test_a_content_encoding_is_taken_off_and_put_on_again(name: str, travelled: bytes) -> None:
    response = response_from_wire(200, "OK", encoded(name), travelled, "HTTP/1.1")
    assert (response.body, response.encoding, response.http_version) == (TEXT, name, "HTTP/1.1")
    again = response_from_wire(200, "OK", response.headers, content_for_client(response), "HTTP/1.1")
    assert again == response
    request = request_from_wire("POST", "https://a.example/", encoded(name), travelled)
    assert (request.body, request.encoding) == (TEXT, name)


@pytest.mark.parametrize("name", ["gzip", "br", "unheard-of", "gzip, unheard-of"])
def test_what_does_not_unpack_stays_as_it_travelled(name: str) -> None:
    response = response_from_wire(200, "OK", encoded(name), b"no such thing", "")
    assert (response.body, response.encoding) == (b"no such thing", "")
    assert content_for_client(response) == b"no such thing"


def test_an_empty_body_is_of_no_encoding() -> None:
    response = response_from_wire(304, "", encoded("gzip"), b"", "")
    assert (response.body, response.encoding, content_for_client(response)) == (b"", "", b"")


@given(st.binary(max_size=64))
def test_a_plain_body_is_as_it_travelled(content: bytes) -> None:
    assert content_for_client(response_from_wire(200, "", Headers(), content, "")) == content


def test_a_length_that_scrubbing_changed_fits_again() -> None:
    response = Response(200, headers=Headers.of([("X", "1"), ("content-length", "40")]), body=b"<KEY>")
    assert headers_for_client(response).fields == (("X", "1"), ("content-length", "5"))
    for other in (Response(200, body=b"a"), Response(200, headers=Headers.of([("Content-Length", "9")]))):
        assert headers_for_client(other) is other.headers
