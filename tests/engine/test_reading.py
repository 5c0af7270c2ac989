"""What is kept of an answer that is being read; with real clients it is shown in the integration tests."""

from __future__ import annotations

import http.client
import io
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from undrift.engine.reading import BrokenOff, Reading, is_open_ended, tapped
from undrift.model import Headers, Response

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = Response(200, "OK", Headers.of([("Content-Type", "text/event-stream")]), http_version="HTTP/1.1")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n"
ENDED = CHUNKED + b"0\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.0 200 OK\r\n\r\nhello world"


class Wire:
    """A socket that gives what it is made with."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self._content))


def arriving(content: bytes) -> tuple[http.client.HTTPResponse, Reading]:
    wire: Any = Wire(content)
    live = http.client.HTTPResponse(wire)
    live.begin()
    return live, tapped(live, HEAD)


def body_of(reading: Reading) -> bytes:
    assert isinstance(reading.outcome, Response)
    return reading.outcome.body


@pytest.mark.parametrize("content", [ENDED, UNTIL_CLOSED])
@pytest.mark.parametrize(
    "read",
    [
        lambda live: live.read(),
        lambda live: b"".join(iter(lambda: live.read(3), b"")),
        lambda live: b"".join(iter(lambda: live.read1(3), b"")),
        lambda live: live.readline() + live.readline(),
        lambda live: bytes(bytearray(b"".join(live))),
    ],
    ids=["read", "read some", "read1", "readline", "lines"],
)
def test_what_is_read_is_kept_however_it_is_read(
    read: Callable[[http.client.HTTPResponse], bytes], content: bytes
) -> None:
    live, reading = arriving(content)
    assert body_of(reading) == b""
    assert read(live) == b"hello world"
    assert body_of(reading) == b"hello world"


@pytest.mark.parametrize("content", [ENDED, UNTIL_CLOSED])
def test_what_is_read_into_a_buffer_is_kept(content: bytes) -> None:
    live, reading = arriving(content)
    buffer = bytearray(4)
    assert live.readinto(buffer) == 4
    assert bytes(buffer) == b"hell"
    assert body_of(reading) == b"hell"


def test_what_is_not_read_is_not_kept() -> None:
    live, reading = arriving(ENDED)
    assert live.read(7) == b"hello w"
    live.close()
    assert body_of(reading) == b"hello w"


def test_chunks_that_end_too_early_are_an_error() -> None:
    live, reading = arriving(CHUNKED)
    with pytest.raises(http.client.IncompleteRead):
        live.read()
    assert isinstance(reading.outcome, BrokenOff)
    assert isinstance(reading.outcome.error, http.client.IncompleteRead)
    assert reading.outcome.came.body == b"hello world"


def test_what_comes_in_place_of_a_chunk_is_an_error() -> None:
    live, reading = arriving(CHUNKED + b"no chunk\r\n")
    with pytest.raises(http.client.IncompleteRead):
        live.read()
    assert isinstance(reading.outcome, BrokenOff)
    assert reading.outcome.came.body == b"hello world"


def test_an_error_of_the_connection_is_the_outcome() -> None:
    class Broken(Wire):
        def makefile(self, *_: object) -> Any:
            class File(io.BytesIO):
                def read(self, *_: object) -> bytes:
                    raise ConnectionResetError("gone")

            return File(self._content)

    wire: Any = Broken(UNTIL_CLOSED)
    live = http.client.HTTPResponse(wire)
    live.begin()
    reading = tapped(live, HEAD)
    with pytest.raises(ConnectionResetError):
        live.read()
    assert isinstance(reading.outcome, BrokenOff)
    assert isinstance(reading.outcome.error, ConnectionResetError)


def test_a_packed_stream_is_unpacked_as_far_as_it_came() -> None:
    head = Response(200, "OK", Headers.of([("Content-Encoding", "gzip")]))
    packer = zlib.compressobj(wbits=31)
    reading = Reading(head)
    reading.take(packer.compress(b"data: 1\n\n") + packer.flush(zlib.Z_SYNC_FLUSH))
    outcome = reading.outcome
    assert isinstance(outcome, Response)
    assert (outcome.encoding, outcome.body) == ("gzip", b"data: 1\n\n")
    reading.take(packer.compress(b"data: 2\n\n") + packer.flush())
    reading.end()
    assert body_of(reading) == b"data: 1\n\ndata: 2\n\n"


@pytest.mark.parametrize(
    ("response", "method", "expected"),
    [
        (HEAD, "GET", True),
        (HEAD, "HEAD", False),
        (Response(204), "GET", False),
        (Response(101), "GET", False),
        (Response(200, headers=Headers.of([("content-length", "3")])), "GET", False),
    ],
)
def test_what_says_no_length_is_open_ended(response: Response, method: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_open_ended(response, method) is expected
