from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.credentials import stand_in
from undrift.errors import CredentialError

PATTERNS = {
    "(sk|rk)_test_[A-Za-z0-9]{10,}": "sk_test_standinstandinst",
    "plain": "plain",
    "[0-9a-f]{4}": "aaad",
    "[0-9]{8}": "74185296",
    r"\d{3}-\w\s\S\D\W": None,
    "[^a-z]": None,
    r"[\W\d]{2}": None,
    r"[^\s]+": None,
    ".{3}": "sta",
    "[^s]": None,
    "(?:a|b)c?": None,
    "(?P<name>x)y": "xy",
    "(?>ab)c": "abc",
    "a{2,3}b*?c++": None,
    "x{0}y": "y",
    "^key$": "key",
    "(?=ab)ab": "ab",
    "(?i)Key": "Key",
    "": "",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_stand_in_fits_its_pattern_and_is_the_same_each_time(pattern: str) -> None:
    made = stand_in("SHOP_KEY", pattern)
    assert re.fullmatch(pattern, made)
    assert made == stand_in("SHOP_KEY", pattern)
    assert PATTERNS[pattern] in {None, made}


@pytest.mark.parametrize("pattern", [r"(a|b)\1", "(?!s)[a-z]+", r"[^\x00-\U0010ffff]", r"(?<=x)y"])
def test_where_none_can_be_made_a_sentence_names_the_credential(pattern: str) -> None:
    with pytest.raises(CredentialError) as caught:
        stand_in("SHOP_KEY", pattern)
    assert str(caught.value) == (
        f"No stand-in can be made for the credential SHOP_KEY: its pattern {pattern!r} is too involved. "
        "Write it with letters, character classes, groups and repeats alone."
    )


@pytest.mark.parametrize("pattern", ["sk_test_[a-z]{10}", "[0-9]{8,}", ".{8,}", "[01]{8}"])
def test_another_one_fits_too(pattern: str) -> None:
    first = stand_in("SHOP_KEY", pattern)
    second = stand_in("SHOP_OTHER", pattern, [first])
    assert second != first
    assert re.fullmatch(pattern, second)


def test_one_is_no_part_of_another() -> None:
    account = stand_in("TWILIO_ACCOUNT_SID", "AC[0-9a-f]{32}")
    token = stand_in("TWILIO_AUTH_TOKEN", "[0-9a-f]{32}", [account])
    assert token not in account
    # Where that cannot be, it is at least another one.
    assert stand_in("SHOP_KEY", "[ab]", ["abab"]) == "a"
    assert stand_in("SHOP_KEY", "[ab]", ["aba", "a"]) == "b"


def test_where_the_pattern_leaves_no_choice_it_is_what_there_is() -> None:
    assert stand_in("SHOP_OTHER", "plain", ["plain"]) == "plain"


@given(
    st.from_regex(r"(\[[a-z]{1,3}\]|\\d|[a-z]|\([a-z]\|[A-Z]\))(\{[0-4]\}|\+|\?)?", fullmatch=True),
    st.text("_-", max_size=2),
)
def test_simple_patterns_always_have_one(part: str, joint: str) -> None:
    pattern = f"{part}{joint}{part}"
    assert re.fullmatch(pattern, stand_in("KEY", pattern))
