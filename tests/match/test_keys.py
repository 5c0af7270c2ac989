from __future__ import annotations

import pytest

from undrift.match import MatchRules, request_key
from undrift.model import Headers, Request

NONE = MatchRules()


def get(url: str, method: str = "GET", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return Request(method, url, Headers(headers))


def are_equal(one: Request, other: Request, rules: MatchRules = NONE) -> bool:
    equal = request_key(one, rules) == request_key(other, rules)
    if equal:
        assert hash(request_key(one, rules)) == hash(request_key(other, rules))
    return equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://api.example.com", "https://api.example.com/"),
        ("https://API.Example.com/a", "https://api.example.com/a"),
        ("HTTPS://api.example.com/a", "https://api.example.com/a"),
        ("https://api.example.com:443/a", "https://api.example.com/a"),
        ("https://api.example.com:0443/a", "https://api.example.com/a"),
        ("https://api.example.com:/a", "https://api.example.com/a"),
        ("http://api.example.com:80/a", "http://api.example.com/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("http://[FE80::A]:81/a", "http://[fe80::a]:81/a"),
        ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
        ("http://BÜCHER.Example/a", "http://xn--bcher-kva.example/a"),
        ("http://h/%7Ejoe", "http://h/~joe"),
        ("http://h/%2fa", "http://h/%2Fa"),
        ("http://h/ä b", "http://h/%C3%A4%20b"),
        ("http://h/a?b=1&a=2", "http://h/a?a=2&b=1"),
        ("http://h/a?b=%31", "http://h/a?b=1"),
        ("http://h/a?q=ä", "http://h/a?q=%C3%A4"),
        ("http://h/a?q=x+y", "http://h/a?q=x%20y"),
        ("http://h/a?q", "http://h/a?q="),
        ("http://h/a?", "http://h/a"),
        ("http://h?a=1", "http://h/?a=1"),
        ("http://h/a#top", "http://h/a"),
        ("http://me:word@h/a", "http://h/a"),
        ("http://h/a?b=2&a=1&b=1", "http://h/a?a=1&b=2&b=1"),
        ("no URL at all", "no URL at all"),
        ("/relative?b=1", "/relative?b=1"),
    ],
)
def test_two_spellings_of_one_url_are_equal(one: str, other: str) -> None:
    assert are_equal(get(one), get(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h/a", "http://h/a"),
        ("https://h/a", "https://i/a"),
        ("https://h/a", "https://h:8443/a"),
        ("http://h:443/a", "http://h/a"),
        ("https://h/a", "https://h/A"),
        ("https://h/a", "https://h/a/"),
        ("https://h/a%2Fb", "https://h/a/b"),
        ("https://h/a%252Fb", "https://h/a%2Fb"),
        ("https://h/a?x=1", "https://h/a"),
        ("https://h/a?x=1", "https://h/a?x=2"),
        ("https://h/a?x=1&x=2", "https://h/a?x=2&x=1"),
        ("https://h/a?x=1&x=1", "https://h/a?x=1"),
        ("https://h/a?x=%FF", "https://h/a?x=%FE"),
        ("https://h/a?x=1%262", "https://h/a?x=1&2"),
        ("https://h/a?x=a%2Bb", "https://h/a?x=a+b"),
        ("https://h:99999999/a", "https://h/a"),
        ("no URL at all", "no url at all"),
    ],
)
def test_two_urls_are_not_equal(one: str, other: str) -> None:
    assert not are_equal(get(one), get(other))


def test_a_host_that_idna_refuses_is_still_compared() -> None:
    long_label = "ü" * 80
    assert are_equal(get(f"http://{long_label}/"), get(f"http://{long_label.upper()}/"))
    assert not are_equal(get(f"http://{long_label}/"), get(f"http://{long_label}ü/"))


def test_methods_count_with_their_case() -> None:
    assert not are_equal(get("http://h/", "GET"), get("http://h/", "HEAD"))
    assert not are_equal(get("http://h/", "GET"), get("http://h/", "get"))


def test_headers_do_not_count_but_for_the_amazon_target() -> None:
    assert are_equal(get("http://h/", headers=(("User-Agent", "a"),)), get("http://h/", headers=(("Accept", "b"),)))
    one = get("http://h/", headers=(("X-Amz-Target", "DynamoDB_20120810.GetItem"),))
    other = get("http://h/", headers=(("x-amz-target", "DynamoDB_20120810.PutItem"),))
    assert not are_equal(one, other)
    assert not are_equal(one, get("http://h/"))


def test_headers_that_the_rules_name_count() -> None:
    rules = MatchRules(match_headers=("Stripe-Version", "stripe-version", "Accept"))
    one = get("http://h/", headers=(("stripe-version", "2024-06-20"),))
    assert are_equal(one, get("http://h/", headers=(("STRIPE-VERSION", " 2024-06-20 "),)), rules)
    assert not are_equal(one, get("http://h/", headers=(("Stripe-Version", "2025-01-01"),)), rules)
    assert not are_equal(one, get("http://h/"), rules)
    split = get("http://h/", headers=(("Accept", "a"), ("Accept", "b")))
    assert are_equal(split, get("http://h/", headers=(("Accept", "a, b"),)), rules)


def test_a_boundary_never_counts() -> None:
    rules = MatchRules(match_headers=("Content-Type",))
    one = get("http://h/", headers=(("Content-Type", "multipart/form-data; boundary=abc"),))
    other = get("http://h/", headers=(("Content-Type", 'multipart/form-data; Boundary="xy z"'),))
    assert are_equal(one, other, rules)


def test_volatile_query_parameters_are_masked_but_must_be_there() -> None:
    rules = MatchRules(volatile=("nonce",))
    assert are_equal(get("http://h/?a=1&nonce=5"), get("http://h/?nonce=6&a=1"), rules)
    assert not are_equal(get("http://h/?a=1&nonce=5"), get("http://h/?a=2&nonce=5"), rules)
    assert not are_equal(get("http://h/?a=1&nonce=5"), get("http://h/?a=1"), rules)
    assert not are_equal(get("http://h/?nonce=%3Cvolatile%3E"), get("http://h/?nonce=5"))
