from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.report.plain import one_line, plain, show, show_pair, visible

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@given(st.data())
def test_any_value_becomes_json(hostile_values: SearchStrategy[Any], data: st.DataObject) -> None:
    value = plain(data.draw(hostile_values))
    text = json.dumps(value, allow_nan=False)
    text.encode()
    assert json.loads(text) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_stays_what_it_is(value: Any) -> None:
    assert plain(value) == value


@given(JSON)
def test_plain_twice_is_plain_once(value: Any) -> None:
    assert plain(plain(value)) == plain(value)


def test_what_is_nested_without_end_is_cut() -> None:
    value: Any = "bottom"
    for _ in range(5000):
        value = [value]
    assert json.dumps(plain(value)).count("[") == 100
    assert "bottom" not in show(value, 10**6)


def test_a_foreign_object_is_its_words() -> None:
    assert plain(1 + 2j) == "(1+2j)"


@given(st.text(st.characters()))
def test_what_is_visible_is_printable(text: str) -> None:
    assert visible(text).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Straße 😀", "plain Straße 😀"),
        ("\x1b[31m\x07", r"\u001b[31m\u0007"),
        ("a\u202eb\u00a0\u200b", r"a\u202eb\u00a0\u200b"),
        ("\x7f\x9b", r"\u007f\u009b"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_does_not_print_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_prose_is_one_line() -> None:
    assert one_line("  a\n\tb \x1b c ") == r"a b \u001b c"
    assert one_line("word " * 9, 12) == "word word w…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Visa", '"Visa"'),
        (None, "null"),
        (True, "true"),
        ({"a": [1, 2.5]}, '{"a": [1, 2.5]}'),
        ("größer", '"größer"'),
        (b"\x89PNG", "4 bytes 89 50 4e 47"),
        ("x" * 99, f'"{"x" * 38}…'),
        ("a\nb", r'"a\nb"'),
    ],
)
def test_a_value_is_shown_in_one_short_line(value: Any, shown: str) -> None:
    assert show(value) == shown


def test_two_long_values_are_shown_where_they_differ() -> None:
    head = "We have sent you an e-mail to confirm your address. "
    stored, fresh = f"{head}It lives an hour. Ask again then.", f"{head}It lives a day. Ask again then."
    assert show_pair(stored, fresh) == ('… lives an hour. Ask again then."', '… lives a day. Ask again then."')
    assert show_pair("a" * 99, "b" * 99) == (f'"{"a" * 38}…', f'"{"b" * 38}…')
    assert show_pair("x", "y") == ('"x"', '"y"')


@given(st.text(), st.text(), st.text(), st.integers(20, 60))
def test_two_values_that_differ_look_different(head: str, stored: str, fresh: str, limit: int) -> None:
    old, new = show_pair(head * 5 + stored, head * 5 + fresh, limit)
    assert max(len(old), len(new)) <= limit
    assert (old == new) is (stored == fresh)
