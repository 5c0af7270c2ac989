"""Cassettes as text: readable, exact, always the same, and read by their own reader."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from undrift.errors import CassetteNotWrittenError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import dumps, layout, loads, writing
from undrift.store.emit import emit

PATH = Path("cassettes/test_x.yaml")
JSON = ("Content-Type", "application/json")


def written(cassette: Cassette) -> str:
    return dumps(scrub(cassette, Secrets()))


def answer(body: bytes, *fields: tuple[str, str], encoding: str = "") -> Cassette:
    return Cassette(
        (Interaction(Request("GET", "https://api.test/"), Response(200, "OK", Headers.of(fields), body, encoding)),)
    )


def stored(cassette: Cassette) -> Any:
    """The first interaction as any YAML reader sees it."""
    return yaml.safe_load(written(cassette))["interactions"][0]


def test_a_whole_cassette_reads_well() -> None:
    request = Request(
        "POST", "https://api.test/v1/x?a=1", Headers.of([("Accept", "*/*"), ("Content-Length", "3")]), b"a=b"
    )
    response = Response(
        201,
        "Created",
        Headers.of([JSON, ("Content-Encoding", "gzip"), ("Content-Length", "45"), ("Server", "x")]),
        b'{"id": "cus_1", "data": []}\n',
        "gzip",
        "HTTP/1.1",
    )
    cassette = Cassette(
        (Interaction(request, response, "2026-11-20T23:47:22Z", 0.125),),
        failures=(Failure(1, Request("GET", "https://api.test/"), "timeout", "no answer in 5 s"),),
        test="tests/test_x.py::test_pay",
        recorded_values=(("email", "ann@example.com"),),
        metadata={"owner": "ann"},
    )

    assert (
        written(cassette)
        == """\
version: 1
undrift:
  format: 1
  test: tests/test_x.py::test_pay
  recorded:
    email: ann@example.com
  failures:
  - position: 1
    kind: timeout
    message: no answer in 5 s
    request:
      method: GET
      uri: https://api.test/
      body: null
      headers: {}
metadata:
  owner: ann
interactions:
- request:
    method: POST
    uri: https://api.test/v1/x?a=1
    body: a=b
    headers:
      Accept:
      - '*/*'
      Content-Length:
      - '3'
  response:
    status:
      code: 201
      message: Created
    headers:
      Content-Type:
      - application/json
      Content-Length:
      - '33'
      Server:
      - x
    body:
      string: |-
        {
          "id": "cus_1",
          "data": []
        }
  undrift:
    recorded_at: '2026-11-20T23:47:22Z'
    elapsed: 0.125000
    http_version: HTTP/1.1
    response:
      layout: python end="\\n"
      encoding: gzip
      original:
      - [1, Content-Encoding, gzip]
      - [2, Content-Length, '45']
