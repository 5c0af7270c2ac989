"""Bodies are looked into whatever they are packed in."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from undrift.model import Headers, Request
from undrift.scrub import Secrets, scrub_request
from undrift.scrub.opening import broken_off, opened

KEY = "sk_test_51HxyZ0abcDEF"
SECRETS = Secrets.named({"KEY": KEY})
TEXT = f'{{"key": "{KEY}", "password": "hunter-22"}}'
CLEAN = '{"key": "<KEY>", "password": "<secret:password:1>"}'


def request(body: bytes, media: str = "application/octet-stream") -> Request:
    return Request("POST", "https://api.test", Headers.of([("Content-Type", media)]), body)


def test_packed_content_is_unpacked_and_packed_again() -> None:
    assert gzip.decompress(scrub_request(request(gzip.compress(TEXT.encode())), SECRETS).body) == CLEAN.encode()
    packed = zstandard.ZstdCompressor().compress(TEXT.encode())
    assert zstandard.ZstdDecompressor().decompress(scrub_request(request(packed), SECRETS).body) == CLEAN.encode()


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_letters_are_read(codec: str) -> None:
    clean = scrub_request(request(TEXT.encode(codec), f"application/json; charset={codec}"), SECRETS)

    assert clean.body.decode(codec) == CLEAN


def test_a_byte_order_mark_tells_wide_letters() -> None:
    assert scrub_request(request(TEXT.encode("utf-16")), SECRETS).body.decode("utf-16") == CLEAN


def test_packed_content_without_a_secret_stays_byte_for_byte() -> None:
    packed = gzip.compress(b"nothing", mtime=12345)

    assert scrub_request(request(packed), SECRETS).body == packed


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"a" * 1000, mtime=0)[:40], b"\x1f\x8b\x08garbage", b"\x28\xb5\x2f\xfdgarbage", b"\xff\xfeab"],
)
def test_what_cannot_be_opened_is_taken_for_the_bytes_that_it_is(body: bytes) -> None:
    message = request(body + KEY.encode(), "text/plain; charset=utf-16")

    assert opened(message).content == message.body
    assert KEY.encode() not in scrub_request(message, SECRETS).body


def test_what_says_that_it_is_wide_and_is_not_is_looked_into_as_it_is() -> None:
    body = KEY.encode() + b"!"

    assert scrub_request(request(body, "text/plain; charset=utf-16"), SECRETS).body == b"<KEY>!"


def test_an_unknown_charset_is_none() -> None:
    assert opened(request(b"text", "text/plain; charset=utf-16-of-old")).content == b"text"


def test_the_beginning_of_packed_content_can_be_read() -> None:
    content = bytes(range(256)) * 40
    assert content.startswith(broken_off(gzip.compress(content)[:200]))
    assert broken_off(gzip.compress(content)[:200])
    assert broken_off(b"\x1f\x8b\x08garbage and more") == b""
    assert broken_off(zlib.compress(content)) == b""
