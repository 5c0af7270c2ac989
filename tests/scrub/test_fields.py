"""Where the secret is in a sensitive header's value."""

from __future__ import annotations

import base64

import pytest

from undrift.scrub.fields import replace_secrets


def marked(header: str, value: str) -> str:
    """The value with [secrets] that stay in the header, and {secrets} that are followed elsewhere."""

    def mark(_label: str, secret: str, *, is_followed: bool) -> str:
        return f"{{{secret}}}" if is_followed else f"[{secret}]"

    return replace_secrets(header, value, mark)


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("Authorization", "Bearer tok_12345", "Bearer {tok_12345}"),
        ("authorization", "token abc-def-ghi", "token {abc-def-ghi}"),
        ("Authorization", "tok_12345", "{tok_12345}"),
        ("Authorization", "Bearer short", "Bearer [short]"),
        ("Authorization", "Bearer invalid", "Bearer [invalid]"),
        ("Authorization", "", ""),
        ("Authorization", "Bearer ", "Bearer "),
        ("X-Api-Key", "k-123456", "{k-123456}"),
        ("X-Api-Key", "WRONG", "[WRONG]"),
        ("Cookie", "sid=abc12345; lang=en;x", "sid={abc12345}; lang=[en];[x]"),
        ("Cookie", 'sid="abc12345"', 'sid="{abc12345}"'),
        ("Set-Cookie", "sid=abc12345; Path=/; HttpOnly", "sid={abc12345}; Path=/; HttpOnly"),
        ("Set-Cookie", "state=deleted; Max-Age=0", "state=[deleted]; Max-Age=0"),
        ("Set-Cookie", "sid=; Max-Age=0", "sid=; Max-Age=0"),
        (
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA1234/2026/eu/s3/aws4_request, SignedHeaders=host, Signature=0f0f0f0f",
            "AWS4-HMAC-SHA256 Credential={AKIA1234}/2026/eu/s3/aws4_request, SignedHeaders=host, Signature=[0f0f0f0f]",
        ),
        (
            "Authorization",
            'Digest username="ann12345", realm="r", nonce="n1", uri="/", response="abcdef123"',
            'Digest username="[ann12345]", realm="r", nonce="[n1]", uri="/", response="[abcdef123]"',
        ),
    ],
)
def test_the_secret_is_found_and_the_rest_stays(header: str, value: str, expected: str) -> None:
    assert marked(header, value) == expected


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("ann:pass-1234", "[ann]:{pass-1234}"),
        ("tok_1234567:", "{tok_1234567}:"),
        ("ghp_1234567:x-oauth-basic", "{ghp_1234567}:x-oauth-basic"),
        ("AC0123456789abcdef:tok-12345", "{AC0123456789abcdef}:{tok-12345}"),
        (":pass-1234", ":{pass-1234}"),
        ("tok_1234567", "{tok_1234567}"),
    ],
)
def test_basic_credentials_are_taken_apart(credentials: str, expected: str) -> None:
    header = "Basic " + base64.b64encode(credentials.encode()).decode()

    result = marked("Proxy-Authorization", header)

    assert base64.b64decode(result.removeprefix("Basic ")).decode() == expected


@pytest.mark.parametrize("token", ["not/base64!x1", base64.b64encode(b"\xff\xfe:\xfd\xfc12").decode()])
def test_basic_credentials_that_are_none_are_one_secret(token: str) -> None:
    assert marked("Authorization", f"Basic {token}") == f"Basic {{{token}}}"


def test_the_label_is_the_name_and_both_cookie_fields_share_one() -> None:
    labels: list[str] = []

    def note(label: str, secret: str, *, is_followed: bool) -> str:
        del is_followed
        labels.append(label)
        return secret

    for header, value in (("X-Api-Key", "k"), ("Set-Cookie", "a=b"), ("cookie", "a=b"), ("Authorization", "Bearer t")):
        replace_secrets(header, value, note)
    replace_secrets("Authorization", "Basic " + base64.b64encode(b"ann:pass-1234").decode(), note)

    assert labels == ["x-api-key", "cookie", "cookie", "authorization", "username", "password"]
