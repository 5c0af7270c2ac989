"""Credentials back in the places of their placeholders."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Restorer, Secrets, holds_places, scrub, sent_in_place

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = 'sk_test_51HxyZ0 "&<abc'
HELD = 'sk_test_stand "&<in'
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
RESTORER = Restorer({"SHOP_KEY": HELD, "K": "another-1", "SHOP_TOKEN": "eyJstandin"})


def answer(key: str, kind: str, text: bytes) -> Response:
    fields = [
        ("Content-Type", kind),
        ("X-Key", key.strip()),
        ("Location", f"/?a={quote(key, safe='')}"),
        ("Content-Length", str(len(text))),
    ]
    return Response(200, "OK", Headers.of(fields), text)


WRITTEN: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "JSON": ("application/json", lambda key: json.dumps({"key": key, "n": [key]}).encode()),
    "a form": ("application/x-www-form-urlencoded", lambda key: f"key={quote(key, safe='')}".encode()),
    "XML": (
        "application/xml",
        lambda key: f"<a>{key.replace('&', '&amp;').replace('<', '&lt;')}</a>".encode(),
    ),
    "text": ("text/plain", lambda key: f"It is {key}.".encode()),
    "wide text": ("text/plain; charset=utf-16", lambda key: f"It is {key}.".encode("utf-16")),
    "hexadecimal": ("text/plain", lambda key: key.encode().hex().encode()),
    "Basic": ("text/plain", lambda key: b"Basic " + base64.b64encode(f"ann:{key}".encode())),
    "packed": ("application/gzip", lambda key: gzip.compress(key.encode(), mtime=0)),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_an_answer_reads_as_if_the_one_credential_had_been_the_other(kind: str) -> None:
    media, write = WRITTEN[kind]
    live = answer(RECORDED, media, write(RECORDED))
    secrets = Secrets.named({"SHOP_KEY": RECORDED})
    stored = scrub(Cassette((Interaction(Request("GET", "https://api.test/"), live),)), secrets).cassette
    assert stored.interactions[0].response != live

    assert RESTORER.response(stored.interactions[0].response) == answer(HELD, media, write(HELD))


def test_an_answer_without_a_placeholder_is_handed_out_as_it_is() -> None:
    plain = answer("other", "text/plain", b"<SHOP> <secret:token:1>")

    assert RESTORER.response(plain) is plain


def test_a_token_that_stands_for_a_credential_stays_one_that_can_be_taken_apart() -> None:
    live = answer(f"Bearer {TOKEN}", "text/plain", f"{TOKEN} of {RECORDED}".encode())
    secrets = Secrets.named({"SHOP_TOKEN": TOKEN, "SHOP_KEY": RECORDED})
    stored = scrub(Cassette((Interaction(Request("GET", "https://api.test/"), live),)), secrets).cassette
    scrubbed = stored.interactions[0].response

    restored = RESTORER.response(scrubbed)

    assert restored.headers.get("X-Key") == scrubbed.headers.get("X-Key")
    assert restored.body == scrubbed.body.replace(b"<SHOP_KEY>", HELD.encode())


def test_plain_data_is_restored_in_all_its_texts() -> None:
    stored = {"<K>": ["a <SHOP_KEY>", 1, None, {"b": "c"}]}

    assert RESTORER.data(stored) == {"another-1": [f"a {HELD}", 1, None, {"b": "c"}]}


def test_printing_one_shows_no_value() -> None:
    assert repr(RESTORER) == "<Restorer: 3>"


def request(password: str, session: str = "none", *fields: tuple[str, str]) -> Request:
    headers = Headers.of([("Authorization", f"Bearer {password}"), ("Cookie", f"a={session}; b=2"), *fields])
    body = json.dumps({"password": password}).encode()
    return Request("POST", f"https://api.test/?access_token={quote(password, safe='')}", headers, body)


def recorded(sent: Request) -> Request:
    return scrub(Cassette((Interaction(sent, Response(200)),)), Secrets()).cassette.interactions[0].request


def test_what_was_sent_is_told_by_where_it_stands() -> None:
    stored = recorded(request("q7Zt0PxV-4mLr", "9KbW2sYd"))

    assert holds_places(stored)
    assert sent_in_place(stored, request("other%20/ word", "en")) == {
        "secret:access_token:1": "other%20/ word",
        "secret:cookie:1": "en",
        "secret:cookie:2": "2",
    }


@pytest.mark.parametrize("letters", [base64.b64encode(b"bob:hunter-3"), b"%", b"bob"])
def test_basic_credentials_are_told_apart(letters: bytes) -> None:
    def basic(text: bytes) -> Request:
        return Request("GET", "https://api.test/", Headers.of([("Authorization", f"Basic {text.decode()}")]))

    stored = recorded(basic(base64.b64encode(b"ann:hunter-2")))
    expected = {"secret:username:1": "bob", "secret:password:1": "hunter-3"} if b"Ym9i" in letters else {}

    assert sent_in_place(stored, basic(letters)) == expected


def test_what_an_answer_handed_out_is_none_that_was_sent() -> None:
    stored = recorded(request("q7Zt0PxV-4mLr"))

    assert "secret:access_token:1" not in sent_in_place(stored, stored)
    assert sent_in_place(stored, Request("GET", "https://api.test/other")) == {}


def test_a_blank_in_a_form_is_one() -> None:
    stored, sent = (
        Request("POST", "https://api.test/", Headers.of([("Content-Type", "application/x-www-form-urlencoded")]), body)
        for body in (b"password=a+long+phrase&n=1", b"password=another+%2B+one&n=1")
    )

    assert sent_in_place(recorded(stored), sent) == {"secret:password:1": "another + one"}


@pytest.mark.parametrize(
    ("kind", "stored", "sent", "expected"),
    [
        ("application/json", b'{"password": "hunter-22"}', rb'{"password": "a&\"b<\\c"}', 'a&"b<\\c'),
        ("application/json", b'{"password": "hunter-22"}', rb'{"password": "\q is none"}', r"\q is none"),
        ("application/xml", b"<password>hunter-22</password>", b"<password>a&amp;b&lt;c</password>", "a&b<c"),
    ],
)
def test_what_was_sent_is_read_as_its_place_has_it(kind: str, stored: bytes, sent: bytes, expected: str) -> None:
    one, other = (
        Request("POST", "https://api.test/", Headers.of([("Content-Type", kind)]), body) for body in (stored, sent)
    )

    assert sent_in_place(recorded(one), other) == {"secret:password:1": expected}


def test_the_boundary_of_a_multipart_body_may_be_another() -> None:
    stored, sent = (
        Request(
            "POST",
            "https://api.test/",
            Headers.of([("Content-Type", f"multipart/form-data; boundary={boundary}")]),
            f'--{boundary}\r\nContent-Disposition: form-data; name="password"\r\n\r\n{text}\r\n--{boundary}--'.encode(),
        )
        for boundary, text in (("b0b", "hunter-2"), ("c1c1c", "other-3"))
    )

    assert sent_in_place(recorded(stored), sent) == {"secret:password:1": "other-3"}


def test_a_request_without_placeholders_has_no_places() -> None:
    assert not holds_places(
        Request("GET", "https://api.test/<SHOP_KEY>", Headers.of([("X-A", "secret")]), b"secret: 1")
    )


def test_what_was_sent_is_put_back_in_answers() -> None:
    sent = Restorer({"secret:password:1": "ä/b&c", "secret:password:11": "other"})
    fields = [("Location", "/?a=%3Csecret%3Apassword%3A1%3E"), ("X-A", "<secret:password:11> <secret:password:2>")]

    restored = sent.response(Response(200, headers=Headers.of(fields), body=b"<secret:password:1>"))

    assert restored.headers.get("Location") == "/?a=%C3%A4%2Fb%26c"
    assert restored.headers.get("X-A") == "other <secret:password:2>"
    assert restored.body == "ä/b&c".encode()


@pytest.mark.parametrize(
    ("one", "may_be"),
    [
        (b'{"key": "nothing"}', False),
        (b'{"key": "<SHOP_KEY>"}', True),
        (base64.b64encode(b"ann:<SHOP_KEY>"), True),
        (gzip.compress(b"<SHOP_KEY>", mtime=0), True),
        ("<SHOP_KEY>".encode("utf-16-le"), True),
        (b"x" * 5_000_000, True),
    ],
    ids=["nothing", "plain", "base64", "packed", "wide", "long"],
)
def test_one_look_at_all_answers_says_whether_any_may_hold_something(one: bytes, *, may_be: bool) -> None:
    answers = [Response(200, "OK", Headers.of([("X-Number", str(number))]), b"{}") for number in range(3)]

    assert RESTORER.may_be_in([*answers, Response(200, body=one)]) is may_be
    assert RESTORER.may_be_in([*answers, Response(200, headers=Headers.of([("X-Key", "<SHOP_KEY>")]))])


def test_of_secrets_that_are_numbered_any_number_is_looked_for_at_once() -> None:
    many = Restorer({f"secret:token:{number}": f"mine-{number}" for number in range(2_000)})
    stored = Response(200, "OK", Headers.of([("X-Token", "<secret:token:7>")]), b'["<secret:token:1999>"]')

    restored = many.response(stored)

    assert (restored.headers.get("X-Token"), restored.body) == ("mine-7", b'["mine-1999"]')
    assert many.response(Response(200, body=b"[]")) == Response(200, body=b"[]")
