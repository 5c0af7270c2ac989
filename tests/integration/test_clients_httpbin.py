"""Every client against httpbin: recorded to a file, and played from that file."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.clients import CLIENTS, Asked, Seen, record, replay

httpbin = pytest.importorskip("httpbin")
servers = pytest.importorskip("tests.integration.servers")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Any]]:
    with servers.running(httpbin.app) as (url, counted):
        yield url, counted


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json"),)
OCTETS = (("Content-Type", "application/octet-stream"),)
ROUTES = {
    "json": Asked("/json"),
    "query": Asked("/get?a=1&b=%C3%A4&a=2"),
    "gzip": Asked("/gzip", headers=(("Accept-Encoding", "gzip"),)),
    "deflate": Asked("/deflate", headers=(("Accept-Encoding", "deflate"),)),
    "brotli": Asked("/brotli", headers=(("Accept-Encoding", "br"),)),
    "in chunks": Asked("/stream/3"),
    "binary in chunks": Asked("/stream-bytes/5000?seed=1&chunk_size=1000"),
    "binary": Asked("/bytes/3000?seed=7"),
    "redirects": Asked("/redirect/3"),
    "redirect elsewhere": Asked("/redirect-to?url=/get&status_code=307"),
    "cookies": Asked("/cookies/set?flavour=oat"),
    "fields": Asked("/response-headers?X-One=1&X-One=2&x-two=%C3%A4"),
    "head": Asked("/get?head", "HEAD"),
    "no content": Asked("/status/204"),
    "not modified": Asked("/status/304"),
    "teapot": Asked("/status/418"),
    "server error": Asked("/status/503"),
    "form": Asked("/post", "POST", FORM, b"a=1&b=2"),
    "json body": Asked("/put", "PUT", JSON, b'{"a": [1, 2.50]}'),
    "binary body": Asked("/post", "POST", OCTETS, bytes(range(256))),
    "empty body": Asked("/post", "POST", body=b""),
    "delete": Asked("/delete", "DELETE"),
    "text": Asked("/encoding/utf8"),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_seen_on_replay_is_what_was_seen_live(client: str, served: tuple[str, Any], tmp_path: Path) -> None:
    url, counted = served

    def ask() -> dict[str, Seen]:
        return {name: CLIENTS[client](replace(asked, url=url + asked.url)) for name, asked in ROUTES.items()}

    plain = ask()
    live = record(tmp_path / "c.yaml", ask)
    hits = len(counted.hits)
    again = replay(tmp_path / "c.yaml", ask)
    assert len(counted.hits) == hits, "nothing was sent on replay"
    for name, seen in again.items():
        assert told(seen, client) == told(live[name], client), name
        assert lasting(live[name]) == lasting(plain[name]), name


def told(seen: Seen, client: str) -> Seen:
    """What is recorded of what was seen: without the values of cookies, which are kept from files."""
    fields = tuple((name, value) for name, value in seen.headers if name.lower() != "set-cookie")
    if client == "tornado" and "X-Consumed-Content-Encoding" in dict(fields):
        # tornado is told the length of what is packed anew.
        fields = tuple((name, value) for name, value in fields if name != "Content-Length")
    # curl follows redirects on its own, and where it arrived is not kept.
    return replace(seen, headers=fields, url="" if client == "tornado over curl" else seen.url)


def lasting(seen: Seen) -> Seen:
    """What two live answers have in common: some clients hand out what is packed, with its time."""
    is_packed = seen.body.startswith(b"\x1f\x8b")
    body = gzip.decompress(seen.body) if is_packed else seen.body
    return replace(seen, body=body, headers=tuple((name, "") for name, _ in seen.headers))
