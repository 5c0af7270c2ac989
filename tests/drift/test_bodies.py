"""Bodies of every kind, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Between = Callable[..., list[tuple[str, str, str]]]


def kind(value: str) -> dict[str, list[tuple[str, str]]]:
    return {"headers": [("Content-Type", value)]}


XML = b'<List xmlns="http://s.test/"><Item><Id>%s</Id>%s</Item></List>'


def test_xml_by_element_names(between: Between) -> None:
    one, other = b"c6104cbe-af31-41e0-8154-cbc7ccf896c7", b"40c9a681-05af-4931-891e-ecb3c0b3bd59"
    size = b"<Size>5</Size>"
    assert between(XML % (one, size), XML % (other, size), **kind("text/xml")) == []
    assert between(XML % (one, size), XML % (other, b""), **kind("text/xml")) == [
        ("breaking", "field-removed", "/List/Item/*/Size")
    ]
    assert between(b"<A/>", b"<B/>", **kind("text/xml")) == [
        ("breaking", "field-removed", "/A"),
        ("additive", "field-added", "/B"),
    ]


def test_lines_of_json_are_an_array(between: Between) -> None:
    assert between(b'{"a": 1}\n{"a": 2}', b'{"a": 1}\n{"a": "2"}', **kind("application/x-ndjson")) == [
        ("breaking", "type-changed", "/*/a")
    ]
    assert between(b'{"a": 1}', b'{"a": 1}\n{"a": 2}') == [("info", "length-changed", "")]


def test_forms_by_their_names(between: Between) -> None:
    form = kind("application/x-www-form-urlencoded")
    assert between(b"a=1&b=2", b"b=2&a=1", **form) == []
    assert between(b"a=1&b=2", b"a=1", **form) == [("breaking", "field-removed", "/b")]
    assert between(b"a=1&a=2", b"a=1&a=3", **form) == [("info", "value-changed", "/a/*")]


def test_the_boundary_of_multipart_says_nothing(between: Between) -> None:
    def parts(boundary: str, name: str) -> bytes:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nv\r\n--{boundary}--\r\n'
        return head.encode()

    mixed = kind("multipart/mixed; boundary=aa")
    assert between(parts("aa", "x"), parts("aa", "x"), **mixed) == []
    assert between(parts("aa", "x"), parts("aa", "y"), **mixed) == [("info", "value-changed", "/*/name")]


def stream(*events: str) -> bytes:
    return "".join(f"{event}\n\n" for event in events).encode()


START, DELTA, STOP = 'data: {"type": "start"}', 'data: {"type": "delta", "text": "%s"}', 'data: {"type": "stop"}'


@pytest.mark.parametrize(
    ("fresh", "finding"),
    [
        ([START, DELTA % "Hello", STOP], []),
        ([START, DELTA % "Hel", DELTA % "lo", DELTA % "!", STOP], []),
        ([START, DELTA % "Hello"], [("breaking", "field-removed", "/events/stop")]),
        ([START, DELTA % "Hello", STOP, "event: ping"], [("additive", "field-added", "/events/ping")]),
        (
            [START, 'data: {"type": "delta"}', STOP],
            [("breaking", "field-removed", "/events/delta/data/text")],
        ),
    ],
)
def test_a_stream_is_its_kinds_of_events(
    between: Between, fresh: list[str], finding: list[tuple[str, str, str]]
) -> None:
    stored = stream(START, DELTA % "Hello", DELTA % "more", STOP)
    found = between(stored, stream(*fresh), **kind("text/event-stream"))
    assert [one for one in found if one[0] != "info"] == finding


def test_text_and_pages(between: Between) -> None:
    page = kind("text/html")
    assert between(b"<p>made at 2026-11-20T23:46:02Z</p>", b"<p>made at 2026-11-20T23:46:09Z</p>", **page) == []
    assert between(b"<p>red</p>", b"<p>blue</p>", **page) == [("info", "text-changed", "")]
    assert between(b"red", b"<p>red</p>", **kind("text/plain")) == [("info", "text-changed", "")]
    assert between(b"2026-11-20", b"Friday", **kind("text/plain")) == [("info", "text-changed", "")]


def test_bytes(between: Between) -> None:
    picture = kind("image/png")
    assert between(b"\x89PNG\xff", b"\x89PNG\xff", **picture) == []
    assert between(b"\x89PNG\xff", b"\x89PNG\xfe\xff", **picture) == [("info", "text-changed", "")]
    assert between(b"\x89PNG\xff", b"hello", **picture) == [("breaking", "body-kind-changed", "")]
    assert between(b"\x89PNG\xff", b"", **picture) == [("breaking", "body-kind-changed", "")]
    assert between(b"", b"\x89PNG\xff", **picture) == [("additive", "body-kind-changed", "")]


def test_bytes_by_their_format_and_the_class_of_their_size(between: Between) -> None:
    picture, png, jpeg = kind("image/png"), b"\x89PNG\r\n\x1a\n\xff", b"\xff\xd8\xff\xe0"
    assert between(png + b"\x00" * 1000, png + b"\x01" * 1100, **picture) == [("info", "text-changed", "")]
    assert between(png + b"\x00" * 1000, png + b"\x01" * 9000, **picture) == [("info", "length-changed", "")]
    assert between(png, jpeg, **picture) == [("breaking", "body-kind-changed", "")]
    assert between(png, b"\xff\xfe\xfd", **picture) == [("breaking", "body-kind-changed", "")]


def test_what_a_report_shows_of_long_and_deep_values(
    check: Callable[..., object], answer: Callable[..., object]
) -> None:
    stored = {"gone": {"text": "x" * 900, "many": list(range(80)), "wide": {str(n): n for n in range(70)}}}
    deep: object = 1
    for _ in range(20):
        deep = [{"a": deep}]
    seen = check([answer({**stored, "deep": deep, "ok": 1})], [answer({"ok": 1})])
    shown = {one.path: one.stored for one in seen.findings}  # type: ignore[attr-defined] # a Comparison
    assert shown["/gone"]["text"] == f"{'x' * 500}… (900 characters)"
    assert shown["/gone"]["many"][-1] == "… 30 more"
    assert shown["/gone"]["wide"]["…"] == "20 more"
    assert shown["/deep"] == [{"a": [{"a": [{"a": "… (an array of 1 elements)"}]}]}]
