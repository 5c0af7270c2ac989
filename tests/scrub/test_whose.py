"""Whose a request is."""

from __future__ import annotations

import base64

import pytest

from undrift.model import Headers, Request
from undrift.scrub import Fit, fit, key_of
from undrift.scrub.placeholders import stand_in_jwt
from undrift.scrub.whose import in_places, places_in


def request(*fields: tuple[str, str]) -> Request:
    return Request("GET", "https://api.test/", Headers.of(fields))


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (("Authorization", "Bearer <SHOP_KEY>"), "Bearer <SHOP_KEY>"),
        (("X-Api-Key", "<secret:x-api-key:1>"), "<secret:x-api-key:1>"),
        (("Authorization", basic("<SHOP_KEY>:")), "<SHOP_KEY>:"),
        (
            ("Authorization", basic("<secret:username:1>:<secret:password:1>")),
            "<secret:username:1>:<secret:password:1>",
        ),
        (("Authorization", "Basic %"), ""),
        (("Authorization", "AWS4 Credential=<AWS_ACCESS_KEY_ID>/20260101, Signature=<secret:authorization:1>"), ""),
        (("Cookie", "session=<secret:cookie:1>"), ""),
        (("X-Signature", "<secret:signature:1>"), ""),
        (("Accept", "*/*"), ""),
    ],
)
def test_a_key_is_what_a_header_field_holds_and_nothing_else(field: tuple[str, str], expected: str) -> None:
    assert key_of(request(("Accept", "*/*"), field)) == (((field[0].lower(), expected),) if expected else ())


def test_a_token_that_stands_for_a_credential_is_no_place_of_another_secret() -> None:
    tokens = (stand_in_jwt(name, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", str) for name in ("<secret:jwt:1>", "<SHOP_TOKEN>"))
    numbered, named = tokens

    assert places_in(f"{named} {numbered} <secret:a:2>") == [numbered, "secret:a:2"]
    assert key_of(request(("Authorization", f"Bearer {named}"))) == (("authorization", f"Bearer {named}"),)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a", "a", {}),
        ("a", "b", None),
        ("a <secret:x:1> b", "a one b", {"secret:x:1": "one"}),
        ("a <secret:x:1> b", "a one b b", {"secret:x:1": "one b"}),
        ("a <secret:x:1>, <secret:y:1>.", "a one, two, three.", {"secret:x:1": "one", "secret:y:1": "two, three"}),
        ("<secret:x:1>", "one", {"secret:x:1": "one"}),
        ("<secret:x:1> <secret:x:1>", "one two", {"secret:x:1": "one"}),
        ("%3Csecret%3Ax%3A1%3E", "a+b%2F", {"secret:x:1": "a b/"}),
        ("&lt;secret:x:1&gt;", "a&amp;b", {"secret:x:1": "a&b"}),
        ("a <secret:x:1> b", "b one b", None),
        ("a <secret:x:1> b", "a  b", None),
        ("a <secret:x:1> b", "a one c", None),
        ("a <secret:x:1> b <secret:y:1>", "a one c two", None),
        ("<secret:x:1>", "", None),
    ],
)
def test_what_stands_in_the_places_of_a_text(old: str, new: str, expected: dict[str, str] | None) -> None:
    assert in_places(old, new) == expected


def test_a_long_text_with_many_places_is_done_with_at_once() -> None:
    old = "".join(f"a,<secret:x:{number}>," for number in range(200))

    assert in_places(old + "!", "a,b," * 20_000 + "?") is None


NUMBERED = (("authorization", "Bearer <secret:authorization:1>"),)


@pytest.mark.parametrize(
    ("key", "sent", "known", "expected"),
    [
        ((), "", {}, Fit.SURE),
        ((("authorization", "Bearer <SHOP_KEY>"),), "Bearer <SHOP_KEY>", {}, Fit.SURE),
        ((("authorization", "Bearer <SHOP_KEY>"),), "Bearer other", {}, Fit.NONE),
        (NUMBERED, "Bearer <secret:authorization:1>", {}, Fit.SURE),
        (NUMBERED, "Bearer <secret:authorization:2>", {}, Fit.NONE),
        (NUMBERED, "Bearer mine", {}, Fit.POSSIBLE),
        (NUMBERED, "Bearer mine", {"secret:authorization:1": "mine"}, Fit.SURE),
        (NUMBERED, "Bearer mine", {"secret:authorization:1": "other"}, Fit.NONE),
        (NUMBERED, "Bearer mine", {"secret:authorization:2": "mine"}, Fit.NONE),
        (NUMBERED, "mine", {}, Fit.NONE),
        (NUMBERED, "", {}, Fit.NONE),
    ],
)
def test_how_well_what_was_sent_fits(
    key: tuple[tuple[str, str], ...], sent: str, known: dict[str, str], expected: Fit
) -> None:
    assert fit(key, request(("Authorization", sent)) if sent else request(), known) is expected
