"""A long text is looked through by its pieces, each once, and nothing is lost by that."""

from __future__ import annotations

import base64
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.secrets_corpus import FORMS, KINDS, made_up

from undrift.scrub import Secrets, leaks
from undrift.scrub.finder import Finder, distinct
from undrift.scrub.forms import Target
from undrift.scrub.replace import Search

LINE = (
    '    {"object": "customer", "description": "one, two and \\"three\\"", "url": "https://api.test/a?b=c%20d&e=f"},\n'
)
MUCH = (LINE * 40).encode()


def test_what_comes_again_is_kept_once() -> None:
    assert len(distinct(MUCH)) < len(MUCH) / 20
    assert set(distinct(MUCH).split(b"\0")) == set(MUCH.replace(b",", b"\n").split(b"\n"))


def test_a_short_text_is_left_as_it_is() -> None:
    assert distinct(LINE.encode()) == LINE.encode()


@pytest.mark.parametrize("fold", ["\n", "\r\n", "\n  ", "\r\n\t"])
@pytest.mark.parametrize("written", [str, lambda text: text.replace("/", "\\/"), lambda text: text.replace("+", "%2B")])
def test_a_text_is_left_whole_where_base64_may_go_on_in_its_next_line(fold: str, written: object) -> None:
    assert callable(written)
    encoded = base64.b64encode(bytes(range(100, 256))).decode()
    folded = fold.join(written(encoded[start : start + 64]) for start in range(0, len(encoded), 64))
    data = MUCH + f'{LINE}"{folded}"{LINE}'.encode()

    assert distinct(data) == data


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_is_found_among_much_else(kind: str) -> None:
    value = next(value for name, value in zip(KINDS, made_up(len(KINDS)).values(), strict=True) if name == kind)
    search = Secrets.named({"NAME": value}).search
    unseen = []
    for (name, form), around in itertools.product(FORMS.items(), ("{},", "\n{}\n", "\0      {}\r\n")):
        short = around.format(form(value)).encode()
        if search.suspects(short) and not search.suspects(MUCH + short + MUCH):
            unseen.append((name, around))
    assert unseen == []


def test_what_holds_a_comma_or_a_line_break_is_found_among_much_else() -> None:
    secrets = Secrets.named({"COMMA": "one,two,three-4", "LINES": "first-1\nsecond-2", "OTHER": "nothing-of-it"})

    found = leaks(MUCH + b"one,two,three-4" + MUCH + b"first-1\nsecond-2" + MUCH, secrets)

    assert [leak.name for leak in found] == ["COMMA", "LINES"]


def test_one_that_is_added_later_is_found_too() -> None:
    first, second = Secrets.named({"A": "aaaa-bbbb-cccc"}), Secrets.named({"B": "dddd,eeee,ffff"})

    assert [leak.name for leak in leaks(MUCH + b"dddd,eeee,ffff" + MUCH, first | second)] == ["B"]


VALUES = st.text(min_size=1, max_size=40) | st.text("aB3_-./ ", min_size=1, max_size=40)


@given(VALUES, st.sampled_from(["KEY", "secret:token:1"]))
def test_no_base64_text_of_a_secret_is_shorter_than_what_is_looked_for(value: str, name: str) -> None:
    target = Target(name, value, f"<{name}>")
    assert all(target.fewest_in_base64 <= len(needle) for needle in target.base64)


@given(VALUES.filter(lambda value: len(value) >= 6), st.binary(max_size=4), st.binary(max_size=4))
def test_a_secret_that_was_found_is_suspected_wherever_it_stands_in_base64(
    value: str, before: bytes, after: bytes
) -> None:
    target = Target("secret:token:1", value, "<secret:token:1>")
    finder = Finder([target])
    encoded = base64.b64encode(before + value.encode() + after)

    # One more, that is shorter, and another look before: what is known of all is made when it is needed.
    assert not Search((finder,), re.compile(rb"(?!)")).of(b"!").encoded
    finder.add(Target("secret:token:2", "Zz9", "<secret:token:2>"))
    suspects = Search((finder,), re.compile(rb"(?!)")).of(b"data: " + encoded + b" .")

    assert target in suspects.encoded
