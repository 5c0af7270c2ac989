"""vcrpy's own options mean what they mean there."""

from __future__ import annotations

import gzip
import io
from types import SimpleNamespace
from typing import Any

import pytest

from undrift.engine import Deck, DeckOptions, Policy
from undrift.engine.deck import Send
from undrift.engine.hooks import (
    hooks_for,
    request_from_vcr,
    response_from_vcr,
    vcr_request,
    vcr_response,
)
from undrift.model import Headers, Request, Response

REQUEST = Request("GET", "https://api.example.com/a?key=1&x=2", Headers.of([("Authorization", "abc"), ("X-One", "1")]))
RESPONSE = Response(200, "OK", Headers.of([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]), b"text", "", "HTTP/2")


def hooks(**options: Any) -> Any:
    made = hooks_for(options, foreign=False)
    assert made is not None
    return made


def test_options_that_are_not_vcrpy_s_ask_for_none() -> None:
    assert hooks_for({"client_drift": "warn", "allow_playback_repeats": True}, foreign=False) is None


def test_filters_shape_the_request() -> None:
    shaped = hooks(filter_headers=["authorization"], filter_query_parameters=["key"]).request(REQUEST)
    assert shaped == Request("GET", "https://api.example.com/a?x=2", Headers.of([("X-One", "1")]))


def test_a_hook_may_leave_a_request_or_a_response_out() -> None:
    dropping = hooks(before_record_request=lambda _request: None, before_record_response=lambda _response: None)
    assert dropping.request(REQUEST) is None
    assert dropping.response(RESPONSE) is None


def test_a_hook_may_change_its_copy_and_never_what_is_stored() -> None:
    def spoil(response: dict[str, Any]) -> dict[str, Any]:
        response["headers"].clear()
        response["body"]["string"] = "spoilt"
        response["status"]["message"] = None
        return response

    assert hooks(before_record_response=spoil).response(RESPONSE) == Response(
        200, body=b"spoilt", http_version="HTTP/2"
    )
    assert RESPONSE.headers.get_all("set-cookie") == ("a=1", "b=2")


def test_matchers_alone_filter_nothing() -> None:
    matching = hooks(match_on=["method", "path"])
    assert matching.has_matchers
    assert matching.request(REQUEST) is REQUEST
    assert matching.response(RESPONSE) is RESPONSE
    assert matching.matches(REQUEST, Request("GET", "http://other.example/a"))
    assert not matching.matches(REQUEST, Request("POST", REQUEST.url))


def test_a_foreign_cassette_is_matched_as_vcrpy_would() -> None:
    foreign = hooks_for({}, foreign=True)
    assert foreign is not None
    assert foreign.matches(REQUEST, Request("GET", "https://api.example.com/a?x=2&key=1", body=b"other"))
    assert not foreign.matches(REQUEST, Request("GET", "https://api.example.com/a?key=1"))


def test_filters_alone_do_not_change_what_matches() -> None:
    assert not hooks(filter_headers=["authorization"]).has_matchers


@pytest.mark.parametrize("body", [b"bytes", bytearray(b"bytes"), "bytes", io.BytesIO(b"bytes"), io.StringIO("bytes")])
def test_whatever_a_stub_calls_a_body_comes_over_as_bytes(body: Any) -> None:
    stub = SimpleNamespace(method="POST", uri="https://a.example/", headers={}, body_bytes=body)
    assert request_from_vcr(stub).body == b"bytes"


def test_no_body_and_odd_headers_come_over() -> None:
    headers = {b"X-Bytes": b"\xe9", "X-List": ["one", "two"], "X-Number": 3}
    stub = SimpleNamespace(method="GET", uri="https://a.example/", headers=headers, body_bytes=None)
    shaped = request_from_vcr(stub)
    assert shaped.body == b""
    assert list(shaped.headers) == [("X-Bytes", "\xe9"), ("X-List", "one"), ("X-Number", "3")]


def test_requests_cross_the_border_and_come_back() -> None:
    request = Request("POST", "https://a.example/", Headers.of([("X-One", "1")]), b"body")
    assert request_from_vcr(vcr_request(request)) == request


def test_responses_cross_the_border_and_come_back() -> None:
    packed = Response(200, "OK", Headers.of([("Content-Encoding", "gzip")]), b"text", "gzip", "HTTP/1.1")
    crossed = vcr_response(packed)
    assert crossed["body"]["string"] == gzip.compress(b"text", mtime=0)
    assert response_from_vcr(crossed, "HTTP/1.1") == packed
    unpacked = {**crossed, "body": {"string": b"text"}}
    assert response_from_vcr(unpacked, "HTTP/1.1", is_decoded=True) == packed


def test_headers_of_vcrpy_may_be_single_values() -> None:
    mapping = {"status": {"code": 204, "message": "No Content"}, "headers": {"X-One": "1", "X-Two": [b"2"]}, "body": {}}
    for is_decoded in (False, True):
        response = response_from_vcr(mapping, is_decoded=is_decoded)
        assert response == Response(204, "No Content", Headers.of([("X-One", "1"), ("X-Two", "2")]))


def test_a_deck_keeps_nothing_of_what_is_left_out() -> None:
    dropping = hooks(before_record_request=lambda _request: None)
    deck = Deck(None, DeckOptions(policy=Policy.RECORD, hooks=dropping))
    assert deck.answer(REQUEST) is Send.UNSEEN
    deck.keep(REQUEST, RESPONSE)
    deck.keep_failure(REQUEST, "timeout", "too slow")
    assert not deck.has_recorded
    half = Deck(None, DeckOptions(policy=Policy.RECORD, hooks=hooks(before_record_response=lambda _response: None)))
    half.keep(REQUEST, RESPONSE)
    assert not half.has_recorded
