"""Headers by what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]

Fields = list[tuple[str, str]]

SUNSET = ("risky", "deprecation-announced", "sunset")


@pytest.fixture
def among(check: Check, answer: Answer, told: Told) -> Callable[[Fields, Fields], list[tuple[str, str, str]]]:
    return lambda old, new: told(check([answer(b"x", headers=old)], [answer(b"x", headers=new)]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([("Date", "a"), ("Server", "x/1")], [("Server", "x/2"), ("Content-Length", "5")]),
        ([("ETag", '"a"')], [("etag", '"b"')]),
        ([("Content-Type", "application/json;charset=UTF-8")], [("content-type", "application/json; charset=utf-8")]),
        ([("Vary", "Accept, Cookie")], [("Vary", "cookie,accept")]),
        ([("Vary", "Accept"), ("Vary", "Cookie")], [("Vary", "Cookie, Accept")]),
        ([("Cache-Control", "no-store, max-age=5")], [("Cache-Control", "max-age=5, no-store")]),
        ([("Link", '<a>; rel="next", <b>; rel="last"')], [("Link", '<b>; rel="last", <a>; rel="next"')]),
        ([("Request-Id", "req_SLlAfpovZYiu0u")], [("Request-Id", "req_K9wJ5n6D3NWfoR")]),
        ([("X-RateLimit-Remaining", "99")], [("X-RateLimit-Remaining", "98")]),
        ([("Set-Cookie", "s=1; Path=/; Expires=a")], [("Set-Cookie", "s=2; path=/; Expires=b")]),
        ([("X-AspNet-Version", "4")], []),
        ([("Trailer", "X-Checksum, Grpc-Status")], [("Trailer", "grpc-status,x-checksum")]),
        ([("Sunset", "Sun, 30 Jun 2030 23:59:59 GMT")], [("Sunset", "2030-06-30T23:59:59Z")]),
        ([("Deprecation", "@1688169599")], [("Deprecation", "Fri, 30 Jun 2023 23:59:59 GMT")]),
        (
            [("Warning", '110 - "stale" "Sun, 30 Jun 2030 23:59:59 GMT"')],
            [("Warning", '110 - "stale" "Mon, 01 Jul 2030 23:59:59 GMT"')],
        ),
        ([("Link", '<a>; rel="next"')], [("Link", '<a>; rel="next"')]),
    ],
)
def test_what_says_nothing_of_the_contract(
    among: Callable[[Fields, Fields], list[tuple[str, str, str]]], old: Fields, new: Fields
) -> None:
    assert among(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ([], [("Vary", "Cookie")], ("additive", "header-added", "vary")),
        ([("X-Total", "5")], [], ("risky", "header-removed", "x-total")),
        ([("X-Total", "5")], [("X-Total", "6")], ("info", "header-changed", "x-total")),
        ([("Vary", "A")], [("Vary", "B")], ("info", "header-changed", "vary")),
        (
            [("Content-Type", "application/json")],
            [("Content-Type", "text/html")],
            ("breaking", "header-changed", "content-type"),
        ),
        (
            [("Content-Type", "text/csv")],
            [("Content-Type", "text/csv; header=present")],
            ("info", "header-changed", "content-type"),
        ),
        ([], [("Deprecation", "@1688169599")], ("risky", "deprecation-announced", "deprecation")),
        ([], [("Sunset", "Sun, 30 Jun 2030 23:59:59 GMT")], ("risky", "deprecation-announced", "sunset")),
        ([("Warning", '299 - "old"')], [("Warning", '299 - "gone"')], ("risky", "deprecation-announced", "warning")),
        (
            [("Stripe-Version", "2019-12-03")],
            [("Stripe-Version", "2020-08-27")],
            ("risky", "header-changed", "stripe-version"),
        ),
        ([("Sunset", "Sun, 30 Jun 2030 23:59:59 GMT")], [("Sunset", "Sat, 30 Jun 2029 23:59:59 GMT")], SUNSET),
        (
            [("Deprecation", "@1688169599")],
            [("Deprecation", "true")],
            ("risky", "deprecation-announced", "deprecation"),
        ),
        ([("Deprecation", "true")], [], ("risky", "header-removed", "deprecation")),
        ([], [("Link", '<https://a/d>; rel="deprecation"')], ("risky", "deprecation-announced", "link")),
        (
            [("Link", '<https://a/2>; rel="next"')],
            [("Link", '<https://a/2>; rel="next", <https://a/v2>; rel="sunset successor-version"')],
            ("risky", "deprecation-announced", "link"),
        ),
        ([], [("Link", '<https://a/2>; rel="next"')], ("additive", "header-added", "link")),
        ([("Trailer", "X-Checksum, Grpc-Status")], [("Trailer", "X-Checksum")], ("info", "header-changed", "trailer")),
        (
            [("X-GitHub-Api-Version-Selected", "2022-11-28")],
            [("X-GitHub-Api-Version-Selected", "2026-03-10")],
            ("risky", "header-changed", "x-github-api-version-selected"),
        ),
        ([("Api-Version", "1")], [("Api-Version", "2")], ("risky", "header-changed", "api-version")),
        ([("Set-Cookie", "s=1; HttpOnly")], [("Set-Cookie", "s=1")], ("info", "header-changed", "set-cookie")),
        ([("Set-Cookie", "s=1")], [], ("risky", "header-removed", "set-cookie")),
        ([], [("Set-Cookie", "s=1")], ("additive", "header-added", "set-cookie")),
    ],
)
def test_what_does(
    among: Callable[[Fields, Fields], list[tuple[str, str, str]]],
    old: Fields,
    new: Fields,
    finding: tuple[str, str, str],
) -> None:
    assert among(old, new) == [finding]


def test_a_location_with_a_new_id_is_noise_and_with_another_one_a_finding(
    check: Check, answer: Answer, told: Told
) -> None:
    def made(one: str, place: str) -> list[Interaction]:
        return [answer({"id": one}, status=201, headers=[("Location", f"/c/{place}")])]

    old, new, other = "cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR", "cus_zFjt3LaAquN79g"
    assert told(check(made(old, old), made(new, new))) == []
    assert told(check(made(old, old), made(new, other))) == [("risky", "reference-changed", "location")]
