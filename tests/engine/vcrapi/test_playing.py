"""What the deck of a ``VCR`` object hands on, and what vcrpy's own stubs may ask it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from vcr.errors import CannotOverwriteExistingCassetteException, UnhandledHTTPRequestError
from vcr.request import Request

from undrift.engine.origins import Origins
from undrift.engine.vcrapi import VCR, Surroundings
from undrift.engine.vcrapi.playing import CassetteDeck

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = {
    "status": {"code": 302, "message": "Found"},
    "headers": {"Location": ["/there"]},
    "body": {"string": b"as it was"},
    "url": "http://api.example/there",
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "tape.yaml")


@pytest.fixture
def recorded(path: str) -> str:
    with VCR().use_cassette(path) as cassette:
        cassette.append(ask("/here"), ANSWER)
    return path


def ask(page: str, body: Any = None) -> Request:
    return Request("GET", f"http://api.example{page}", body, {"Cookie": "session=1"})


def test_a_stub_of_vcrpy_plays_what_only_it_has_a_use_for(recorded: str) -> None:
    with VCR().use_cassette(recorded, record_mode="none") as cassette:
        terms = CassetteDeck(cassette, Surroundings()).terms
        request = ask("/here")
        assert terms.can_play_response_for(request)
        # vcrpy copies whatever it finds.
        assert copy.deepcopy(terms) is terms
        assert terms.play_response(request) == ANSWER
        assert cassette.play_count == 1
        assert not terms.can_play_response_for(ask("/here"))
        with pytest.raises(UnhandledHTTPRequestError):
            terms.play_response(ask("/here"))


def test_a_stub_of_vcrpy_refuses_in_vcrpy_s_words(recorded: str) -> None:
    with VCR().use_cassette(recorded, record_mode="none") as cassette:
        terms = CassetteDeck(cassette, Surroundings()).terms
        request = ask("/nowhere")
        assert not terms.can_play_response_for(request)
        assert terms.write_protected
        assert terms.filter_request(request) is not None
        refusal = CannotOverwriteExistingCassetteException(cassette=terms, failed_request=request)
    assert f"Cassette: {recorded}\n" in str(refusal)
    assert "interactions: 1 recorded, 0 played" in str(refusal)
    assert vars(refusal)["reason"] == "no_match"


def test_a_stub_of_vcrpy_records_what_the_client_was_given(path: str) -> None:
    origins = Origins((("shop", ("https://shop.example", "http://127.0.0.1:*")),))
    with VCR().use_cassette(path) as cassette:
        terms = CassetteDeck(cassette, Surroundings(origins=origins)).terms
        request = Request("POST", "http://127.0.0.1:8765/form", {"name": "value", "list": [1]}, {"Cookie": "a=1"})
        assert not terms.can_play_response_for(request)
        assert not terms.write_protected
        terms.append(request, ANSWER)
        assert len(cassette) == len(terms) == 1
    with VCR().use_cassette(path) as cassette:
        assert cassette.requests[0].uri == "https://shop.example/form"
        assert cassette.requests[0].body == {"name": "value", "list": [1]}
        assert cassette.requests[0].headers["Cookie"] == "a=<secret:cookie:1>"


@pytest.mark.parametrize("skipped", [(), ("httpx",)])
def test_what_a_transport_of_the_program_s_own_answers_is_recorded_unless_skipped(
    skipped: tuple[str, ...], path: str
) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text="its own"))
    with httpx.Client(transport=transport) as client, VCR(skip_patchers=skipped).use_cassette(path) as cassette:
        assert client.get("http://api.example/").text == "its own"
        assert len(cassette) == (0 if skipped else 1)
    if not skipped:
        with httpx.Client(transport=transport) as client, VCR().use_cassette(path) as cassette:
            assert client.get("http://api.example/").text == "its own"
            assert cassette.play_count == 1


def test_ignored_requests_go_their_way(path: str) -> None:
    recorder = VCR(before_record_request=lambda _request: None, record_mode="none")
    with recorder.use_cassette(path), pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:1/")


def test_the_answers_that_vcrpy_once_kept_for_httpx(tmp_path: Path) -> None:
    old = """interactions:
- request:
    body: ''
    headers: {}
    method: GET
    uri: http://api.example/
  response:
    content: recorded before 6.0
    headers:
      Content-Type: [text/plain]
    http_version: HTTP/1.1
    status_code: 200
version: 1
"""
    (tmp_path / "tape.yaml").write_text(old, "utf-8")
    with VCR().use_cassette(str(tmp_path / "tape.yaml"), record_mode="none"):
        response = httpx.get("http://api.example/")
    assert (response.status_code, response.reason_phrase, response.text) == (200, "OK", "recorded before 6.0")
