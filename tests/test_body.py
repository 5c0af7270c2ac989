"""Bodies viewed as what they are, whatever their headers claim; content encodings taken off and put on."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.body import BodyKind, View, binary_type, decode, decode_start, encode, media_type, view
from undrift.body.deepjson import parse_deep
from undrift.errors import BodyError
from undrift.model import Headers


def seen(content: bytes, kind: str = "") -> View:
    return view(Headers.of([("Content-Type", kind)] if kind else []), content)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content", "claimed", "kind", "value"),
    [
        (b"", "application/json", "empty", None),
        (b'{"a": 1}', "application/json", "json", {"a": 1}),
        (b'{"a": 1}', "application/vnd.api+json", "json", {"a": 1}),
        (b'{"a": 1}', "application/x-amz-json-1.0", "json", {"a": 1}),
        (b'{"a": 1}', "text/html; charset=utf-8", "json", {"a": 1}),
        (b'{"a": "b=c"}', FORM, "json", {"a": "b=c"}),
        (b'\xef\xbb\xbf {"a": 1}', "", "json", {"a": 1}),
        (b"[1, 2.5]", "", "json", [1, 2.5]),
        (b"12", "application/json", "json", 12),
        (b"12", "text/plain", "text", "12"),
        (b'{"a": 1', "application/json", "text", '{"a": 1'),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson", "ndjson", [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}\n{"a": 2}', "application/json", "ndjson", [{"a": 1}, {"a": 2}]),
        (b"a=1&a=2&b=", FORM, "form", [["a", "1"], ["a", "2"], ["b", ""]]),
        (b"nonsense", FORM, "text", "nonsense"),
        (b"<a>1</a>", "application/xml", "xml", {"a": "1"}),
        (b"<a>1</a>", "image/svg+xml", "xml", {"a": "1"}),
        (b"<Answer>1</Answer>", "text/html", "xml", {"Answer": "1"}),
        (b"<p>1</p>", "text/html", "html", "<p>1</p>"),
        (b"<!DOCTYPE html><html></html>", "text/plain", "html", "<!DOCTYPE html><html></html>"),
        (b"<html/>", "application/xhtml+xml", "html", "<html/>"),
        (b"<a>1", "text/xml", "text", "<a>1"),
        (b"hello", "text/plain", "text", "hello"),
        (b"caf\xe9", "text/plain; charset=latin-1", "text", "café"),
        (b"caf\xe9", "text/plain; charset=no-such", "binary", b"caf\xe9"),
        (b"caf\xe9", "text/plain", "binary", b"caf\xe9"),
        (b"\x89PNG\xff", "image/png", "binary", b"\x89PNG\xff"),
        (b"data: x\n\n", "text/event-stream", "events", [{"event": "message", "data": "x"}]),
        (b"", "", "empty", None),
    ],
)
def test_a_body_is_what_it_is(content: bytes, claimed: str, kind: str, value: Any) -> None:
    assert seen(content, claimed) == View(BodyKind(kind), value)


def test_numbers_keep_their_type() -> None:
    value = seen(b"[1, 1.0, 1e2, 12345678901234567890]").value
    assert [type(number) for number in value] == [int, float, float, int]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "PNG"),
        (b"\x00\x00\x00\x20ftypisom", "MP4"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8", "WebP"),
        (b"RIFF\x00\x00\x00\x00none", ""),
        (b"\x00\x01\x02", ""),
        (b"", ""),
    ],
)
def test_binary_content_is_told_by_how_it_begins(content: bytes, name: str) -> None:
    assert binary_type(content) == name


@pytest.mark.parametrize("depth", [500, 2000])
def test_json_may_be_nested_deeper_than_python_can_follow(depth: int) -> None:
    found = seen(b'{"a": [' * depth + b'"end"' + b"]}" * depth, "application/json")
    assert found.kind is BodyKind.JSON
    value = found.value
    for _ in range(depth):
        value = value["a"][0]
    assert value == "end"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from([None, 1]))
def test_json_is_read_the_same_without_recursion(value: Any, indent: int | None) -> None:
    assert parse_deep(json.dumps(value, indent=indent)) == value


@given(st.text('[]{},: "\\\n1a', max_size=12))
def test_what_is_no_json_is_none_without_recursion_either(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"JSON|bracket|Expecting|Invalid|Extra|Unterminated"):
            parse_deep(text)
    else:
        assert parse_deep(text) == expected


def test_json_nested_too_deep_to_parse_is_text() -> None:
    assert seen(b"[" * 100_000 + b"]" * 100_000, "application/json").kind is BodyKind.TEXT


def test_repeated_members_are_noticed_wherever_they_are() -> None:
    found = seen(b'{"a": 1, "a/b": [{"c": 1, "c": 2}, {"c": 3}], "a": 2, "a": 3}', "application/json")
    assert found.value == {"a": 3, "a/b": [{"c": 2}, {"c": 3}]}
    assert found.repeated == ("/a", "/a~1b/0/c")


XML = b"""<?xml version="1.0"?>
<s:List xmlns:s="http://s.test/" xmlns="http://t.test/" s:kind="x">
  <Item><Key>a</Key><Size/></Item>
  <Item id="2">two</Item>
  <Note>some <b>bold</b> text</Note>
