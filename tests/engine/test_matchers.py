"""The keys of vcrpy's matchers are equal exactly where vcrpy's own matchers agree."""

from __future__ import annotations

import vcr.matchers
from hypothesis import given
from hypothesis import strategies as st

from undrift.engine.hooks import FOREIGN_MATCH_ON, vcr_request
from undrift.engine.matchers import keyed, matching_key
from undrift.model import Request

NAMES = ("method", "uri", "url", "scheme", "host", "port", "path", "query", "raw_body")
URLS = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://API.example.com:443/?a=1&b=2",
    "https://api.example.com/?b=2&a=1",
    "https://api.example.com?a=1&a=0",
    "http://api.example.com:80/a#part",
    "http://user:word@api.example.com/a",
    "http://[::1]:8080/a?x=%20&y",
    "http:/odd?x=",
    "not a url",
    "",
]
requests = st.builds(
    Request, st.sampled_from(["GET", "POST"]), st.sampled_from(URLS), body=st.sampled_from([b"", b"x"])
)


@given(requests, requests, st.sampled_from(NAMES))
def test_a_key_compares_as_the_matcher_does(one: Request, other: Request, name: str) -> None:
    matcher = getattr(vcr.matchers, "uri" if name == "url" else name)
    agree, _ = vcr.matchers.get_matchers_results(vcr_request(one), vcr_request(other), [matcher])
    names = frozenset({name})
    assert (matching_key(one, names) == matching_key(other, names)) == bool(agree)


def test_only_vcrpy_s_simple_matchers_have_keys() -> None:
    assert keyed((*NAMES, "body", "headers", "mine")) == frozenset(NAMES)
    assert keyed(FOREIGN_MATCH_ON) == frozenset(FOREIGN_MATCH_ON)


def test_what_vcrpy_breaks_off_at_equals_itself_alone() -> None:
    names = frozenset(FOREIGN_MATCH_ON)
    broken = [Request("GET", url) for url in ("http://[", "http://a:b/", "http://a:c/")]
    keys = [matching_key(request, names) for request in broken]
    assert len(set(keys)) == len(keys)
