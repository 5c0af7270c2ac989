"""Cassettes in our own layout, read without the parser exactly as the parser reads them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.errors import CassetteError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import canonical, dumps, loads

PATH = Path("x.yaml")
ROOT = Path(__file__).parents[2]
PLAIN = """\
version: 1
undrift:
  format: 1
  test: tests/test_x.py::test_pay
interactions:
- request:
    method: POST
    uri: https://api.test/v1/x?a=1#b
    body: |-
      {
        "b": 1
      }
    headers:
      Accept:
      - '*/*'
      - it''s all
      Content-Length:
      - '14'
  response:
    status:
      code: 201
      message: Created
    headers:
      Content-Type:
      - application/json; charset=utf-8
      Content-Length:
      - '23'
    body:
      string: |
        {
          "id": "cus_1",

          "data": []
        }
  undrift:
    recorded_at: '2026-11-20T23:47:22Z'
    elapsed: 0.125000
    http_version: HTTP/1.1
    request:
      layout: compact
    response:
      encoding: gzip
      original:
      - [1, Content-Encoding, gzip]
      - [2, Content-Length, '45']
- request:
    method: GET
    uri: https://api.test/é/😀
    body: null
    headers: {}
  response:
    status:
      code: 200
      message: ''
    headers: {}
    body:
      string: !!binary |
        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9
        awAAAABJRU5ErkJggg==
  undrift:
    response:
      headers:
      - [Set-Cookie, 'a=1']
      - [set-cookie, b]
