"""Credentials back in the places of their placeholders."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Restorer, Secrets, scrub

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
