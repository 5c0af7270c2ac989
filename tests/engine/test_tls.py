"""Recording and replaying over TLS, with a certificate authority of the test's own."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import requests
import trustme
import urllib3
from tests.webserver import WebServer, serving

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[WebServer]:
    with serving() as running:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True)
        yield running


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def secure(server: WebServer) -> str:
    return server.url.replace("http://", "https://")


def with_requests(url: str, trusted: str) -> str:
    return str(requests.get(url, verify=trusted, timeout=5).json()["id"])


def with_urllib3(url: str, trusted: str) -> str:
    with urllib3.PoolManager(ca_certs=trusted) as pool:
        return str(pool.request("GET", url, retries=False).json()["id"])


def with_httpx(url: str, trusted: str) -> str:
    return str(httpx.get(url, verify=ssl.create_default_context(cafile=trusted)).json()["id"])


@pytest.mark.parametrize("get", [with_requests, with_urllib3, with_httpx])
def test_what_was_recorded_over_tls_replays(get: Callable[[str, str], str], server: WebServer, trusted: str) -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck):
        live = get(secure(server), trusted)
    assert deck.take().interactions[0].request.url.rstrip("/") == secure(server)
    with deck_in_use(Deck(deck.take(), DeckOptions(guarded=True))):
        assert get(secure(server), trusted) == live
    assert len(server.hits) == 1


@pytest.mark.parametrize("get", [with_requests, with_urllib3])
def test_recording_verifies_certificates(get: Callable[[str, str], str], server: WebServer, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    with deck_in_use(deck), pytest.raises((requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        get(secure(server), str(stranger))
    assert server.hits == []
    assert [failure.kind for failure in deck.take().failures] == ["tls"]
