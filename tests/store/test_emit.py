"""YAML that people read, and that every reader reads alike."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from undrift.store.emit import emit, is_block, is_text

LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


def loaded(text: str) -> Any:
    """What both of PyYAML's parsers make of a text."""
    first, second = (yaml.load(text, loader) for loader in LOADERS)  # noqa: S506 - both are safe loaders
    assert repr(first) == repr(second)
    return first


def test_a_document_reads_as_vcrpy_writes_it() -> None:
    document = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "GET", "uri": "https://h/?a=b#c", "body": None, "headers": {"Accept": ["*/*"]}},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {},
                    "body": {"string": '{\n  "a": 1\n}'},
                },
                "undrift": {"elapsed": 0.25, "headers": [("A", "b, c"), ("D", "e")]},
            },
        ],
    }

    text = emit(document)

    assert (
        text
        == """\
version: 1
interactions:
- request:
    method: GET
    uri: https://h/?a=b#c
    body: null
    headers:
      Accept:
      - '*/*'
  response:
    status:
      code: 200
      message: OK
    headers: {}
    body:
      string: |-
        {
          "a": 1
        }
  undrift:
    elapsed: 0.25
    headers:
    - [A, 'b, c']
    - [D, e]
"""
    )
    assert loaded(text)["interactions"][0]["undrift"]["headers"] == [["A", "b, c"], ["D", "e"]]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("Fri, 20 Nov 2026 23:47:22 GMT", "Fri, 20 Nov 2026 23:47:22 GMT"),
        ("é 日本 😀", "'é 日本 😀'"),
        ("yes", "'yes'"),
        ("2026-11-20", "'2026-11-20'"),
        ("it's", "it's"),
        ("'it'", "'''it'''"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("", "''"),
        ("bell\x07", '"bell\\x07"'),
        ("\x85\u2028\ufeff", '"\\x85\\u2028\\uFEFF"'),
        ("\U000e0001x", "'\U000e0001x'"),
        ("one\n", '"one\\n"'),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (-3, "-3"),
        (1e-05, "1.0e-05"),
        (1e16, "1.0e+16"),
        (1.5e300, "1.5e+300"),
        (math.inf, ".inf"),
        (-math.inf, "-.inf"),
        (b"", '!!binary ""'),
        ([], "[]"),
        ({}, "{}"),
        ((1, "a,b", {"k": "v"}, (b"x", None)), "[1, 'a,b', {k: v}, [!!binary \"eA==\", null]]"),
        (dt.date(2026, 11, 20), "2026-11-20"),
    ],
)
def test_a_value_on_one_line(value: Any, shown: str) -> None:
    text = emit({"key": value})

    assert text == f"key: {shown}\n"
    expected = [1, "a,b", {"k": "v"}, [b"x", None]] if isinstance(value, tuple) else value
    assert loaded(text) == {"key": expected}


def test_nothing_reads_as_a_number_that_is_none() -> None:
    assert math.isnan(loaded(emit({"key": math.nan}))["key"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "|-\n  a\n  b\n"),
        ("a\n\nb\n", "|\n  a\n\n  b\n"),
        ("a\nb\n\n\n", "|+\n  a\n  b\n\n\n"),
        (" a\nb", "|2-\n   a\n  b\n"),
        ("\na\nb", "|2-\n\n  a\n  b\n"),
        ("a \nb", '"a \\n\\\n  b"\n'),
        ("a\r\n b\r\n", '"a\\r\\n\\\n  \\ b\\r\\n"\n'),
        ("a\n\tb\n\n", "|+\n  a\n  \tb\n\n"),
        ("\n\n", '"\\n\\\n  \\n"\n'),
        ("\t\n", '"\\t\\n"\n'),
    ],
)
def test_text_of_several_lines_stands_on_several_lines(text: str, shown: str) -> None:
    written = emit({"key": text})

    assert written == f"key: {shown}"
    assert loaded(written) == {"key": text}


def test_bytes_are_folded() -> None:
    text = emit({"key": bytes(range(256))})

    assert max(map(len, text.splitlines())) == 78
    assert loaded(text) == {"key": bytes(range(256))}


def test_a_long_key_is_an_explicit_one() -> None:
    document = {"k" * 2000: ["value"], "other": [{"q" * 1500: {"a": "b"}}]}

    assert loaded(emit(document)) == document


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_what_is_no_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="A cassette cannot hold a value of the type"):
        emit({"key": value})


def test_text_and_block_are_told_apart() -> None:
    assert is_text("a\tb\r\n\x85\ufeff😀")
    assert not is_text("\x00")
    assert not is_text("\ud800")
    assert is_block("a\nb\n")
    assert not is_block("a\n")
    assert not is_block("a\r\nb")


TEXTS = st.text() | st.text(" \t\n\r:#-'\"\\{}[],&*!|>%@`?=~<.0123456789eyn\x85\u2028\ufeff😀é", max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.binary(max_size=120)
    | TEXTS
)
KEYS = TEXTS | st.integers() | st.booleans()
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
    ),
    max_size=4,
)


@given(DOCUMENTS)
def test_every_document_reads_back(document: dict[Any, Any]) -> None:
    text = emit(document)

    assert loaded(text) == document
    assert text == emit(document)
    assert all(line == line.rstrip(" \t") for line in text.splitlines())
