from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.scrub.shapes import Token, may_hold_tokens, tokens

LETTERS = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ"
# Made up, in the form that each provider documents; in two pieces, so that nobody takes them for more.
TOKENS = {
    "Stripe key": ("sk_test_", LETTERS[:24]),
    "Stripe webhook secret": ("whsec_", LETTERS[:32]),
    "GitHub token": ("ghp_", LETTERS),
    "GitLab token": ("glpat-", LETTERS[:20]),
    "AWS access key": ("AKIA", "QK2WJ7MZP4XN5RTB"),
    "OpenAI key": ("sk-proj-", LETTERS + LETTERS),
    "Anthropic key": ("sk-ant-", "api03-" + LETTERS),
    "SendGrid key": ("SG.", LETTERS[:22] + "." + LETTERS + LETTERS[:7]),
    "Twilio key": ("SK", "9f86d081884c7d659a2feaa0c55ad015"),
    "Slack token": ("xoxb-", "1234567-7654321-" + LETTERS[:24]),
    "Slack webhook": ("hooks.slack.com", "/services/T01ABCDEF/B01GHIJKL/" + LETTERS[:24]),
    "Google API key": ("AIza", LETTERS[:35]),
    "Google access token": ("ya29.", LETTERS),
    "Google client secret": ("GOCSPX-", LETTERS[:28]),
    "npm token": ("npm_", LETTERS),
    "PyPI token": ("pypi-AgE", LETTERS + LETTERS),
    "Shopify token": ("shpat_", "9f86d081884c7d659a2feaa0c55ad015"),
    "Square token": ("sq0", "csp-" + LETTERS + LETTERS[:7]),
    "DigitalOcean token": ("dop_v1_", "9f86d081884c7d659a2feaa0c55ad015" * 2),
    "Hugging Face token": ("hf_", "qWeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYuI"),
    "Vault token": ("hvs.", LETTERS[:24]),
    "private key": ("-----BEGIN RSA ", "PRIVATE KEY-----\\n" + LETTERS * 3),
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_is_known_by_its_look_wherever_it_stands(kind: str) -> None:
    token = "".join(TOKENS[kind]).encode()
    for before, after in ((b"", b""), (b'{"a": "', b'"}'), (b"Bearer ", b"\n"), (b"?key=", b"&b=1")):
        data = before + token + after
        assert may_hold_tokens(data)
        (found,) = tokens(data)
        assert (found.kind, found.offset) == (kind, len(before))
        assert found.value in data


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "sk_test_" + "standinstandinst",
        "ghp_" + "x" * 36,
        "sk_test_" + "0123456789abcdefghij",
        "a" + "".join(TOKENS["AWS access key"]),
        "".join(TOKENS["AWS access key"]) + "A",
        "sk_test_short",
        "<STRIPE_TEST_KEY>",
        "pk_test_" + LETTERS,
    ],
)
def test_what_is_made_up_or_no_token_is_none(text: str) -> None:
    assert list(tokens(text.encode())) == []
    assert not may_hold_tokens(text.encode())


def test_what_somebody_said_is_no_secret_is_none() -> None:
    token = "".join(TOKENS["AWS access key"])
    assert list(tokens(token.encode(), not_secret=["AKIA[A-Z0-9]{16}"])) == []
    assert len(list(tokens(token.encode(), not_secret=["AKIA"]))) == 1, "an expression is for the whole of it"


def test_a_token_does_not_show() -> None:
    assert repr(Token("Stripe key", 3, b"sk_test_a")) == "<Token: Stripe key at 3>"


@given(st.binary(max_size=200), st.sampled_from(sorted(TOKENS)))
def test_whatever_stands_around_it_is_no_matter(around: bytes, kind: str) -> None:
    data = around + b" " + "".join(TOKENS[kind]).encode() + b" " + around
    assert kind in {found.kind for found in tokens(data)}
