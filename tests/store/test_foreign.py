"""Cassettes that other tools wrote: samples made by them, see the names of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from undrift import store
from undrift.errors import CassetteUnreadableError
from undrift.model import Headers

SAMPLES = Path(__file__).with_name("samples")
ITEMS = '{"items": [1, 2], "name": "café"}'.encode()
ALL_BYTES = bytes(range(256))


@pytest.mark.parametrize("name", ["vcrpy-1.0.yaml", "vcrpy-1.13-to-9.4.yaml"])
def test_the_yaml_of_every_vcrpy_since_1_0(name: str) -> None:
    cassette = store.read(SAMPLES / name)
    assert not cassette.is_ours
    assert [one.request.method for one in cassette.interactions] == ["GET", "POST", "POST", "PUT", "PUT"]
    assert [one.request.body for one in cassette.interactions] == [
        b"", '{"name": "café"}'.encode(), b"a=1&b=two+words", b"from a file", b"\xff\xfe\x00raw",
    ]  # fmt: skip
    assert [one.response.body for one in cassette.interactions] == [
        ITEMS, "größer".encode(), b"", ALL_BYTES, b"OK",
    ]  # fmt: skip
    assert cassette.interactions[0].response.headers == Headers(
        (("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    )
    assert cassette.interactions[4].request.headers == Headers((("X-Tuple", "one"),))


@pytest.mark.parametrize("name", ["vcrpy-1.13-to-3.0.json", "vcrpy-4.4-to-9.4.json"])
def test_the_json_of_every_vcrpy_since_1_13(name: str) -> None:
    cassette = store.read(SAMPLES / name)
    assert [one.request.body for one in cassette.interactions] == [
        b"", '{"name": "café"}'.encode(), b"a=1&b=two+words",
    ]  # fmt: skip
    assert [one.response.status for one in cassette.interactions] == [200, 201, 204]


@pytest.mark.parametrize("name", ["betamax-0.9.json", "betamax-0.9-exact.json"])
def test_betamax_s_json(name: str) -> None:
    cassette = store.read(SAMPLES / name)
    first, second, third = cassette.interactions
    assert (first.request.url, first.response.body) == ("http://api.example.com/items?page=1", ITEMS)
    assert second.request.body == b'{"name": "caf\\u00e9"}'
    assert (third.response.body, third.response.encoding) == (b'{"a":1}', "gzip")
    assert (third.response.reason, third.response.headers.get_all("Set-Cookie")) == ("OK", ("a=1", "b=2"))
    assert str(first.recorded_at).startswith("2026-11-21T")
    assert not cassette.is_ours


def test_cassetter_s_yaml() -> None:
    cassette = store.read(SAMPLES / "cassetter-0.16.yaml")
    binary, unzipped, items, posted, form = cassette.interactions
    assert binary.response.body == ALL_BYTES
    assert unzipped.response.body == b'{"a": 1}'
    assert items.response.body == b'{"items": [1, 2], "name": "caf\\u00e9"}'
    assert len(items.response.body) == int(items.response.headers.get("Content-Length") or 0)
    assert (posted.request.body, form.request.body) == (b'{"name": "caf\\u00e9"}', b"a=1")
    assert (items.response.status, items.request.body) == (200, b"")
    assert str(items.recorded_at).startswith("2026-11-21T")


def read(body: str, tmp_path: Path, *, top: str = "interactions") -> bytes:
    path = tmp_path / "tape.yaml"
    path.write_text(
        f"{top}:\n- request: {{method: GET, uri: 'http://a.example/', body: '', headers: {{}}}}\n"
        f"  response: {{status: {{code: 200}}, headers: {{}}, body: {body}}}\n",
        "utf-8",
    )
    return store.read(path).interactions[0].response.body


def test_betamax_s_text_is_of_the_encoding_that_it_names(tmp_path: Path) -> None:
    def of(body: str) -> bytes:
        return read(body, tmp_path, top="http_interactions")

    assert of("{encoding: ISO-8859-1, string: größer}") == "größer".encode("latin-1")
    assert of("{encoding: nobody knows it, string: größer}") == "größer".encode()
    assert of("{encoding: ascii, string: größer}") == "größer".encode()
    assert of("{encoding: null}") == b""


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("{type: binary, content: xyz}", "`content` is no valid hexadecimal"),
        ("{type: text}", "A body of type text has no `content`"),
        ("{type: protobuf, content: a}", "A body is of type 'protobuf', which is none of json, text, binary and none"),
    ],
)
def test_what_cassetter_never_writes_is_an_error_with_its_line(body: str, cause: str, tmp_path: Path) -> None:
    with pytest.raises(CassetteUnreadableError, match="line 3") as caught:
        read(body, tmp_path)
    assert cause in str(caught.value)


def test_a_text_body_of_cassetter(tmp_path: Path) -> None:
    assert read("{type: text, content: as it was}", tmp_path) == b"as it was"


def test_vcrpy_s_stub_for_tornado_lists_headers(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    text = "interactions:\n- request: {method: GET, uri: 'http://a.example/', body: '', headers: {}}\n  response:\n"
    text += "    status: {code: 200, message: OK}\n    body: {string: !!python/unicode 'as it was'}\n    headers:\n"
    path.write_text(f"{text}    - !!python/tuple\n      - Via\n      - [one, two]\n", "utf-8")
    response = store.read(path).interactions[0].response
    assert (response.headers.fields, response.body) == ((("Via", "one"), ("Via", "two")), b"as it was")
    path.write_text(f"{text}    - [Via]\n", "utf-8")
    with pytest.raises(CassetteUnreadableError, match="must be a list of its name and its values"):
        store.read(path)