"""
    )
    assert loads(written(cassette), PATH) == cassette


def test_the_length_that_is_seen_is_that_of_the_stored_text() -> None:
    body = b'{"a":"\xc3\xa9","b":1}'
    cassette = answer(body, JSON, ("content-length", str(len(body))))

    seen = stored(cassette)

    text = seen["response"]["body"]["string"]
    assert seen["response"]["headers"]["content-length"] == [str(len(text.encode()))] != [str(len(body))]
    assert seen["undrift"] == {"response": {"layout": "compact"}}
    assert loads(written(cassette), PATH) == cassette


def test_a_length_that_was_wrong_is_kept_beside_the_right_one() -> None:
    cassette = answer(b"abc", ("Content-Length", "990"))

    seen = stored(cassette)

    assert seen["response"]["headers"] == {"Content-Length": ["3"]}
    assert seen["undrift"]["response"] == {"original": [[0, "Content-Length", "990"]]}
    assert loads(written(cassette), PATH) == cassette


def test_an_answer_without_body_keeps_its_headers() -> None:
    cassette = answer(b"", ("Content-Length", "990"), ("Content-Encoding", "gzip"))

    seen = stored(cassette)

    assert seen["response"]["headers"] == {"Content-Length": ["990"], "Content-Encoding": ["gzip"]}
    assert "undrift" not in seen
    assert loads(written(cassette), PATH) == cassette


@pytest.mark.parametrize(
    "fields",
    [
        [("A", "1"), ("B", "2"), ("A", "3")],
        [("Content-Length", "3"), ("Content-Length", "3")],
        [("Content-Encoding", "gzip"), ("X", "1"), ("content-encoding", "br")],
    ],
)
def test_what_a_mapping_cannot_hold_is_kept_in_full(fields: list[tuple[str, str]]) -> None:
    cassette = answer(b"abc", *fields, encoding="gzip" if "Encoding" in fields[0][0] else "")

    assert stored(cassette)["undrift"]["response"].keys() & {"headers", "original"}
    assert loads(written(cassette), PATH) == cassette


def test_repeats_and_case_need_no_list_of_their_own() -> None:
    cassette = answer(b"", ("Set-Cookie", ""), ("Set-Cookie", " "), ("set-cookie", ""), ("A", "x"))

    assert "undrift" not in stored(cassette)
    assert loads(written(cassette), PATH) == cassette


@pytest.mark.parametrize(
    "header",
    [
        "Content-MD5",
        "digest",
        "Content-Digest",
        "Repr-Digest",
        "X-Amz-Content-SHA256",
        "x-amz-checksum-crc32",
        "Stripe-Signature",
    ],
)
def test_a_body_with_a_digest_is_stored_raw(header: str) -> None:
    body = '{"a":1}'

    assert stored(answer(body.encode(), JSON, (header, "x")))["response"]["body"]["string"] == body


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"\xe2\x80\xa8"}',
        b'{"a":"\xc2\x85"}',
        b'{"a":"\xef\xbb\xbf"}',
        b'{"a": 1,  "b": 2, "c": 3}',
        b'{"a":1}x',
        b"[1,2,\n3]",
    ],
)
def test_json_that_would_not_be_readable_is_stored_raw(body: bytes) -> None:
    seen = stored(answer(body, JSON))

    assert seen["response"]["body"]["string"] == body.decode()
    assert "undrift" not in seen


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\x00b", b"\x1b[1m", b"\xed\xa0\x80", gzip.compress(b"x", mtime=0)])
def test_what_is_no_text_is_stored_as_bytes(body: bytes) -> None:
    assert stored(answer(body))["response"]["body"]["string"] == body


def test_a_page_with_odd_white_space_stands_line_by_line() -> None:
    page = b"<html> \r\n\t<p>\r\n  x\r\n\r\n</html>\r\n"

    assert '      string: "<html> \\r\\n\\\n        \\t<p>\\r\\n\\\n' in written(answer(page))
    assert loads(written(answer(page)), PATH) == answer(page)


def test_a_foreign_cassette_becomes_ours() -> None:
    foreign = Cassette(answer(b"x").interactions, is_ours=False)

    assert loads(written(foreign), PATH) == answer(b"x")


@pytest.mark.parametrize("metadata", [{"a": [1, 2.5, None, True, "x", {"y": []}]}, ["x"], "text", 0, {1: b"\xff"}])
def test_metadata_passes_through(metadata: Any) -> None:
    cassette = Cassette(metadata=metadata)

    again = loads(written(cassette), PATH)

    assert again.metadata == metadata
    assert written(again) == written(cassette)


def test_metadata_of_no_plain_kind_is_refused_by_name() -> None:
    with pytest.raises(CassetteNotWrittenError, match="cannot hold a value of the type object"):
        written(Cassette(metadata={"x": object()}))


def test_a_layout_that_would_not_lead_back_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "reflow", lambda _: layout.Reflowed("[\n  2\n]", "compact"))

    assert stored(answer(b"[1]"))["response"]["body"]["string"] == "[1]"


def test_text_that_would_not_be_exact_is_stored_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "emit", lambda document: emit(document).replace("one", "two"))

    assert stored(answer(b"one"))["response"]["body"]["string"] == b"one"


def test_what_would_be_lost_is_refused() -> None:
    good = answer(b"[1]").interactions
    odd = Cassette((*good, Interaction(Request("GET", "https://h/\ud800"), Response(200)), *good))

    with pytest.raises(CassetteNotWrittenError, match="The interaction 1 would not be read back as it was"):
        written(odd)


def test_a_recorded_value_that_would_be_lost_is_refused() -> None:
    cassette = Cassette(recorded_values=(("twice", 1), ("twice", 2)))

    with pytest.raises(
        CassetteNotWrittenError, match="A failure, a recorded value or the metadata would not be read back"
    ):
        written(cassette)


NAMES = st.sampled_from(
    ["Accept", "accept", "Set-Cookie", "X-A", "Content-Length", "content-type", "Content-Encoding", "yes", "1"]
)
LATIN = st.text(st.characters(max_codepoint=255), max_size=10)
FIELDS = st.lists(st.tuples(NAMES | LATIN.filter(bool), LATIN), max_size=6)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
JSON_TEXTS = st.builds(
    lambda value, indent, end: json.dumps(value, indent=indent) + end,
    JSON_VALUES,
    st.sampled_from([None, 1, 2, "\t"]),
    st.sampled_from(["", "\n", "\r\n", " "]),
)
ODD_JSON = st.lists(
    st.sampled_from(
        [
            '{"a":',
            "[",
            "1,",
            "1e400",
            '"\\ud800"',
            '"\\u00e9\\/"',
            ": ",
            "}",
            "]",
            " ",
            "\n",
            '"a": 1, "a": 2',
            "9" * 30,
        ]
    )
).map("".join)
TEXTS = st.text(max_size=30) | st.text(" \t\r\n\x85\u2028\ufeff\x00a:#-é😀", max_size=14)
BODIES = (
    st.just(b"")
    | (JSON_TEXTS | ODD_JSON | TEXTS).map(lambda text: text.encode("utf-8", "replace"))
    | st.binary(max_size=40)
)
ENCODINGS = st.sampled_from(["", "", "gzip", "br, gzip"])
URLS = st.sampled_from(["https://api.test/a?b=c#d", "http://h", ""]) | TEXTS
REQUESTS = st.builds(
    Request, st.sampled_from(["GET", "POST", "on", ""]), URLS, FIELDS.map(Headers.of), BODIES, ENCODINGS
)
RESPONSES = st.builds(
    Response,
    st.integers(100, 599),
    TEXTS,
    FIELDS.map(Headers.of),
    BODIES,
    ENCODINGS,
    st.sampled_from(["", "HTTP/1.1", "HTTP/2"]),
)
TIMES = st.none() | st.sampled_from(["2026-11-20T23:47:22Z", "2026-11-20T23:47:22.123Z"])
INTERACTIONS = st.builds(Interaction, REQUESTS, RESPONSES, TIMES, st.none() | st.floats(0, 1e9))
KINDS = st.sampled_from(["dns", "connection-refused", "tls", "timeout", "reset"])
FAILURES = st.builds(Failure, st.integers(0, 9), REQUESTS, KINDS, TEXTS, TEXTS, st.none() | RESPONSES)
VALUES = JSON_VALUES.filter(lambda value: "\\ud800" not in json.dumps(value))
CASSETTES = st.builds(
    Cassette,
    st.lists(INTERACTIONS, max_size=3).map(tuple),
    failures=st.lists(FAILURES, max_size=2).map(tuple),
    test=st.none() | TEXTS,
    recorded_values=st.dictionaries(TEXTS, VALUES, max_size=2).map(lambda values: tuple(values.items())),
    metadata=st.none() | VALUES,
)


@given(CASSETTES)
def test_reading_what_was_written_is_the_identity(cassette: Cassette) -> None:
    clean = scrub(cassette, Secrets())

    text = dumps(clean)
    again = loads(text, PATH)

    assert again == clean.cassette
    assert dumps(scrub(again, Secrets())) == text
