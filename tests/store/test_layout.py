"""JSON in a readable layout, and exactly back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.store.layout import reflow, restore

VALUE = {"a": [1, 2.50, {"b": {}, "c": []}, [], [[1]]], "x\\": 'y": z,\n', "e": None}


def marked(text: str) -> str:
    """The mark of a text that reads back exactly."""
    reflowed = reflow(text)
    assert reflowed is not None
    assert json.loads(reflowed.text, parse_int=str) == json.loads(text, parse_int=str)
    assert restore(reflowed.text, reflowed.mark) == text
    return reflowed.mark


@pytest.mark.parametrize(
    ("options", "mark"),
    [
        ({}, "python"),
        ({"separators": (",", ":")}, "compact"),
        ({"separators": (",", ": ")}, 'python object.next="" array.next=""'),
        ({"indent": 4}, "indent:4"),
        ({"indent": 0}, "indent:0"),
        ({"indent": "\t"}, "indent:tab"),
        ({"indent": 3, "separators": (",", " : ")}, 'indent:3 colon=" "'),
    ],
)
def test_what_servers_write_has_a_short_mark(options: dict[str, Any], mark: str) -> None:
    text = json.dumps(VALUE, **options)

    assert marked(text) == mark
    assert marked(text + "\n") == f'{mark} end="\\n"'
    assert marked(" " + text).startswith(mark.split(maxsplit=1)[0])


def test_the_readable_layout_is_that_of_two_spaces() -> None:
    reflowed = reflow('{"a":[1,{"b":[]}],"c":"d"}')

    assert reflowed is not None
    assert reflowed.text == '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "c": "d"\n}'


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (
            '{\n  "object": "list",\n  "data": [\n\n  ],\n  "m": {\n  }\n}',
            'indent:2 object.empty="\\n" array.empty="\\n\\n"',
        ),
        ('{"a":1 , "b":2}', 'python object.comma=" " value=""'),
        ('{\r\n    "a": 1\r\n}\r\n', 'indent:4 end="\\r\\n" newline="\\r\\n"'),
        ("[1, 2,  3]".replace("  ", " "), "python"),
        ("\r\n[\n1\n]", 'indent:0 start="\\r\\n"'),
        ('[ 1,2,{ "a":1 } ]', 'compact object.open=" " object.close=" " array.open=" " array.close=" "'),
    ],
)
def test_other_layouts_are_marked_by_what_differs(text: str, mark: str) -> None:
    assert marked(text) == mark


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1.0, "a": 1e5, "b": -0.0, "n": 123456789012345678901234567890}',
        '{"u":"\\ud800 \\u0041 \\/ \\"","v":"\\\\"}',
        "[" + "9" * 5000 + "]",
        "[NaN,Infinity,-Infinity,true,null]",
        '["é","😀","{\\"a\\": [1, 2]}",": ",", "]',
    ],
)
def test_tokens_stay_as_they_are(text: str) -> None:
    marked(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "42",
        '"text"',
        "{}",
        "[]",
        '{\n  "a": 1\n}',
        '{"a": 1',
        '{"a": 1}}',
        "{'a': 1}",
        '{"a" 1}',
        "[1,2, 3]",
        '{"a": 1}\n{"a": 2}',
        "[1]\n  \f",
        "\ufeff{}",
        "[" * 65 + "]" * 65,
        "[" * 100_000 + "]" * 100_000,
        "[\n \t1,\n \t2\n]",
        "[\n" + " " * 40 + "1\n]",
        "<html>",
    ],
)
def test_the_rest_is_left_alone(text: str) -> None:
    assert reflow(text) is None


@pytest.mark.parametrize(
    "mark",
    ["", "loose", "indent:", "indent:x", "indent:200", 'compact end="', "compact end", 'compact fish=" "', "compact  "],
)
def test_an_unknown_mark_is_an_error(mark: str) -> None:
    with pytest.raises(ValueError, match=r"The layout .* is unknown"):
        restore("{}", mark)


def test_a_marked_text_that_is_no_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="The body is not JSON"):
        restore('{"a": "b', "indent:3")


def test_a_text_edited_by_hand_keeps_its_mark() -> None:
    assert restore('{"a":   [1,\n2]}', 'indent:3 end="\\n"') == '{\n   "a": [\n      1,\n      2\n   ]\n}\n'


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
SPACES = st.text(" \t\r\n", max_size=4)


OPTIONS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 2, 4, "\t"]),
        "separators": st.tuples(st.sampled_from([",", ", ", " ,"]), st.sampled_from([":", ": ", " : "])),
        "ensure_ascii": st.booleans(),
    }
)


@given(st.dictionaries(st.text(max_size=5), VALUES, min_size=1) | st.lists(VALUES, min_size=1), OPTIONS, SPACES, SPACES)
def test_every_regular_layout_has_a_way_back(value: Any, options: dict[str, Any], start: str, end: str) -> None:
    text = start + json.dumps(value, **options) + end
    reflowed = reflow(text)

    if reflowed is None:
        assert text == json.dumps(value, indent=2, ensure_ascii=options["ensure_ascii"])
    else:
        assert restore(reflowed.text, reflowed.mark) == text


@given(
    st.lists(st.sampled_from([*'{}[],:"', "1", '"a"', " ", "\n", "\t", "\r\n", "x", "\\"]), max_size=14).map("".join)
)
def test_anything_reflowed_reads_back(text: str) -> None:
    reflowed = reflow(text)

    assert reflowed is None or restore(reflowed.text, reflowed.mark) == text


@given(VALUES.map(lambda value: [value]), st.sampled_from(["compact", "python", "indent:2", "indent:4"]))
def test_the_short_way_back_is_the_long_one(value: Any, mark: str) -> None:
    readable = json.dumps(value, indent=2)

    # The exception changes nothing, and takes the long way.
    assert restore(readable, mark) == restore(readable, f'{mark} start=""')
