"""How a request is found; the rest of what a cassette does is in tests/app/test_vcr."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcr import matchers
from vcr.matchers import requests_match
from vcr.request import Request
from vcr.stubs import VCRHTTPSConnection

from undrift.engine.vcrapi import VCR, Cassette

URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a.example", "a.example:443", "b.example:80"]),
    st.sampled_from(["", "/", "/a", "/a;b"]),
    st.sampled_from(["", "?x=1&y=2", "?y=2&x=1", "?x=1"]),
    st.sampled_from(["", "#top"]),
)
REQUESTS = st.builds(Request, st.sampled_from(["GET", "POST"]), URLS, st.just(b""), st.just({}))
KNOWN = [matchers.method, matchers.scheme, matchers.host, matchers.port, matchers.path, matchers.query, matchers.uri]
ANSWER = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b""}}


def one_letter(one: Request, two: Request) -> bool:
    return bool(one.uri[-1] == two.uri[-1])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(REQUESTS, max_size=6), REQUESTS, st.lists(st.sampled_from([*KNOWN, one_letter]), min_size=1, max_size=4)
)
def test_what_is_found_is_what_vcrpy_finds(stored: list[Request], asked: Request, match_on: list[Any]) -> None:
    cassette = Cassette("tape", match_on=match_on)
    for request in stored:
        cassette.append(request, ANSWER)
    found = [number for number, _ in cassette._responses(asked)]
    assert found == [number for number, request in enumerate(stored) if requests_match(asked, request, match_on)]


def test_what_a_hook_made_of_a_request_is_compared_by_the_matchers_alone() -> None:
    cassette = Cassette("tape", match_on=[lambda one, two: one == two], before_record_request=lambda request: request)
    cassette.append("not even a request", ANSWER)
    assert cassette.responses_of("not even a request") == [ANSWER]


def test_what_is_no_request_of_vcrpy_s_is_looked_for_among_all() -> None:
    cassette = Cassette("tape", match_on=[matchers.method, matchers.query])
    odd = SimpleNamespace(method="GET", query=None)
    for method in ("POST", "GET"):
        cassette.append(SimpleNamespace(method=method, query=None), ANSWER)
    assert [number for number, _ in cassette._responses(odd)] == [1]


def test_data_that_a_user_replaced_is_learned_anew() -> None:
    cassette = Cassette("tape")
    for path in ("one", "two"):
        cassette.append(Request("GET", f"http://a.example/{path}", b"", {}), ANSWER)
    assert list(cassette._responses(Request("GET", "http://a.example/two", b"", {})))
    cassette.data = cassette.data[:1]
    assert not list(cassette._responses(Request("GET", "http://a.example/two", b"", {})))


def test_custom_patches_are_on_as_long_as_the_cassette_is() -> None:
    class Library:
        connection: Any = None

    with VCR(custom_patches=((Library, "connection", VCRHTTPSConnection),)).use_cassette("tape"):
        assert issubclass(Library.connection, VCRHTTPSConnection)
    assert Library.connection is None


def test_the_settings_of_now_or_of_then() -> None:
    recorder = VCR(record_mode="none")
    now = recorder.use_cassette("tape", with_current_defaults=True)
    then = recorder.use_cassette("tape")
    recorder.record_mode = "new_episodes"
    with now as cassette:
        assert cassette.record_mode == "none"
    with then as cassette:
        assert cassette.record_mode == "new_episodes"


def test_a_context_manager_needs_a_path() -> None:
    with pytest.raises(TypeError, match="needs a path"), VCR().use_cassette():
        pass
