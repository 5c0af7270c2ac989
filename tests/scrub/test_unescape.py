"""Bytes as they read without their escapes, and the way back."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.scrub.unescape import ESCAPES, views

TEXT = "a\"b\\c/d<e>f&g'h é😀\n1"


def view_with(data: bytes, text: str) -> tuple[tuple[str, ...], bytes]:
    """The escapes that are to be taken off before a text shows, and where it then stands."""
    raw = text.encode()
    for view in views(data):
        start = view.data.find(raw)
        if start >= 0:
            place = view.span(start, start + len(raw))
            return view.escapes, data[place[0] : place[1]]
    raise AssertionError(data)


@pytest.mark.parametrize(
    ("escaped", "escapes"),
    [
        (TEXT, ()),
        (quote(TEXT, safe=""), ("url",)),
        (json.dumps(TEXT)[1:-1], ("json",)),
        (json.dumps(TEXT, ensure_ascii=False)[1:-1].replace("/", "\\/"), ("json",)),
        (json.dumps(TEXT)[1:-1].replace("<", "\\x3c"), ("json",)),
        (html.escape(TEXT), ("xml",)),
        ("".join(f"&#{ord(letter)};" for letter in TEXT), ("xml",)),
        ("".join(f"&#X{ord(letter):X};" for letter in TEXT), ("xml",)),
        (TEXT.replace("'", "''"), ("yaml",)),
        (quote(quote(TEXT, safe=""), safe=""), ("url", "url")),
        (quote(json.dumps(TEXT)[1:-1], safe=""), ("url", "json")),
        (json.dumps(html.escape(TEXT))[1:-1], ("json", "xml")),
        (quote(json.dumps(json.dumps(TEXT)[1:-1])[1:-1], safe=""), ("url", "json", "json")),
    ],
)
def test_a_text_shows_whatever_it_is_escaped_for(escaped: str, escapes: tuple[str, ...]) -> None:
    found, place = view_with(b"before %41 \\u0041 &amp; " + escaped.encode() + b" after", TEXT)

    assert place == escaped.encode()
    assert len(found) == len(escapes)


def test_escapes_are_put_on_as_they_were_taken_off() -> None:
    for name, escape in ESCAPES.items():
        on = escape.on(TEXT).encode()
        assert escape.pattern.sub(escape.off, on).decode() == TEXT, name


def test_text_without_escapes_has_one_view() -> None:
    assert [view.data for view in views(b"plain 100% & more \\ '")] == [b"plain 100% & more \\ '"]


def test_what_is_no_escape_stays() -> None:
    assert len(list(views(b"%zz \\q &nothing \\u12"))) == 1


@given(st.binary(max_size=40), st.text("ab%\\&'\"u0041;#x/", max_size=30))
def test_every_place_leads_back_into_the_text(data: bytes, text: str) -> None:
    whole = data + text.encode()
    for view in views(whole):
        for start in range(len(view.data)):
            first, last = view.span(start, start + 1)
            assert 0 <= first < last <= len(whole)
        if view.data:
            assert view.span(0, len(view.data)) == (0, len(whole))
