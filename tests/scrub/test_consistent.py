"""What a message says of its body stays true when secrets in it were replaced."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib

import pytest

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.scrub.consistent import consistent

KEY = "sk_test_51HxyZ0abcDEF"
BEFORE = b'{"key": "' + KEY.encode() + b'"}'
AFTER = b'{"key": "<KEY>"}'


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def changed(name: str, value: str, encoding: str = "", after: bytes = AFTER) -> str:
    return consistent(Headers.of([(name, value)]), BEFORE, after, encoding).fields[0][1]


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Content-Length", str(len(BEFORE)), str(len(AFTER))),
        ("Content-MD5", b64(hashlib.md5(BEFORE).digest()), b64(hashlib.md5(AFTER).digest())),  # noqa: S324 - RFC 1864
        ("X-Amz-Content-Sha256", sha(BEFORE).hex(), sha(AFTER).hex()),
        ("x-amz-checksum-sha256", b64(sha(BEFORE)), b64(sha(AFTER))),
        ("x-amz-checksum-crc32", b64(zlib.crc32(BEFORE).to_bytes(4, "big")), b64(zlib.crc32(AFTER).to_bytes(4, "big"))),
        ("Content-Digest", f"sha-256=:{b64(sha(BEFORE))}:", f"sha-256=:{b64(sha(AFTER))}:"),
        ("Digest", f"SHA-256={b64(sha(BEFORE))}", f"SHA-256={b64(sha(AFTER))}"),
        ("ETag", f'"{hashlib.md5(BEFORE).hexdigest()}"', f'"{hashlib.md5(AFTER).hexdigest()}"'),  # noqa: S324 - as S3
    ],
)
def test_what_was_right_is_right_again(name: str, before: str, after: str) -> None:
    assert changed(name, before) == after


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Length", "7"),
        ("Content-MD5", b64(b"0123456789abcdef")),
        ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
        ("Content-Digest", "id-sha-512=:YWJj:"),
        ("x-amz-checksum-crc99", "YWJj"),
        ("ETag", '"0f0f"'),
        ("X-Note", "sha-256=YWJj"),
    ],
)
def test_what_was_wrong_or_is_unknown_stays(name: str, value: str) -> None:
    assert changed(name, value) == value


# The check values of RFC 3720 and of the catalogue of parametrised CRC algorithms.
@pytest.mark.parametrize(
    ("name", "check"), [("x-amz-checksum-crc32c", 0xE3069283), ("x-amz-checksum-crc64nvme", 0xAE8B14860A799888)]
)
def test_cyclic_checks_are_those_of_the_catalogue(name: str, check: int) -> None:
    size = 4 if check < 2**32 else 8
    headers = Headers.of([(name, b64(check.to_bytes(size, "big")))])

    assert consistent(headers, b"123456789", b"other", "") != headers
    assert consistent(headers, b"123456780", b"other", "") == headers


def test_nothing_changes_with_a_body_that_stayed() -> None:
    headers = Headers.of([("Content-Length", str(len(BEFORE)))])

    assert consistent(headers, BEFORE, BEFORE, "") is headers


def test_the_length_of_an_encoded_body_is_that_of_what_travels() -> None:
    packed = gzip.compress(BEFORE, mtime=0)

    assert changed("Content-Length", str(len(packed)), "gzip") == str(len(gzip.compress(AFTER, mtime=0)))


def test_a_scrubbed_message_agrees_with_its_headers() -> None:
    fields = [("Content-Length", str(len(BEFORE))), ("Content-Digest", f"sha-256=:{b64(sha(BEFORE))}:")]
    exchange = Interaction(
        Request("POST", "https://api.test", Headers.of(fields), BEFORE), Response(200, "", Headers.of(fields), BEFORE)
    )

    clean = scrub(Cassette((exchange,)), Secrets.named({"KEY": KEY})).cassette.interactions[0]

    for message in (clean.request, clean.response):
        assert message.body == AFTER
        assert message.headers.get("Content-Length") == str(len(AFTER))
        assert message.headers.get("Content-Digest") == f"sha-256=:{b64(sha(AFTER))}:"