"""
NAMES = st.sampled_from(
    ["Accept", "content-length", "Content-Length", "Content-Encoding", "ETag", "Set-Cookie", "null"]
)
TEXTS = st.text("ab: #'\"-?|>[]{}&*!%@`~,=.0123\\é\u2028\t\n", max_size=8) | st.sampled_from(
    ["null", "no", "~", "<<", "2026-11-20", "12:30", "1e3", "x: y", "x #y", "x:", "---", "...", "- a", "? b", "a\n b\n"]
)
HEADERS = st.lists(st.tuples(NAMES | TEXTS, TEXTS), max_size=4).map(Headers.of)
BODIES = st.sampled_from(
    [b"", b'{"a":[1,2],"b":"c"}', b'{"a": 1, "b": []}\n', b"[\n  1\n]", b"\x00\xff", b"a\n\n b\n", b"a=1"]
) | TEXTS.map(str.encode)
ENCODINGS = st.sampled_from(["", "gzip"])
REQUESTS = st.builds(Request, st.sampled_from(["GET", "POST"]) | TEXTS, TEXTS, HEADERS, BODIES, ENCODINGS)
RESPONSES = st.builds(
    Response, st.integers(100, 599), TEXTS, HEADERS, BODIES, ENCODINGS, st.sampled_from(["", "HTTP/2"])
)
INTERACTIONS = st.builds(
    Interaction,
    REQUESTS,
    RESPONSES,
    st.none() | st.just("2026-11-20T23:47:22Z"),
    st.none() | st.floats(0, 1000, allow_nan=False),
)
CASSETTES = st.builds(
    Cassette,
    st.lists(INTERACTIONS, max_size=3).map(tuple),
    failures=st.just(()) | st.just((Failure(0, Request("GET", "https://api.test/"), "timeout", "no answer"),)),
    test=st.none() | TEXTS,
)


def read_alike(text: str) -> bool:
    """Whether a text is read without the parser; fails where the parser reads it otherwise, or refuses it."""
    found = canonical.read(text.encode())
    try:
        expected = loads(text, PATH)
    except CassetteError:
        assert found is None, text
    else:
        assert found is None or found == expected, text
    return found is not None


def test_all_that_a_plain_recording_holds_is_read() -> None:
    assert read_alike(PLAIN)
    assert read_alike("version: 1\nundrift:\n  format: 1\ninteractions: []\n")


def test_every_cassette_of_this_project_is_read() -> None:
    paths = sorted((ROOT / "cassettes").rglob("*.yaml"))
    assert paths
    assert [path.name for path in paths if not read_alike(path.read_text("utf-8"))] == []


@given(CASSETTES)
def test_what_is_written_is_read_alike(cassette: Cassette) -> None:
    read_alike(dumps(scrub(cassette, Secrets())))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1\n", "version: 1 \n"),
        ("version: 1\n", "# mine\nversion: 1\n"),
        ("interactions:\n", "metadata:\n  a: b\ninteractions:\n"),
        ("interactions:\n", "interactions: []\n"),
        ("    method: POST\n", "    method: POST # sic\n"),
        ("    method: POST\n", "    method: POST\n     more\n"),
        ("    method: POST\n", "    method: null\n"),
        ("    method: POST\n", "    method: NULL\n"),
        ("    method: POST\n", "    method: &a POST\n"),
        ("    method: POST\n", "    method: a: b\n"),
        ("    method: POST\n", "    method: a:\n"),
        ("    method: POST\n", "    method: POST \n"),
        ("    method: POST\n", "    method: 'POST' \n"),
        ("    method: POST\n", '    method: "POST"\n'),
        ("    method: POST\n", "    method: 'PO'ST'\n"),
        ("    method: POST\n", "    method: PO\x85ST\n"),
        ("    method: POST\n", "    method: PO\tST\n"),
        ("    method: POST\n", ""),
        ("      Accept:\n", "      null:\n"),
        ("      Accept:\n", "      Content-Length:\n"),
        ("      - '*/*'\n", "      - *a\n"),
        ("      - '*/*'\n", "      - a: b\n"),
        ('      {\n        "b"', '        {\n        "b"'),
        ('        "b": 1\n', '      \n        "b": 1\n'),
        ('        "b": 1\n', '    "b": 1\n'),
        ("    body: |-\n", "    body: |+\n"),
        ("    body: |-\n", "    body: >-\n"),
        ("    body: |-\n", "    body: |2-\n"),
        ("    headers:\n      Content-Type", "\n    headers:\n      Content-Type"),
        ("        }\n  undrift", "        }\n\n\n  undrift"),
        ("        }\n  undrift", "        }\n          \n  undrift"),
        ("      code: 201\n", "      code: 0o201\n"),
        ("      code: 201\n", "      code: '201'\n"),
        ("      layout: compact\n", "      layout: other\n"),
        ("      layout: compact\n", ""),
        ("    elapsed: 0.125000\n", "    elapsed: 0.125e-3\n"),
        ("    elapsed: 0.125000\n", "    elapsed: 0.125000\n    elapsed: 0.125000\n"),
        ("gzip]\n", "gzip, 1]\n"),
        ("gzip]\n", "{a: b}]\n"),
        ("[1, Content", "[1, - Content"),
        ("[1, Content", "[ 1, Content"),
        ("'a=1'", "null"),
        ("awAA", "*wAA"),
        ("iVBO", "iVB"),
        ("  undrift:\n    response:\n      headers", "  undrift:\n    response:\n    headers"),
        ("- request:\n    method: GET", "---\n- request:\n    method: GET"),
    ],
)
def test_what_was_changed_by_hand_is_read_alike(old: str, new: str) -> None:
    assert old in PLAIN
    read_alike(PLAIN.replace(old, new, 1))


def test_what_was_cut_off_after_any_line_is_read_alike() -> None:
    lines = PLAIN.splitlines(keepends=True)
    whole = [end for end in range(len(lines) + 1) if read_alike("".join(lines[:end]))]
    # After the first interaction, its notes, or the whole of the second: that is a cassette too.
    assert whole[-1] == len(lines)
    assert lines.index("interactions:\n") + 1 not in whole


def test_whatever_is_changed_is_read_alike() -> None:
    random_ = random.Random(1)  # noqa: S311 - no secret hangs on it
    signs = [*"abn:#'-|[]{},&*! \n\"0~?", "\n  ", ": ", " #", "null", "  ", "        ", "''", "- "]
    lines = PLAIN.splitlines(keepends=True)
    for _ in range(250):
        at = random_.randrange(len(PLAIN))
        read_alike(PLAIN[:at] + random_.choice(signs) + PLAIN[at + random_.choice((0, 0, 1, 2)) :])
        one, other = random_.sample(range(len(lines)), 2)
        changed = [*lines]
        changed[one : one + random_.choice((0, 1))] = [lines[other]]
        read_alike("".join(changed))


@pytest.mark.parametrize(
    "content", [b"", b"\xff", PLAIN.encode("latin-1", "replace") + b"\xe9", b"\xef\xbb\xbf" + PLAIN.encode()]
)
def test_what_is_no_plain_text_is_left_to_the_parser(content: bytes) -> None:
    assert canonical.read(content) is None


def test_an_encoding_that_nobody_knows_is_left_to_the_parser() -> None:
    text = PLAIN.replace("encoding: gzip\n", "encoding: xyzzy\n")
    assert text != PLAIN
    assert not read_alike(text)
