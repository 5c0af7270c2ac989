"""What stands in place of a secret, and how it is told from one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.scrub.placeholders import (
    is_jwt,
    is_placeholder,
    label_of,
    numbered_in,
    numbers_in,
    placeholders_in,
    renamed,
    stand_in_jwt,
    without_numbers,
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def jwt(**claims: object) -> str:
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


def claims_of(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


TOKEN = jwt(iss="https://id.test", sub="user-7", aud=["api"], exp=1_700_000_000, email="ann@example.com")
STAND_IN = stand_in_jwt("<secret:jwt:1>", TOKEN, str)


@pytest.mark.parametrize(
    "text",
    [
        "<KEY>",
        "<secret:access_token:12>",
        "%3Csecret%3Ak%3A1%3E",
        "&lt;KEY&gt;",
        "\\u003cKEY\\u003e",
        "<A><B>",
        STAND_IN,
    ],
)
def test_a_placeholder_is_known_in_every_escape(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["KEY", "<KEY> and more", "<secret:x>", "<1>", TOKEN, "<secret:x:y>"])
def test_what_has_more_to_it_is_none(text: str) -> None:
    assert not is_placeholder(text)


def test_a_stand_in_is_taken_apart_as_the_token_was_and_says_for_what_it_stands() -> None:
    claims = claims_of(STAND_IN)

    assert is_jwt(STAND_IN)
    assert claims["undrift"] == "<secret:jwt:1>"
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("https://id.test", "user-7", ["api"])
    assert claims["exp"] == 4_102_444_800
    assert "email" not in claims
    assert placeholders_in(f"Bearer {STAND_IN} <KEY>") == ["<KEY>", "<secret:jwt:1>"]


@pytest.mark.parametrize(
    "text", ["eyJhbGciOi.x.y", "eyJhbGciOiJIUzI1NiJ9", f"{part({'typ': 'x'})}.{part({})}.abc", "abc"]
)
def test_what_only_looks_like_a_token_is_none(text: str) -> None:
    assert not is_jwt(text)


def test_labels_are_words() -> None:
    assert label_of("accessToken") == "access_token"
    assert label_of("X-Api-Key") == "x_api_key"
    assert label_of("___") == "field"
    assert len(label_of("x" * 100)) == 40


DATA = f"a=%3Csecret%3Apassword%3A1%3E&b=<secret:password:2> \\u003csecret:key:1\\u003e {STAND_IN} <KEY>".encode()


def test_numbers_are_read_in_every_escape() -> None:
    assert set(numbers_in(DATA)) == {("password", 1), ("password", 2), ("key", 1), ("jwt", 1)}
    assert numbered_in(DATA) == [f"<secret:{name}>" for name in ("password:1", "password:2", "key:1", "jwt:1")]


def test_numbers_are_taken_out() -> None:
    assert without_numbers(DATA, b"<secret>") == b"a=<secret>&b=<secret> <secret> <secret> <KEY>"
    named = stand_in_jwt("<KEY>", TOKEN, str).encode()
    assert without_numbers(named, b"<secret>") == b"<KEY>"
    assert without_numbers(named, b"%3Csecret%3E") == b"%3CKEY%3E"
    assert without_numbers(b"nothing", b"<secret>") == b"nothing"


def test_another_name_stands_in_the_same_escape() -> None:
    names = {
        "<secret:password:1>": "<secret:pin:7>",
        "<secret:jwt:1>": "<secret:id:3>",
        "<secret:key:1>": "<secret:k:2>",
    }

    data = renamed(DATA, names)

    assert data.startswith(b"a=%3Csecret%3Apin%3A7%3E&b=<secret:password:2> \\u003csecret:k:2\\u003e ")
    assert claims_of(data.split()[2].decode())["undrift"] == "<secret:id:3>"
    assert renamed(DATA, {}) == DATA


def test_tokens_that_answers_hand_out_stay_such_and_are_followed() -> None:
    login = Interaction(
        Request("POST", "https://id.test/token"),
        Response(
            200, headers=Headers.of([("Content-Type", "application/json")]), body=json.dumps({"jwt": TOKEN}).encode()
        ),
    )
    later = Interaction(
        Request("GET", f"https://api.test/me?t={TOKEN}", Headers.of([("X-User", f"Token {TOKEN}")])), Response(200)
    )

    first, second = scrub(Cassette((login, later)), Secrets()).cassette.interactions

    told = json.loads(first.response.body)["jwt"]
    assert is_jwt(told)
    assert claims_of(told)["undrift"] == "<secret:jwt:1>"
    assert second.request.url == f"https://api.test/me?t={told}"
    assert second.request.headers.get("X-User") == f"Token {told}"


def test_a_credential_that_is_a_token_has_a_stand_in_with_its_name() -> None:
    known = Secrets.named({"ID_TOKEN": TOKEN, "OTHER": jwt(sub="x")})
    exchange = Interaction(
        Request("GET", "https://api.test", Headers.of([("Authorization", f"Bearer {TOKEN}")])), Response(200)
    )

    result = scrub(Cassette((exchange,)), known)

    told = (result.cassette.interactions[0].request.headers.get("Authorization") or "").removeprefix("Bearer ")
    assert claims_of(told)["undrift"] == "<ID_TOKEN>"
    assert result.replaced == ("<ID_TOKEN>",)
