"""Foreign cassettes of every kind, and what is said of broken ones."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.errors import CassetteTooNewError, CassetteUnreadableError, UndriftError
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import dumps, loads, read

PATH = Path("cassettes/test_x.yaml")
PAIRS = Path(__file__).parents[2] / ".." / "shared" / "pairs"

FRAME = """\
interactions:
- request:
    body: {body}
    headers: {headers}
    method: GET
    uri: https://api.test/
  response: {response}
version: 1
"""
OK = "{body: {string: ''}, headers: {}, status: {code: 200, message: OK}}"


def frame(body: str = "null", headers: str = "{}", response: str = OK) -> str:
    return FRAME.format(body=body, headers=headers, response=response)


def first(text: str, path: Path = PATH) -> Interaction:
    cassette = loads(text, path)
    assert not cassette.is_ours
    return cassette.interactions[0]


def test_a_cassette_of_vcrpy_is_foreign() -> None:
    assert loads(frame(), PATH) == Cassette(
        (Interaction(Request("GET", "https://api.test/"), Response(200, "OK")),),
        is_ours=False,
    )


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("null", b""),
        ("''", b""),
        ("a=b&c=é", "a=b&c=é".encode()),
        ("123", b"123"),
        ("2024-06-20", b"2024-06-20"),
        ("!!binary /w==", b"\xff"),
        ("!!python/unicode 'text'", b"text"),
        ("!!python/str 'text'", b"text"),
        ("{string: text}", b"text"),
        ("{encoding: utf-8, string: null}", b""),
        ("{base64_string: aGVsbG8=, encoding: utf-8}", b"hello"),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGVsbG8=, 0, null]}", b"hello"),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [text, 0, null]}", b"text"),
        ("!!python/object/new:_io.BytesIO {}", b""),
        ("!!python/object/apply:builtins.iter {args: [[!!binary aGVs, lo]]}", b"hello"),
        ("!!python/object/apply:builtins.iter {args: !!python/tuple [[104, 105]]}", b"hi"),
        ("!!python/object/apply:builtins.iter {args: []}", b""),
        ("[!!binary aGVs, lo]", b"hello"),
    ],
)
def test_a_body_is_read_in_every_form(body: str, content: bytes) -> None:
    assert first(frame(body)).request.body == content


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("{A: [x, y], b: [z]}", [("A", "x"), ("A", "y"), ("b", "z")]),
        ("{A: x}", [("A", "x")]),
        ("{A: !!python/tuple [x]}", [("A", "x")]),
        ("{A: [!!binary Q29udGVudA==]}", [("A", "Content")]),
        ("{A: [!!binary 6Q==]}", [("A", "é")]),
        ("{A: [12, 2024-06-20, yes, null]}", [("A", "12"), ("A", "2024-06-20"), ("A", "yes"), ("A", "")]),
        ("{A: []}", []),
        ("{!!python/unicode 'A': [!!python/unicode 'x']}", [("A", "x")]),
    ],
)
def test_headers_are_read_in_every_form(headers: str, fields: list[tuple[str, str]]) -> None:
    assert first(frame(headers=headers)).request.headers == Headers.of(fields)


def test_an_old_response_of_httpx_is_read() -> None:
    body = b64encode(gzip.compress(b"hello", mtime=0)).decode()
    response = (
        f"{{status_code: 404, http_version: HTTP/2, headers: {{content-encoding: gzip}}, content: !!binary {body}}}"
    )

    assert first(frame(response=response)).response == Response(
        404, "", Headers.of([("content-encoding", "gzip")]), b"hello", "gzip", "HTTP/2"
    )
    text = "{status_code: 200, headers: {A: [b]}, content: 'hello'}"
    assert first(frame(response=text)).response == Response(200, "", Headers.of([("A", "b")]), b"hello")


def encoded_answer(content: bytes, encoding: str) -> Response:
    header = f"[{encoding}]" if encoding else "[]"
    body = b64encode(content).decode()
    response = OK.replace("''", f"!!binary '{body}'").replace("headers: {}", f"headers: {{Content-Encoding: {header}}}")
    return first(frame(response=response)).response


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        (gzip.compress(b"hello", mtime=0), "gzip", (b"hello", "gzip")),
        (zlib.compress(b"hello"), "deflate", (b"hello", "deflate")),
        (gzip.compress(zlib.compress(b"hello"), mtime=0), "deflate, gzip", (b"hello", "deflate, gzip")),
        (b"hello", "gzip", (b"hello", "gzip")),
        (b"hello", "identity", (b"hello", "")),
        (b"hello", "aws-chunked", (b"hello", "")),
        (b"", "gzip", (b"", "")),
        (gzip.compress(b"hello", mtime=0), "", (gzip.compress(b"hello", mtime=0), "")),
    ],
)
def test_a_compressed_body_is_decoded_whether_or_not_it_was_stored_so(
    content: bytes, encoding: str, expected: tuple[bytes, str]
) -> None:
    response = encoded_answer(content, encoding)

    assert (response.body, response.encoding) == expected


def test_a_json_cassette_of_vcrpy_is_read() -> None:
    cassette = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "GET", "uri": "https://api.test/", "body": None, "headers": {"A": ["b"]}},
                "response": {
                    "status": {"code": 200, "message": None},
                    "headers": {"C": ["d"]},
                    "body": {"string": "é 😀 / \u2028", "encoding": "utf-8"},
                },
            },
        ],
    }

    found = first(json.dumps(cassette, indent=4), Path("x.json"))

    assert found.request.headers == Headers.of([("A", "b")])
    assert found.response == Response(200, "", Headers.of([("C", "d")]), "é 😀 / \u2028".encode())
    assert first(json.dumps(cassette), PATH) == found
    scalars = loads('{"interactions": [], "metadata": {"a": [1, 2.5, true, false, null, "x"]}}', PATH)
    assert scalars.metadata == {"a": [1, 2.5, True, False, None, "x"]}


def test_anchors_aliases_and_merges_are_followed() -> None:
    text = """\
