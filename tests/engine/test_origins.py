from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.engine import Origins
from undrift.engine.origins import StoredUrls

STRIPE = ("stripe", ("https://api.stripe.com", "http://127.0.0.1:*", "https://[::1]:8443"))
GITHUB = ("github", ("https://api.github.com", "http://127.0.0.1:*"))


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://api.stripe.com/v1/a?b=c", "https://api.stripe.com/v1/a?b=c"),
        ("https://api.stripe.com:443/v1", "https://api.stripe.com/v1"),
        ("http://127.0.0.1:8420/v1?x=1", "https://api.stripe.com/v1?x=1"),
        ("http://127.0.0.1/v1", "https://api.stripe.com/v1"),
        ("https://[::1]:8443/v1", "https://api.stripe.com/v1"),
        ("https://127.0.0.1:8420/v1", "https://127.0.0.1:8420/v1"),
        ("https://example.com/v1", "https://example.com/v1"),
        ("https://API.Stripe.com/V1", "https://api.stripe.com/V1"),
    ],
)
def test_every_origin_is_stored_as_the_first(url: str, stored: str) -> None:
    assert Origins((STRIPE,)).canonical(url) == stored


def test_the_service_of_a_url() -> None:
    origins = Origins((STRIPE,))
    assert origins.service_of("http://127.0.0.1:1/x") == "stripe"
    assert origins.service_of("https://example.com") == ""
    assert origins.service_of("http://127.0.0.1:99999999/") == "stripe"


def test_a_wildcard_that_two_claim_matches_nothing_until_it_is_bound() -> None:
    origins = Origins((STRIPE, GITHUB))
    assert origins.canonical("http://127.0.0.1:8420/x") == "http://127.0.0.1:8420/x"
    bound = origins.bound("github", "http://127.0.0.1:8420").bound("stripe", "http://127.0.0.1:9000/")
    assert bound.canonical("http://127.0.0.1:8420/x") == "https://api.github.com/x"
    assert bound.canonical("http://127.0.0.1:9000/x") == "https://api.stripe.com/x"


def test_without_services_nothing_changes() -> None:
    assert Origins().canonical("https://example.com/?a=1") == "https://example.com/?a=1"
    assert Origins().service_of("https://example.com/") == ""


AWS = ("aws", ("https://*.amazonaws.com",))
SQS = ("sqs", ("https://sqs.eu.amazonaws.com", "https://*.sqs.example:8443"))


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://s3.amazonaws.com/x", "aws"),
        ("https://sqs.us.amazonaws.com/x", "aws"),
        ("https://sqs.eu.amazonaws.com/x", "sqs"),
        ("https://a.b.sqs.example:8443/x", "sqs"),
        ("https://amazonaws.com/x", ""),
        ("http://s3.amazonaws.com/x", ""),
        ("https://s3.amazonaws.com:444/x", ""),
        ("https://a.b.sqs.example/x", ""),
    ],
)
def test_a_host_that_is_left_open_is_claimed_and_stays_what_it_is(url: str, service: str) -> None:
    origins = Origins((AWS, SQS))
    assert origins.service_of(url) == service
    assert origins.canonical(url) == url
    assert origins.rivals(url) == ()


def test_rivals_are_those_of_a_port_that_nobody_is_bound_to() -> None:
    origins = Origins((STRIPE, GITHUB))
    assert origins.rivals("http://127.0.0.1:8420/x") == ("stripe", "github")
    assert origins.bound("github", "http://127.0.0.1:8420").rivals("http://127.0.0.1:8420/x") == ()
    assert origins.rivals("https://example.com/") == ()


ORIGINS = Origins(
    (
        ("a", ("https://api.a.com", "http://127.0.0.1:*")),
        ("b", ("http://b.com:8080", "https://*.b.com", "http://localhost:*")),
        ("c", ("https://c.com", "http://localhost:*")),
    ),
    (("c", "http://127.0.0.1:7"),),
)
URLS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(
            [
                "https://api.a.com",
                "HTTPS://api.a.com",
                "https://API.a.com:443",
                "http://127.0.0.1:9",
                "http://127.0.0.1:7",
                "http://b.com:8080",
                "https://x.b.com",
                "http://localhost:1",
                "http://u:p@127.0.0.1:9",
                "https://c.com",
                "http://[::1]:9",
                "http://127.0.0.1:x",
                "http:/127.0.0.1",
                "ftp://c.com",
                "http://127.0.0.1:",
                "",
            ]
        ),
        st.text("/a?#&= %\t\\\u00e9:@", max_size=6),
    ),
)


@given(st.lists(URLS, min_size=1, max_size=4))
def test_a_url_is_stored_the_same_however_it_is_found_out(urls: list[str]) -> None:
    stored = StoredUrls(ORIGINS)
    for url in (*urls, *urls):
        assert stored.of(url) == ORIGINS.canonical(url)
