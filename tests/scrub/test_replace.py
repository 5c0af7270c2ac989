"""Replacing and finding secrets in bytes and texts."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.scrub import Leak, Secrets, leaks, scrub_text
from undrift.scrub.replace import Place, replace_in_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk_test_51HxyZ0abcDEF"
SECRETS = Secrets.named({"STRIPE_TEST_KEY": KEY, "PASSWORD": "p@ss w/ö?+"})


def replaced(data: bytes, place: Place = Place.PLAIN, secrets: Secrets = SECRETS) -> bytes:
    return replace_in_bytes(data, secrets.search, place).data


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place.PLAIN, b"key=<STRIPE_TEST_KEY>;"),
        (Place.URL, b"key=%3CSTRIPE_TEST_KEY%3E;"),
        (Place.XML, b"key=&lt;STRIPE_TEST_KEY&gt;;"),
    ],
)
def test_a_placeholder_is_escaped_for_its_place(place: Place, expected: bytes) -> None:
    assert replaced(b"key=" + KEY.encode() + b";", place) == expected


def test_a_value_in_an_escape_gives_a_placeholder_in_that_escape() -> None:
    assert replaced(quote_plus("p@ss w/ö?+").encode()) == b"%3CPASSWORD%3E"
    secrets = Secrets.named({"K": "a&b<c>d"})
    assert replaced(b"a&amp;b&lt;c&gt;d", secrets=secrets) == b"&lt;K&gt;"


def test_hexadecimal_digits_stay_such_in_their_case() -> None:
    digits = KEY.encode().hex()

    assert bytes.fromhex(replaced(digits.encode()).decode()) == b"<STRIPE_TEST_KEY>"
    assert replaced(digits.upper().encode()) == b"<STRIPE_TEST_KEY>".hex().upper().encode()


@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:"])
@pytest.mark.parametrize("after", [b"", b":", b":password"])
def test_base64_stays_base64_at_every_alignment(before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + KEY.encode() + after)

    assert base64.b64decode(replaced(encoded)) == before + b"<STRIPE_TEST_KEY>" + after


def test_base64_for_urls_keeps_its_alphabet_and_its_lack_of_padding() -> None:
    content = b"\xff\xfe\xfd" + KEY.encode() + b"\xfb\xff!"
    encoded = base64.urlsafe_b64encode(content).rstrip(b"=")

    result = replaced(b"header." + encoded + b".signature")

    assert b"=" not in result
    middle = result.split(b".")[1]
    padded = middle + b"=" * (-len(middle) % 4)
    assert base64.urlsafe_b64decode(padded) == content.replace(KEY.encode(), b"<STRIPE_TEST_KEY>")


def test_base64_escaped_for_a_url_stays_escaped() -> None:
    content = b"\xfb\xff\xbf" + KEY.encode() + b"!"
    encoded = quote(base64.b64encode(content), safe="")
    assert "%2" in encoded

    result = replaced(b"a=" + encoded.encode() + b"&b=c", Place.URL)

    value = result.removeprefix(b"a=").removesuffix(b"&b=c").decode()
    assert not set(value) & set("+/=")
    assert KEY.encode() not in base64.b64decode(value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))


def test_a_slash_in_a_url_ends_base64() -> None:
    encoded = base64.b64encode(b"." + KEY.encode() + b"..").decode()

    result = replaced(f"https://h.test/v1/{encoded}/items/abc".encode(), Place.URL).decode()

    assert result.startswith("https://h.test/v1/")
    assert result.endswith("/items/abc")
    assert KEY not in str(base64.b64decode(result.split("/")[4].replace("%3D", "=")))


def test_a_slash_escaped_in_json_stays_so() -> None:
    content = b"\xff\xff\xff" + KEY.encode()
    encoded = base64.b64encode(content).replace(b"/", b"\\/")

    result = json.loads(replaced(b'{"a": "' + encoded + b'"}'))

    assert base64.b64decode(result["a"]) == content.replace(KEY.encode(), b"<STRIPE_TEST_KEY>")
    assert b"\\/" in replaced(encoded)


@pytest.mark.parametrize("fold", [b"\n", b"\r\n", b"\n    "])
def test_base64_folded_over_lines_is_found_and_stays_folded(fold: bytes) -> None:
    content = b"x" * 50 + KEY.encode() + b"y" * 100
    encoded = base64.b64encode(content)
    folded = fold.join(encoded[start : start + 76] for start in range(0, len(encoded), 76))

    result = replaced(b"Content:\n\n" + folded)

    body = result.partition(b"\n\n")[2]
    assert {len(line) for line in body.split(fold)[:-1]} == {76}
    assert base64.b64decode(body) == content.replace(KEY.encode(), b"<STRIPE_TEST_KEY>")


def test_base64_within_base64_is_looked_into() -> None:
    encoded = base64.b64encode(b"{" + base64.b64encode(b"user:" + KEY.encode()) + b"}")

    # Its own needles are not those of the outer text, so only what is known of the inner one counts.
    twice = Secrets.named({"INNER": base64.b64encode(b"user:" + KEY.encode()).decode()}) | SECRETS

    assert leaks(encoded, twice)
    assert not leaks(replaced(encoded, secrets=twice), twice)


@pytest.mark.parametrize("secret", ["sk_test_i0VpEBOWfbZAVaBSo63bbH6x", KEY, "яλюπяя字éπщOB9S"])
@pytest.mark.parametrize("before", range(1, 65, 3))
def test_base64_that_is_folded_within_base64_is_found_wherever_its_lines_break(secret: str, before: int) -> None:
    secrets = Secrets.named({"NAME": secret})
    inner = base64.b64encode(b"?" * before + secret.encode() + b"!" * 40).decode()
    folded = "\r\n".join(inner[start : start + 64] for start in range(0, len(inner), 64))
    encoded = base64.b64encode(json.dumps({"note": folded}).encode())

    assert leaks(encoded, secrets)
    assert not leaks(replaced(encoded, secrets=secrets), secrets)


@pytest.mark.parametrize("before", range(24, 66, 3))
def test_base64_whose_last_line_a_word_follows_is_found(before: int) -> None:
    secrets = Secrets.named({"NAME": "яλюπяя字éπщOB9S"})
    inner = base64.b64encode(b"?" * before + "яλюπяя字éπщOB9S".encode() + b"!" * 42).decode()
    folded = "\r\n".join(inner[start : start + 64] for start in range(0, len(inner), 64)).rstrip("=")
    text = f"It is {folded} today.".encode()

    assert leaks(text, secrets)
    assert not leaks(replaced(text, secrets=secrets), secrets)


@pytest.mark.parametrize("slashes", ["\\", "\\\\", "\\\\\\\\"])
def test_letters_beyond_ascii_are_found_in_base64_of_json(slashes: str) -> None:
    value = "я😀漢ж字字ящ字énuu7"
    codes = [value.encode("utf-16-be").hex()[at : at + 4] for at in range(0, 4 * len(value) + 4, 4)]
    text = "".join(f"{slashes}u{code}" for code in codes)
    secrets = Secrets.named({"NAME": value})

    assert leaks(base64.b64encode(f'{{"note": "{text}"}}'.encode()), secrets)
    assert not leaks(replaced(base64.b64encode(f'{{"note": "{text}"}}'.encode()), secrets=secrets), secrets)


def test_base64_of_almost_a_secret_is_not_touched() -> None:
    # All letters but the first ones are those of the secret's base64.
    almost = b"AA" + base64.b64encode(b"u" + KEY.encode())[2:]

    assert replaced(almost) == almost
    assert leaks(almost, SECRETS) == ()


def test_what_is_no_secret_is_not_touched() -> None:
    for text in (b"", b"nothing here", b"STRIPE_TEST_KEY", bytes(range(256)), b"sk_test_51HxyZ0abcDE"):
        result = replace_in_bytes(text, SECRETS.search)
        assert (result.data, result.names) == (text, ())


def test_without_secrets_nothing_is_touched() -> None:
    assert scrub_text(f"Bearer {KEY}", Secrets()) == f"Bearer {KEY}"
    assert leaks(KEY.encode(), Secrets()) == ()


def test_the_longer_of_two_secrets_wins() -> None:
    secrets = Secrets.named({"SHORT": "abc123", "LONG": "abc123def456"})

    assert scrub_text("abc123def456 abc123", secrets) == "<LONG> <SHORT>"


def test_a_placeholder_is_never_replaced() -> None:
    secrets = Secrets.named({"API_KEY": "KEY", "TEST": "secret"})

    once = scrub_text("KEY secret", secrets)

    assert once == "<API_KEY> <TEST>"
    assert scrub_text(once, secrets) == once
    for spelled in ("<secret:cookie:1>", "%3Csecret%3Acookie%3A1%3E", "&lt;secret:cookie:1&gt;"):
        assert scrub_text(spelled, secrets) == spelled
    assert leaks(once.encode(), secrets) == ()


def test_a_leak_has_a_name_a_form_and_a_place_but_no_value() -> None:
    encoded = base64.b64encode(KEY.encode())
    data = b"ab " + KEY.encode() + b" " + encoded

    found = leaks(data, SECRETS)

    assert found == (Leak("STRIPE_TEST_KEY", "plain", 3), Leak("STRIPE_TEST_KEY", "base64", 4 + len(KEY)))
    assert KEY not in repr(found)


def test_text_outside_of_ascii_is_scrubbed() -> None:
    assert scrub_text("é😀 p@ss w/ö?+ \ud800", SECRETS) == "é😀 <PASSWORD> \ud800"


def test_a_short_value_is_not_looked_for_in_hexadecimal_digits() -> None:
    secrets = Secrets.named({"PIN": "abc"})

    assert replaced(b"616263 YWJj", secrets=secrets) == b"616263 YWJj"
    assert replaced(b"abc", secrets=secrets) == b"<PIN>"


TOKENS = st.text("abcXYZ019_-./+=&% öß€\"'\\", min_size=6, max_size=24).filter(lambda text: text.strip() != "")
SPELLINGS = st.sampled_from(
    [
        lambda text: text.encode(),
        lambda text: quote(text, safe="").encode(),
        lambda text: quote_plus(text).encode(),
        lambda text: json.dumps(text)[1:-1].encode(),
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"a" + text.encode() + b"bc"),
        lambda text: base64.urlsafe_b64encode(b"ab:" + text.encode()),
        lambda text: base64.b64encode(b"ab" + quote(text, safe="").encode()),
        lambda text: quote(base64.b64encode(b"xy" + text.encode() + b"z"), safe="").encode(),
    ]
)


@given(
    secret=TOKENS,
    spell=SPELLINGS,
    place=st.sampled_from(Place),
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
)
def test_no_form_survives_and_twice_is_once(
    secret: str,
    spell: object,
    place: Place,
    before: bytes,
    after: bytes,
) -> None:
    assert callable(spell)
    secrets = Secrets.named({"NAME": secret})
    spelled = spell(secret)

    once = replaced(before + b" " + spelled + b" " + after, place, secrets)

    assert spelled not in once
    assert leaks(once, secrets) == ()
    assert replaced(once, place, secrets) == once


@given(st.binary(max_size=60), TOKENS)
def test_what_is_found_is_what_is_replaced(data: bytes, secret: str) -> None:
    secrets = Secrets.named({"NAME": secret})

    assert (replaced(data, secrets=secrets) != data) == bool(leaks(data, secrets))


@pytest.mark.parametrize("wide", ["utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_a_letter_is_read_though_nothing_says_that_it_is(wide: str) -> None:
    data = b"\1" + f"Connect {KEY} now".encode(wide) + b"\2"
    encoded = base64.b64encode(f"Connect {KEY} now".encode(wide))

    # Beside other letters of ASCII it reads as either of the two, and the one is replaced by what is the other.
    assert [leak.form[:6] for leak in leaks(data, SECRETS)] == ["utf-16"]
    assert replaced(data)[1:-1].decode(wide) == "Connect <STRIPE_TEST_KEY> now"
    assert [(leak.name, leak.form) for leak in leaks(encoded, SECRETS)] == [("STRIPE_TEST_KEY", "base64")]
    assert base64.b64decode(replaced(encoded)).decode(wide) == "Connect <STRIPE_TEST_KEY> now"


PACKED = gzip.compress(f'{{"key": "{KEY}"}}'.encode(), mtime=0)


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (b"--b\r\n\r\n" + PACKED + b"\r\n--b--", lambda data: gzip.decompress(data[7:-7])),
        (gzip.compress(PACKED), lambda data: gzip.decompress(gzip.decompress(data))),
        (b'{"data": "' + base64.b64encode(PACKED) + b'"}', lambda data: unpacked(json.loads(data)["data"])),
        (
            json.dumps({"data": "x/" + base64.b64encode(PACKED).decode().rstrip("=")}).replace("/", "\\/").encode(),
            lambda data: unpacked(slashed(data)),
        ),
    ],
    ids=["a part", "twice", "base64", "base64, unpadded and escaped, behind something"],
)
def test_what_is_packed_within_other_bytes_is_looked_into(data: bytes, held: Callable[[bytes], bytes]) -> None:
    assert {leak.name for leak in leaks(data, SECRETS)} == {"STRIPE_TEST_KEY"}

    clean = replaced(data)

    assert held(clean) == b'{"key": "<STRIPE_TEST_KEY>"}'
    assert leaks(clean, SECRETS) == ()
    assert replaced(clean) == clean


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08 is no pack", PACKED[:-9], b"H4sIAAAA", PACKED + b"\x1f\x8b\x08"])
def test_what_only_looks_packed_stays(data: bytes) -> None:
    secrets = Secrets.named({"OTHER": "another-value"})

    assert replaced(data, secrets=secrets) == data
    assert leaks(data, secrets) == ()


def unpacked(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text + "=" * (-len(text) % 4)))


def slashed(data: bytes) -> str:
    return str(json.loads(data)["data"]).removeprefix("x/")
