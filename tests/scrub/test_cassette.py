"""Scrubbing whole cassettes."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import calls

from undrift.errors import UndriftError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Scrubbed, Secrets, leaks, scrub, scrub_request
from undrift.scrub.names import NameReader, SecretNames

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk_test_51HxyZ0abcDEF"
SECRETS = Secrets.named({"STRIPE_TEST_KEY": KEY})
JSON = ("Content-Type", "application/json")
READER = NameReader(SecretNames.DEFAULT)


def get(url: str = "https://api.test/", *fields: tuple[str, str], body: bytes = b"") -> Request:
    return Request("GET", url, Headers.of(fields), body)


def one(request: Request, response: Response | None = None) -> Cassette:
    return Cassette((Interaction(request, response or Response(200)),))


def scrubbed_request(request: Request, secrets: Secrets = SECRETS) -> Request:
    return scrub(one(request), secrets).cassette.interactions[0].request


def everything(cassette: Cassette) -> bytes:
    return repr(dataclasses.astuple(cassette)).encode()


def test_a_named_secret_is_replaced_everywhere() -> None:
    request = get(
        f"https://user:{KEY}@api.test/{KEY}?key={KEY}#{KEY}",
        ("Authorization", f"Bearer {KEY}"),
        ("X-Other", f"is {KEY}"),
        body=f'{{"key": "{KEY}"}}'.encode(),
    )
    response = Response(200, f"OK {KEY}", Headers.of([("Location", f"/?k={KEY}"), JSON]), f'["{KEY}"]'.encode())
    cassette = Cassette(
        (Interaction(request, response),),
        failures=(Failure(1, request, "timeout", f"no answer to {KEY}", response=response),),
        test=f"test_x.py::test[{KEY}]",
        recorded_values=(("token", {"value": [KEY, 1, None]}),),
        metadata={KEY: [f"a {KEY}", KEY.encode(), 1.5]},
    )

    result = scrub(cassette, SECRETS)

    assert leaks(everything(result.cassette), SECRETS) == ()
    clean = result.cassette.interactions[0]
    assert clean.request.url == "https://user:{0}@api.test/{0}?key={0}#{0}".format("%3CSTRIPE_TEST_KEY%3E")
    assert clean.request.headers.get("Authorization") == "Bearer <STRIPE_TEST_KEY>"
    assert clean.request.headers.get("X-Other") == "is <STRIPE_TEST_KEY>"
    assert clean.request.body == b'{"key": "<STRIPE_TEST_KEY>"}'
    assert clean.response.headers.get("Location") == "/?k=%3CSTRIPE_TEST_KEY%3E"
    assert clean.response.reason == "OK <STRIPE_TEST_KEY>"
    assert result.cassette.failures[0].message == "no answer to <STRIPE_TEST_KEY>"
    assert result.cassette.failures[0].response == clean.response
    assert result.cassette.recorded_values == (("token", {"value": ["<STRIPE_TEST_KEY>", 1, None]}),)
    assert result.cassette.metadata == {
        "<STRIPE_TEST_KEY>": ["a <STRIPE_TEST_KEY>", b"<STRIPE_TEST_KEY>", 1.5],
    }
    assert result.replaced == ("<STRIPE_TEST_KEY>",)


@pytest.mark.parametrize(
    ("media_type", "placeholder"),
    [
        ("application/x-www-form-urlencoded", b"%3CSTRIPE_TEST_KEY%3E"),
        ("application/xml", b"&lt;STRIPE_TEST_KEY&gt;"),
        ("application/atom+xml; charset=utf-8", b"&lt;STRIPE_TEST_KEY&gt;"),
        ("text/html", b"&lt;STRIPE_TEST_KEY&gt;"),
        ("application/json", b"<STRIPE_TEST_KEY>"),
        ("application/octet-stream", b"<STRIPE_TEST_KEY>"),
    ],
)
def test_the_media_type_decides_the_escape_in_a_body(media_type: str, placeholder: bytes) -> None:
    request = get("https://api.test", ("Content-Type", media_type), body=KEY.encode())

    assert scrubbed_request(request).body == placeholder


def test_basic_credentials_keep_their_shape() -> None:
    header = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()

    clean = scrubbed_request(get("https://api.test", ("Authorization", header))).headers.get("Authorization")

    assert clean is not None
    assert base64.b64decode(clean.removeprefix("Basic ")) == b"<STRIPE_TEST_KEY>:"


def test_a_token_that_nobody_named_becomes_a_secret_of_its_own() -> None:
    login = Interaction(
        get("https://api.test/me", ("Authorization", "Bearer tok-unknown-1")),
        Response(200, "OK", Headers.of([JSON]), b'{"token": "tok-unknown-1", "next": "/?t=tok-unknown-1"}'),
    )
    later = Interaction(
        get("https://api.test/?t=tok-unknown-1", ("authorization", "Bearer tok-other-22")), Response(401)
    )

    result = scrub(Cassette((login, later)), SECRETS)

    first, second = result.cassette.interactions
    assert first.request.headers.get("Authorization") == "Bearer <secret:authorization:1>"
    assert json.loads(first.response.body)["token"] == "<secret:authorization:1>"
    assert second.request.url == "https://api.test/?t=%3Csecret%3Aauthorization%3A1%3E"
    assert second.request.headers.get("Authorization") == "Bearer <secret:authorization:2>"
    assert result.replaced == ("<secret:authorization:1>", "<secret:authorization:2>")
    assert len(result.found) == 2


def test_a_cookie_keeps_its_number_from_answer_to_request() -> None:
    answer = Response(
        200, headers=Headers.of([("Set-Cookie", "sid=abc123def; Path=/; Secure"), ("Set-Cookie", "lang=en")])
    )
    cassette = Cassette(
        (
            Interaction(get(), answer),
            Interaction(get("https://api.test", ("Cookie", "sid=abc123def; lang=en; theme=dark")), Response(200)),
        )
    )

    first, second = scrub(cassette, Secrets()).cassette.interactions

    assert first.response.headers.get_all("Set-Cookie") == (
        "sid=<secret:cookie:1>; Path=/; Secure",
        "lang=<secret:cookie:2>",
    )
    expected = "sid=<secret:cookie:1>; lang=<secret:cookie:2>; theme=<secret:cookie:3>"
    assert second.request.headers.get("Cookie") == expected


def test_a_short_value_or_a_mere_word_is_replaced_in_its_header_alone() -> None:
    request = get(
        "https://api.test/invalid", ("X-Api-Key", "invalid"), ("X-Auth-Token", "a1b2c"), body=b"invalid a1b2c"
    )

    clean = scrubbed_request(request)

    assert clean.headers.fields == (("X-Api-Key", "<secret:x-api-key:1>"), ("X-Auth-Token", "<secret:x-auth-token:1>"))
    assert (clean.url, clean.body) == (request.url, request.body)


def test_headers_without_secrets_are_the_same() -> None:
    request = get("https://api.test", ("Accept", "*/*"), ("Content-Length", "3"), ("accept", "x"))

    assert scrubbed_request(request) == request


def test_the_length_stays_that_of_the_body() -> None:
    request = get("https://api.test", ("Content-Length", str(len(KEY))), body=KEY.encode())

    assert scrubbed_request(request).headers.get("Content-Length") == str(len("<STRIPE_TEST_KEY>"))


def test_a_failed_request_counts_in_its_place() -> None:
    failed = Failure(0, get("https://api.test", ("Authorization", "Bearer token-0000")), "timeout")
    last = Failure(1, get("https://api.test", ("Authorization", "Bearer token-2222")), "reset")
    cassette = Cassette(
        (Interaction(get("https://api.test", ("Authorization", "Bearer token-1111")), Response(200)),),
        failures=(failed, last),
    )

    result = scrub(cassette, Secrets()).cassette

    requests = [result.failures[0].request, result.interactions[0].request, result.failures[1].request]
    assert [request.headers.get("Authorization") for request in requests] == [
        f"Bearer <secret:authorization:{number}>" for number in (1, 2, 3)
    ]


def test_one_message_that_stands_twice_is_scrubbed_twice() -> None:
    request = get("https://api.test/?api_key=abc-123-def", body=KEY.encode())
    answer = Response(200, body=b'{"password": "hunter-22"}')

    clean = scrub(Cassette((Interaction(request, answer), Interaction(request, answer))), SECRETS).cassette.interactions

    assert clean[0] == clean[1]
    assert clean[1].request.url == "https://api.test/?api_key=%3Csecret%3Aapi_key%3A1%3E"
    assert clean[1].request.body == b"<STRIPE_TEST_KEY>"
    assert clean[1].response.body == b'{"password": "<secret:password:1>"}'


def test_numbers_go_on_where_an_earlier_scrubbing_ended() -> None:
    old = scrub(one(get("https://api.test", ("Authorization", "Bearer token-1111"))), Secrets()).cassette
    added = Interaction(get("https://api.test", ("Authorization", "Bearer token-2222")), Response(200))

    both = scrub(old.with_interactions((added, *old.interactions)), Secrets()).cassette.interactions

    assert both[0].request.headers.get("Authorization") == "Bearer <secret:authorization:2>"
    assert both[1].request.headers.get("Authorization") == "Bearer <secret:authorization:1>"


def test_a_placeholder_of_another_scrubbing_stays() -> None:
    clean = scrubbed_request(get("https://api.test", ("Authorization", f"Bearer {KEY}")))

    assert scrubbed_request(clean, Secrets()) == clean
    assert scrubbed_request(clean, Secrets.named({"OTHER": "another-one"})) == clean


def test_a_live_request_is_scrubbed_by_the_same_code() -> None:
    request = get(
        f"https://api.test/?k={KEY}", ("Authorization", f"Bearer {KEY}"), ("Cookie", "a=b"), body=KEY.encode()
    )

    assert scrub_request(request, SECRETS) == scrubbed_request(request)


def test_a_live_request_without_secrets_is_little_work() -> None:
    fields = [(f"X-Header-{number}", "some value of usual length") for number in range(12)]
    request = get("https://api.test/v1/customers?limit=3", *fields, body=b'{"a": 1}' * 20)
    scrub_request(request, SECRETS)

    assert calls(lambda: scrub_request(request, SECRETS)) < 500


def test_only_scrub_makes_what_may_be_written() -> None:
    result = scrub(Cassette(), SECRETS)

    with pytest.raises(UndriftError, match=r"Only scrub\(\) makes what may be written"):
        Scrubbed(Cassette(), (), Secrets(), object())  # type: ignore[arg-type]  # what the test tries
    with pytest.raises((ValueError, TypeError)):
        dataclasses.replace(result, cassette=one(get(KEY)))  # type: ignore[call-arg]  # what the test tries
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.cassette = one(get(KEY))  # type: ignore[misc]  # what the test tries


def test_nothing_that_is_printed_shows_a_secret() -> None:
    result = scrub(one(get("https://api.test", ("Authorization", "Bearer token-unknown-1"))), SECRETS)

    assert "token-unknown-1" not in repr(result)
    assert KEY not in repr(result)


TOKENS = st.text("abcdefXYZ0123456789_-", min_size=8, max_size=20).filter(
    lambda text: any(letter.isdigit() for letter in text)
)
TEXTS = st.text("ab01<>: ", max_size=12)


@st.composite
def cassettes(draw: st.DrawFn, token: str) -> Cassette:
    """Cassettes with a token in any of their places."""
    spelled = st.sampled_from(
        [token, base64.b64encode(f"u:{token}".encode()).decode(), token.encode().hex(), f"Bearer {token}", "plain"]
    )
    plain_fields = st.tuples(st.sampled_from(["X-A", "Authorization", "X-Api-Key"]), spelled)
    cookies = spelled.map(lambda value: ("cookie", f"sid={value}"))
    fields = st.lists(plain_fields | cookies, max_size=3)
    bodies = st.builds(lambda first, text, last: (first + text + last).encode(), TEXTS, spelled, TEXTS)
    requests = st.builds(
        lambda path, headers, body: Request("GET", f"https://api.test/{path}", Headers.of(headers), body),
        spelled,
        fields,
        bodies,
    )
    responses = st.builds(lambda headers, body: Response(200, "OK", Headers.of(headers), body), fields, bodies)
    interactions = draw(st.lists(st.builds(Interaction, requests, responses), max_size=4))
    return Cassette(tuple(interactions))


@given(st.data(), TOKENS)
def test_scrubbing_twice_is_scrubbing_once_and_nothing_is_left(data: st.DataObject, token: str) -> None:
    cassette = data.draw(cassettes(token))
    secrets = Secrets.named({"TOKEN": token})

    once = scrub(cassette, secrets)
    twice = scrub(once.cassette, secrets)

    assert twice.cassette == once.cassette
    for interaction in once.cassette.interactions:
        for message in (interaction.request, interaction.response):
            assert leaks(message.body, secrets | once.found) == ()
            assert leaks("\n".join(f"{name}: {value}" for name, value in message.headers).encode(), secrets) == ()
        assert token not in interaction.request.url


@given(st.data(), TOKENS)
def test_unnamed_tokens_scrub_to_the_same_twice(data: st.DataObject, token: str) -> None:
    cassette = data.draw(cassettes(token))

    once = scrub(cassette, Secrets())

    assert scrub(once.cassette, Secrets()).cassette == once.cassette
    for interaction in once.cassette.interactions:
        for name, value in interaction.request.headers:
            if READER.is_header(name, value):
                assert token not in value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/plain", "at postgres://ann:{}@db.test/orders"),
        ("text/plain", "see https://api.test/?token={} there"),
        ("text/plain", "Server=db;Password={};Timeout=3"),
        ("application/xml", "<login><password>{}</password></login>"),
        ("application/x-www-form-urlencoded", "password={}&remember=1"),
        ("application/json", '{{"note": "password: {}"}}'),
    ],
)
def test_a_credential_is_replaced_whole_where_its_own_letters_end_a_value(kind: str, text: str) -> None:
    password = "p@ss;w<o>r&d-77"
    secrets = Secrets.named({"SHOP_PASSWORD": password})
    body = text.format(password).encode()

    clean = scrub(one(get(), Response(200, headers=Headers.of([("Content-Type", kind)]), body=body)), secrets)

    assert b"SHOP_PASSWORD" in clean.cassette.interactions[0].response.body
    assert not [part for part in (b"p@ss", b"w<o>", b"d-77") if part in everything(clean.cassette)]
    assert scrub(clean.cassette, secrets).cassette == clean.cassette


def test_a_credential_is_replaced_whole_in_the_head_of_a_message() -> None:
    password = "p@ss;w-77"
    secrets = Secrets.named({"SHOP_PASSWORD": password})
    fields = [("Set-Cookie", f"pass={password}; Path=/"), ("Link", f"<https://ann:{password}@api.test/>")]

    clean = scrub(one(get(f"https://ann:{password}@api.test/"), Response(200, headers=Headers.of(fields))), secrets)

    assert clean.cassette.interactions[0].request.url == "https://ann:%3CSHOP_PASSWORD%3E@api.test/"
    assert not [part for part in (b"p@ss", b"w-77") if part in everything(clean.cassette)]


def test_a_secret_in_a_url_goes_on_behind_a_slash_that_json_escapes() -> None:
    token = "q7Zt0PxV4mLr/9KbW2sYd"
    body = json.dumps({"url": f"https://api.test/?access_token={token}&page=2"}).replace("/", "\\/").encode()

    clean = scrub(one(get(), Response(200, headers=Headers.of([JSON]), body=body)), SECRETS)

    assert b"9KbW2sYd" not in everything(clean.cassette)
    assert clean.found.pairs == (("secret:access_token:1", token),)


def test_parts_of_text_are_walked_beside_binary_ones() -> None:
    parts = (b'name="file"\r\n\r\n\0\x1f\x8b', b'name="password"\r\n\r\nhunter2-hunter2')
    body = b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"

    clean = scrubbed_request(get("https://api.test/", ("Content-Type", "multipart/form-data; boundary=b"), body=body))

    assert clean.body == body.replace(b"hunter2-hunter2", b"<secret:password:1>")


def test_a_secret_with_a_credential_in_it_is_not_looked_for_elsewhere() -> None:
    password = "qbazh plibx"
    secrets = Secrets.named({"SHOP_PASSWORD": password})
    sent = get(
        "https://api.test/", ("X-Said", f"Bearer {password}"), body=f'{{"password": "Bearer {password}"}}'.encode()
    )

    clean = scrub(one(sent), secrets)

    assert clean.cassette.interactions[0].request.headers.get("X-Said") == "Bearer <SHOP_PASSWORD>"
    assert clean.cassette.interactions[0].request.body == b'{"password": "<secret:password:1>"}'
    assert clean.found.pairs == ()
    assert leaks(everything(clean.cassette), secrets) == ()
    assert scrub(clean.cassette, secrets).cassette == clean.cassette


@pytest.mark.parametrize("form", [lambda text: quote(quote(text, safe=""), safe=""), lambda text: text.encode().hex()])
def test_a_credential_in_a_form_of_its_own_is_no_other_secret(form: Callable[[str], str]) -> None:
    password = "qbazh plibx;zzcfq"
    secrets = Secrets.named({"SHOP_PASSWORD": password})
    sent = get(f"https://ann:{quote(form(password), safe='')}@api.test/", body=f"it is {form(password)}".encode())

    clean = scrub(one(sent), secrets)

    assert leaks(everything(clean.cassette), secrets | clean.found) == ()
    assert scrub(clean.cassette, secrets).cassette == clean.cassette