common: &common {method: GET, headers: &h {A: [b]}}
more: &more {body: null, method: PUT}
interactions:
- request: &r {<<: [*common, *more], uri: https://api.test/}
  response: &s {body: {string: x}, headers: *h, status: {code: 200, message: OK}}
- request: *r
  response: *s
- request: {<<: *r, method: POST}
  response: *s
"""
    found = loads(text, PATH).interactions

    assert found[0] == found[1]
    assert found[0].request == Request("GET", "https://api.test/", Headers.of([("A", "b")]))
    assert found[2].request.method == "POST"


def test_what_only_looks_like_a_tag_is_text() -> None:
    text = "a: &a [b]\nc: *a\nmetadata: [*a, 'is !odd', 'not !!python/name:x']\ninteractions: []\n"

    assert loads(text, PATH).metadata == [["b"], "is !odd", "not !!python/name:x"]


def test_metadata_is_plain_data() -> None:
    values = "{a: [1, 0x10, 1.5, yes, ~, !!binary aGk=, 2024-06-20], b: &b {c: d}, e: {<<: *b, f: g}}"

    metadata = loads(f"metadata: {values}\ninteractions: []", PATH).metadata

    assert metadata["a"][:6] == [1, 16, 1.5, True, None, b"hi"]
    assert str(metadata["a"][6]) == "2024-06-20"
    assert metadata["e"] == {"c": "d", "f": "g"}


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + frame("'{\"a\": 1}'").replace("\n", "\r\n").encode())

    assert read(file).interactions[0].request.body == b'{"a": 1}'


def test_our_file_with_other_line_ends_is_the_same() -> None:
    cassette = Cassette(
        (Interaction(Request("POST", "https://h/", body=b'{"a": [1, 2]}'), Response(200, body=b"x\ny\n")),)
    )
    text = dumps(scrub(cassette, Secrets()))

    assert loads(text.replace("\n", "\r\n"), PATH) == cassette


OURS = "undrift: {format: 1%s}\ninteractions: %s\n"
REQUEST = "{method: GET, uri: /, body: null, headers: {}}"
ONE = (
    f"[{{request: {REQUEST}, response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: a}}}}, "
    "undrift: {response: %s}}]"
)
BROKEN = [
    ("", None, "The file is empty"),
    ("  \n\n", None, "The file is empty"),
    ("# nothing\n", None, "nothing but comments"),
    ("just text", 1, "A cassette must be a mapping, not 'just text'"),
    ("- a\n", 1, "A cassette must be a mapping, not a list"),
    ("version: 1\n", 1, "The cassette has no `interactions`"),
    ("interactions: null\n", 1, "`interactions` must be a list, not null"),
    ("interactions: {}\n", 1, "`interactions` must be a list, not a mapping"),
    ("interactions:\n- 5\n", 2, "An interaction must be a mapping"),
    ("interactions:\n- request: {}\n", 2, "A request has no `method`"),
    ("interactions: []\ninteractions: []\n", 2, "has the key 'interactions' twice"),
    ("interactions:\n- request:\n   {", 4, "no valid YAML"),
    ("interactions: [\n", 2, "no valid YAML"),
    ("a: b: c\n", 1, "no valid YAML"),
    ("interactions: []\n---\na: b\n", 2, "no valid YAML"),
    ("interactions: *nobody\n", 1, "undefined alias"),
    ("a: 1\nb: \x07\n", 2, "is not allowed"),
    ("[" * 100_000, 1, "nested too deeply"),
    ("- " * 100_000, 1, "nested too deeply"),
    ("".join(" " * n + "a:\n" for n in range(200)), 100, "nested too deeply"),
    ("{" * 3 + '"a"', 2, "no valid YAML"),
    ("a: \ud800", None, "no valid YAML"),
    ('{"interactions": ' + "[" * 100_000, None, "nested too deeply"),
    (frame(body="!!binary a"), 3, "A body is no valid base64"),
    (frame(body="!!binary ä=="), 3, "A body is no valid base64"),
    (frame(body="{base64_string: '*'}"), 3, "`base64_string` is no valid base64"),
    (frame(body="!!binary [x]"), 3, "A body must be base64 text, not a list"),
    (frame(body="{text: x}"), 3, "A body has no `string`"),
    (frame(body="!!python/object/apply:os.system ['true']"), 3, "!!python/object/apply:os.system is not among those"),
    (frame(body="!!python/object/apply:builtins.eval {args: ['1']}"), 3, "not among those"),
    (frame(body="!!python/object/new:_io.StringIO {}"), 3, "not among those"),
    (frame(body="!!python/name:os.system ''"), 3, "not among those"),
    (frame(body="!mine x"), 3, "The tag !mine is not among those"),
    (frame(body="!<tag:example.org,2026:x> x"), 3, "not among those"),
    ("%TAG !e! tag:yaml.org,2002:python/object/\n---\n" + frame(body="!e!apply:os.system x"), 5, "not among those"),
    (frame(body="&a [*a]"), 3, "leads back to itself"),
    (frame(body="&a {string: *a}"), 3, "leads back to itself"),
    (frame(headers="[a]"), 4, "A header field must be a list, not 'a'"),
    (frame(headers="{A: {b: c}}"), 4, "The header A must be a list, not a mapping"),
    (frame(headers="{A: [[b]]}"), 4, "The header A must be text, not a list"),
    (frame(headers="{A: [b], A: [c]}"), 4, "has the key 'A' twice"),
    (frame(headers="{<<: 5}"), 4, "merges '5', which is no mapping"),
    (frame(response="{}"), 7, "A response has no `headers`"),
    (frame(response="{headers: {}}"), 7, "A response has no `status`"),
    (frame(response="{headers: {}, status: {}}"), 7, "`status` has no `code`"),
    (frame(response="{headers: {}, body: x, status: fine}"), 7, "`code` must be a whole number, not 'fine'"),
    (frame(response="{headers: {}, status: {code: 200}}"), 7, "A response has no `body`"),
    (frame(response="{headers: {}, body: x, status: {code: OK}}"), 7, "`code` must be a whole number, not 'OK'"),
    (frame(response="{headers: {}, body: x, status: {code: '200'}}"), 7, "`code` must be a whole number"),
    (frame(response="{headers: {}, body: x, status: {code: 0b11}}"), 7, "`code` must be a whole number"),
    (frame(response="{headers: {}, status_code: 200}"), 7, "A response has no `content`"),
    ("metadata: {? [a] : b}\ninteractions: []", 1, "has a key that is no scalar"),
    ("metadata: !!int ''\ninteractions: []", 1, "`metadata` holds '', which is no int"),
    ("metadata: !!bool maybe\ninteractions: []", 1, "which is no bool"),
    ("metadata: !!timestamp soon\ninteractions: []", 1, "which is no timestamp"),
    ("metadata: !!float ''\ninteractions: []", 1, "which is no float"),
    ("metadata: !!int x\ninteractions: []", 1, "`metadata` holds 'x', which is no int"),
    ("metadata: &a [*a]\ninteractions: []", 1, "`metadata` is nested too deeply"),
    ("b: &b [c, d]\ne: [*b, *b]\nmetadata: &a {<<: *a}\ninteractions: []", 3, "leads back to itself"),
    ("undrift: []\ninteractions: []\n", 1, "`undrift` must be a mapping, not a list"),
    ("undrift: {}\ninteractions: []\n", 1, "`undrift` has no `format`"),
    ("undrift: {format: x}\ninteractions: []\n", 1, "`format` must be a whole number"),
    (OURS % (", failures: [{}]", "[]"), 1, "A failure has no `position`"),
    (
        OURS % (f", failures: [{{position: 0, kind: reset, request: {REQUEST}, response: {{}}}}]", "[]"),
        1,
        "no `headers`",
    ),
    (OURS % ("", ONE % "{encoding: xyzzy}"), 2, "The content encoding 'xyzzy' is unknown"),
    (OURS % (", recorded: []", "[]"), 1, "`recorded` must be a mapping"),
]


@pytest.mark.parametrize(("text", "line", "cause"), BROKEN)
def test_a_broken_cassette_is_named_with_line_cause_and_way_out(text: str, line: int | None, cause: str) -> None:
    with pytest.raises(CassetteUnreadableError) as caught:
        loads(text, PATH)

    message = str(caught.value)
    assert message.startswith(f"{PATH}: line {line}: " if line else f"{PATH}: ")
    assert caught.value.line == line
    assert cause in message
    assert message.endswith("Repair the file, restore it from version control, or delete it and record it again.")


def test_a_broken_json_cassette_is_named_with_its_line() -> None:
    with pytest.raises(CassetteUnreadableError, match=r"^x.json: line 2: It is no valid JSON \(Expecting value\)"):
        loads('{"interactions":\n]', Path("x.json"))


NOTES = [
    ("response: {layout: loose}", "The layout 'loose' is unknown"),
    ("response: {layout: 'indent:3'}", "The body is not JSON"),
    ("response: {original: [[0, A]]}", "a list of its position, name and value"),
    ("response: {headers: [[A]]}", "a list of its name and its value"),
    ("elapsed: soon", "`elapsed` must be a number of seconds"),
    ("elapsed: yes", "`elapsed` must be a number of seconds"),
    ("response: 5", "`undrift.response` must be a mapping"),
]


@pytest.mark.parametrize(("notes", "cause"), NOTES)
def test_broken_notes_of_ours_are_named(notes: str, cause: str) -> None:
    response = "{body: {string: '\"'}, headers: {}, status: {code: 200, message: OK}}"
    text = "undrift: {format: 1}\n" + frame(response=response).replace("version: 1", f"  undrift: {{{notes}}}")

    with pytest.raises(CassetteUnreadableError, match="line 9") as caught:
        loads(text, PATH)

    assert cause in str(caught.value)


def test_a_newer_format_is_told_apart_from_a_broken_file() -> None:
    with pytest.raises(CassetteTooNewError, match="It is of format 2, and this undrift reads formats up to 1"):
        loads("undrift: {format: 2, anything: {}}\nother: layout\n", PATH)


def test_aliases_may_not_expand_without_bound() -> None:
    lines = ["a0: &a0 [" + ", ".join(["x"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]
    bomb = "\n".join(lines)

    with pytest.raises(CassetteUnreadableError, match="aliases expand to far more than the file"):
        loads(f"{bomb}\nmetadata: *a9\ninteractions: []\n", PATH)
    # What nobody reads costs nothing.
    assert loads(f"{bomb}\ninteractions: []\n", PATH) == Cassette(is_ours=False)


def test_merges_may_not_expand_without_bound() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: x" for n in range(10)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [" + ", ".join([f"*a{n - 1}"] * 10) + "]}" for n in range(1, 10)]

    with pytest.raises(CassetteUnreadableError, match="aliases expand to far more than the file"):
        loads("\n".join(lines) + "\nmetadata: *a9\ninteractions: []\n", PATH)


def test_many_aliases_to_one_large_body_are_bounded() -> None:
    large = "x" * 200_000
    item = "- {request: {body: *b, headers: {}, method: GET, uri: h}, response: *r}\n"
    text = f"b: &b {large}\nr: &r {OK}\ninteractions:\n" + item * 2000

    with pytest.raises(CassetteUnreadableError, match="aliases expand to far more than the file"):
        loads(text, PATH)


@pytest.mark.skipif(not PAIRS.is_dir(), reason="../shared/pairs is not here")
@pytest.mark.parametrize("file", sorted(PAIRS.glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}-{file.name}")
def test_recordings_of_real_servers_load_and_come_back(file: Path) -> None:
    cassette = read(file)
    clean = scrub(cassette, Secrets())

    again = loads(dumps(clean), PATH)

    assert len(cassette) > 20
    assert not cassette.is_ours
    assert again.interactions == clean.cassette.interactions


SEEDS = (
    dumps(
        scrub(
            Cassette(
                (
                    Interaction(
                        Request(
                            "POST", "https://api.test/", Headers.of([("A", "b"), ("C", "d"), ("A", "e")]), b'{"a": 1}'
                        ),
                        Response(200, "OK", Headers.of([("Content-Length", "4")]), b"\xff\x00\x01\x02"),
                    ),
                ),
                metadata={"a": [1, "x"]},
            ),
            Secrets(),
        )
    ),
    frame("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGVsbG8=, 0, null]}"),
    "a: &a {b: c}\n" + frame(headers="*a"),
)


@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 6), st.text("{}[]&*!|>'\"%@:-#?, \n\tab1\x00\ufffe", max_size=4)),
        max_size=6,
    ),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(seed: str, edits: list[tuple[float, int, str]]) -> None:
    for place, removed, added in edits:
        start = int(place * len(seed))
        seed = seed[:start] + added + seed[start + removed :]

    refusal = refused(seed)

    assert refusal is None or (refusal.startswith(str(PATH)) and refusal.endswith("."))


def refused(text: str) -> str | None:
    """The message with which a text is refused, if it is."""
    try:
        loads(text, PATH)
    except UndriftError as error:
        return str(error)
    return None


def test_a_newer_layout_is_no_cassette_of_ours() -> None:
    with pytest.raises(
        CassetteTooNewError, match=r"version 2, and undrift reads version 1 of vcrpy's layout\. Upgrade"
    ):
        loads("version: 2\ninteractions: []\n", Path("new.yaml"))