</s:List>"""


def test_xml_as_plain_data() -> None:
    assert seen(XML, "text/xml").value == {
        "List": {
            "@xmlns:s": "http://s.test/",
            "@xmlns": "http://t.test/",
            "@s:kind": "x",
            "Item": [{"Key": ["a"], "Size": [""]}, {"@id": "2", "#text": "two"}],
            "Note": [{"b": ["bold"], "#text": "some  text"}],
        }
    }


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><a>&d;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1/x"> %b;]><a/>',
    ],
)
def test_xml_that_declares_entities_is_never_expanded(content: bytes) -> None:
    assert seen(content, "application/xml") == View(BodyKind.TEXT, content.decode())


def test_xml_with_a_mere_doctype_is_read_without_fetching_it() -> None:
    content = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>1</a>'
    assert seen(content, "application/xml").value == {"a": "1"}


def test_xml_nested_ten_thousand_levels() -> None:
    assert seen(b"<a>" * 10_000 + b"</a>" * 10_000, "text/xml").kind is BodyKind.XML


def multipart(boundary: str, *parts: bytes, end: bytes = b"--") -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + end


PARTS = (
    b'Content-Disposition: form-data; name="a"\r\n\r\none',
    b'Content-Disposition: form-data; name="f"; filename="x.bin"\r\nContent-Type: image/png\r\n\r\n\xff\xfe',
    b"\r\nbare",
)


def test_multipart_is_the_same_whatever_its_boundary() -> None:
    one, other = (seen(multipart(b, *PARTS), f'multipart/form-data; boundary="{b}"') for b in ("xx", "yyyy"))
    assert one == other
    assert one.value == [
        {"name": "a", "filename": None, "type": None, "content": "one"},
        {"name": "f", "filename": "x.bin", "type": "image/png", "content": b"\xff\xfe"},
        {"name": None, "filename": None, "type": None, "content": "bare"},
    ]


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (multipart("xx", *PARTS[:1]), "multipart/form-data"),
        (multipart("xx", *PARTS[:1]), "multipart/form-data; boundary=zz"),
        (multipart("xx", *PARTS[:1], end=b""), "multipart/form-data; boundary=xx"),
    ],
)
def test_multipart_that_is_none_is_text(content: bytes, claimed: str) -> None:
    assert seen(content, claimed).kind is BodyKind.TEXT


def test_events() -> None:
    stream = b': hello\nevent: add\ndata: {"a": 1}\nid: 7\n\ndata: one\r\ndata: two\r\nretry: 10\r\n\r\n\n: bye\n\ndata'
    assert seen(stream, "text/event-stream").value == [
        {"event": "add", "data": {"a": 1}, "id": "7"},
        {"event": "message", "data": "one\ntwo", "retry": "10"},
        {"event": "message", "data": ""},
    ]
    assert seen(b": nothing\n\n", "text/event-stream").kind is BodyKind.TEXT


def test_media_types() -> None:
    found = media_type(Headers.of([("content-type", 'Text/HTML; Charset="UTF-8"; x=y;')]))
    assert found.essence == "text/html"
    assert (found.parameter("charset"), found.parameter("x"), found.parameter("z")) == ("UTF-8", "y", None)
    assert media_type(Headers()).essence == ""


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "x-gzip", "deflate", "gzip, deflate", "GZIP"])
@given(content=st.binary(max_size=50))
def test_what_is_encoded_decodes_again(encoding: str, content: bytes) -> None:
    assert decode(encode(content, encoding), encoding) == content


@pytest.mark.parametrize(("name", "library"), [("br", "brotli"), ("zstd", "zstandard")])
def test_encodings_that_need_a_library(name: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(library)
    assert decode(encode(b"hello", name), name) == b"hello"
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(BodyError, match=rf"needs the package {library}\. Install undrift\[encodings\]"):
        encode(b"hello", name)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity"])
def test_the_beginning_of_a_packed_body_unpacks_as_far_as_it_goes(encoding: str) -> None:
    content = b"".join(b"data: %d\n\n" % number**2 for number in range(20_000))
    packed = encode(content, encoding)
    start = decode_start(packed[:-1000], encoding)
    assert content.startswith(start)
    assert len(start) > 10_000
    assert decode_start(packed, encoding) == content


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "nonsense", "gzip, br"])
def test_what_does_not_begin_as_it_claims_is_an_error(encoding: str) -> None:
    with pytest.raises(BodyError):
        decode_start(b"not packed at all", encoding)


def test_the_same_content_packs_to_the_same_bytes() -> None:
    assert encode(b"hello", "gzip") == encode(b"hello", "gzip") == gzip.compress(b"hello", mtime=0)


def test_deflate_without_its_wrapper() -> None:
    assert decode(zlib.compress(b"hello", wbits=-zlib.MAX_WBITS), "deflate") == b"hello"


def test_what_does_not_unpack_is_an_error_that_says_so() -> None:
    with pytest.raises(BodyError, match="claims Content-Encoding gzip, but does not unpack"):
        decode(b"hello", "gzip")
    with pytest.raises(BodyError, match="'compress' is unknown"):
        decode(b"hello", "compress")


@given(st.binary(max_size=60), st.sampled_from(["application/json", "text/xml", FORM, "text/event-stream", "a"]))
def test_no_bytes_crash_a_view(content: bytes, claimed: str) -> None:
    assert isinstance(seen(content, claimed).kind, BodyKind)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_json_is_read_as_python_reads_it(value: Any) -> None:
    assert seen(json.dumps(value).encode(), "application/json").value == value
