"""Generated exchanges, recorded and replayed through each client: bytes equal, nothing stored is changed."""

from __future__ import annotations

from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.clients import CLIENTS, Asked, with_botocore
from tests.webserver import in_background

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.scrub import Secrets, scrub
from undrift.store.reading import loads
from undrift.store.writing import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


ASKING = {**CLIENTS, "botocore": with_botocore}


@dataclass(frozen=True)
class Exchange:
    """What is asked, and what the server answers."""

    method: str
    target: str
    content: bytes
    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    answer: bytes
    is_chunked: bool


class Answering(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.exchanges: list[Exchange] = []
        self.received: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Answering

    def answer(self) -> None:
        self.server.received.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        exchange = self.server.exchanges[len(self.server.received) - 1]
        self.send_response_only(exchange.status, exchange.reason)
        for name, value in exchange.fields:
            self.send_header(name, value)
        has_body = exchange.method != "HEAD" and exchange.status != 204
        if exchange.is_chunked and has_body:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(exchange.answer), 7):
                part = exchange.answer[start : start + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        if exchange.status != 204:
            self.send_header("Content-Length", str(len(exchange.answer)))
        self.end_headers()
        if has_body:
            self.wfile.write(exchange.answer)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    with in_background(Answering()) as running:
        yield running


VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
NAMES = st.sampled_from(["X-One", "x-one", "X-TWO", "ETag", "Cache-Control"])
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b'{"a": 1.0, "b": [1, 2],  "a": "\\u00e4"}', b" {} ", b"[1,\r\n2]", b'"\xc3\xa4"', b"a=1&b=%20&a="]
    ),
)
KINDS = st.sampled_from([
    "application/json", "text/plain; charset=latin-1", "application/octet-stream", "application/x-www-form-urlencoded",
])  # fmt: skip


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    method = draw(st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE"]))
    return Exchange(
        method,
        "/"
        + draw(st.sampled_from(["", "a", "a/b%2Fc", "%C3%A4", "a.b~c"]))
        + draw(st.sampled_from(["", "?x=1&y=&x=2"])),
        draw(BODIES.filter(bool)) if method in {"POST", "PUT"} else b"",
        draw(st.sampled_from([200, 201, 204, 400, 404, 418, 500])),
        draw(st.sampled_from(["OK", "As You Like", "No-1"])),
        (("Content-Type", draw(KINDS)), *draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))),
        draw(BODIES),
        draw(st.booleans()),
    )


@pytest.mark.parametrize("client", ASKING)
@settings(max_examples=4, deadline=None, database=None)
@given(talk=st.lists(exchanges(), min_size=1, max_size=3))
def test_what_was_exchanged_is_exchanged_again(
    client: str, server: Answering, tmp_path_factory: pytest.TempPathFactory, talk: list[Exchange]
) -> None:
    server.exchanges, server.received = talk, []
    url = f"http://127.0.0.1:{server.server_port}"
    kind = (("Content-Type", "application/octet-stream"),)

    def ask() -> list[object]:
        return [
            ASKING[client](Asked(url + each.target, each.method, kind if each.content else (), each.content or None))
            for each in talk
        ]

    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = ask()
    path: Path = tmp_path_factory.getbasetemp() / "c.yaml"
    stored = loads(dumps(scrub(deck.take(), Secrets.named({}))), path)
    assert [kept.request.body for kept in stored.interactions] == [each.content for each in talk] == server.received
    before = dumps(scrub(stored, Secrets.named({})))
    with deck_in_use(Deck(stored, DeckOptions(guarded=True))) as playing:
        assert ask() == live
    assert playing.client_drift() == ()
    assert dumps(scrub(stored, Secrets.named({}))) == before
    assert len(server.received) == len(talk)
