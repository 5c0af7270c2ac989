"""The last look: a secret that is left refuses the write, and is named by its place."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from undrift.errors import LeakError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets
from undrift.store.last_look import refuse_leaks

PATH = Path("cassettes/x.yaml")
KEY = "sk_test_51HxyZ0abcDEF"
SECRETS = Secrets.named({"STRIPE_TEST_KEY": KEY})
JSON = Headers.of([("Content-Type", "application/json")])
FORM = Headers.of([("Content-Type", "application/x-www-form-urlencoded")])
GET = Request("GET", "https://api.test/")


def place(cassette: Cassette, content: bytes = b"") -> str:
    """The place that the refusal names."""
    with pytest.raises(LeakError) as caught:
        refuse_leaks(PATH, cassette, content, SECRETS)
    message = str(caught.value)
    assert KEY not in message
    start = f"{PATH}: The cassette was not written, because the secret STRIPE_TEST_KEY is left in "
    assert message.startswith(start)
    assert message.endswith("Scrub the cassette with this secret too, and record again.")
    return message.removeprefix(start).partition(" Scrub")[0]


def one(request: Request = GET, response: Response | None = None) -> Cassette:
    quiet = Interaction(GET, Response(200))
    return Cassette((quiet, Interaction(request, response or Response(200))))


@pytest.mark.parametrize(
    ("cassette", "expected"),
    [
        (one(Request(KEY, "/")), "interaction 1, request, method (form: plain)."),
        (one(Request("GET", f"https://h/{KEY}")), "interaction 1, request, URL (form: plain)."),
        (one(Request("GET", "/", Headers.of([("X-A", KEY)]))), "interaction 1, request, header X-A (form: plain)."),
        (
            one(Request("POST", "/", JSON, f'{{"a/b": [1, {{"k": "is {KEY}"}}]}}'.encode())),
            "interaction 1, request, body at /a~1b/1/k (form: plain).",
        ),
        (
            one(Request("POST", "/", FORM, f"a=b&key={KEY}".encode())),
            "interaction 1, request, body at /1/1 (form: plain).",
        ),
        (one(response=Response(200, KEY)), "interaction 1, response, reason (form: plain)."),
        (
            one(response=Response(200, body=base64.b64encode(f"u:{KEY}".encode()))),
            "interaction 1, response, body (form: base64).",
        ),
        (Cassette(failures=(Failure(0, GET, "timeout", KEY.encode().hex()),)), "failure 0, message (form: hex)."),
        (Cassette(failures=(Failure(0, Request("GET", KEY), "reset"),)), "failure 0, request, URL (form: plain)."),
        (
            Cassette(failures=(Failure(0, GET, "reset", response=Response(200, KEY)),)),
            "failure 0, response, reason (form: plain).",
        ),
        (
            Cassette(failures=(Failure(0, GET, "reset", response=Response(200, body=KEY.encode())),)),
            "failure 0, response, body (form: plain).",
        ),
        (Cassette(recorded_values=(("token", [1, KEY]),)), "the recorded value token/1 (form: plain)."),
        (Cassette(metadata={"a": KEY.encode()}), "the metadata/a (form: plain)."),
        (Cassette(test=KEY), "the test's name (form: plain)."),
    ],
)
def test_a_leak_is_named_by_its_place(cassette: Cassette, expected: str) -> None:
    assert place(cassette) == expected


def test_the_bytes_of_the_file_have_the_last_word() -> None:
    assert place(Cassette(), f"a: b\nc: {KEY}\n".encode()) == "line 2 (form: plain)."
    folded = base64.encodebytes(b"x" * 50 + KEY.encode() + b"y" * 50)
    assert place(Cassette(), b"a: !!binary |\n  " + folded.replace(b"\n", b"\n  ")).endswith("(form: base64).")


def test_a_secret_in_the_name_of_the_file_is_one_that_a_credential_names() -> None:
    with pytest.raises(LeakError) as caught:
        refuse_leaks(Path(f"cassettes/test_key[{KEY}].yaml"), one(), b"", SECRETS)

    assert str(caught.value) == (
        "cassettes/test_key[<STRIPE_TEST_KEY>].yaml: The cassette was not written, because the secret STRIPE_TEST_KEY "
        "is left in the name of its file. Give the cassette another name, and record again."
    )
    # What a test sends as a password may well be its parameter.
    refuse_leaks(
        Path("test_login[hunter-22].yaml"), one(), b"", SECRETS | Secrets((("secret:password:1", "hunter-22"),))
    )


def test_without_a_leak_nothing_happens() -> None:
    refuse_leaks(PATH, one(), b"nothing", SECRETS)
    refuse_leaks(PATH, Cassette(metadata={"a": ["b", 1]}, recorded_values=(("c", None),)), b"", SECRETS)
    refuse_leaks(PATH, one(Request("GET", KEY)), KEY.encode(), Secrets())


# Made up; in two pieces, so that nobody takes it for more.
TOKEN = "ghp_" + "k9Xw2mQ7vB4nT1zLcR8sYd3fGh6jPa5eU0iO"


def test_what_looks_like_a_token_refuses_the_write_without_any_known_secret() -> None:
    said = one(response=Response(200, "", JSON, f'{{"notes": ["use {TOKEN}"]}}'.encode()))
    with pytest.raises(LeakError) as caught:
        refuse_leaks(PATH, said, TOKEN.encode(), Secrets())
    assert str(caught.value) == (
        f"{PATH}: The cassette was not written, because what looks like a GitHub token is in interaction 1, response, "
        f"body at /notes/0. Name its field under redact of its service, or declare it as a credential, and record "
        f"again. If it is none, add an expression that matches it to not_secret in [tool.undrift]."
    )
    refuse_leaks(PATH, said, TOKEN.encode(), Secrets(), ["ghp_[A-Za-z0-9]+"])


def test_a_token_in_a_body_that_is_no_text_is_seen() -> None:
    packed = one(Request("POST", "/", body=b"\x00\xff " + b"AKIA" + b"QK2WJ7MZP4XN5RTB" + b" \x00"))
    with pytest.raises(LeakError, match=r"what looks like an AWS access key is in interaction 1, request, body\."):
        refuse_leaks(PATH, packed, base64.b64encode(b"what the file holds"), Secrets())
    # The start of a token alone is none.
    refuse_leaks(PATH, one(Request("POST", "/", body=b"AKIA")), b"AKIA", Secrets())
