from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.match import ABSENT, Difference, MatchRules, match, request_key
from undrift.model import Headers, Request

FORM = "application/x-www-form-urlencoded"

scalars = st.sampled_from([None, True, False, 0, 1, 1.0, 1.5, "", "1", "a"])
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab/~"), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["a", "b", "%61", "%ff"])
pairs = st.lists(st.tuples(names, st.sampled_from(["", "1", "%31", "+"])), max_size=3)
forms = pairs.map(lambda found: "&".join(map("=".join, found)))
parts = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["text/plain", "application/json"]), st.sampled_from("12{")),
    max_size=3,
)


def to_multipart(found: list[tuple[str, str, str]], boundary: str) -> bytes:
    disposition = "Content-Disposition: form-data"
    sections = (
        f'--{boundary}\r\n{disposition}; name="{name}"\r\nContent-Type: {media_type}\r\n\r\n{value}\r\n'
        for name, media_type, value in found
    )
    return f"{''.join(sections)}--{boundary}--".encode()


bodies = (
    json_values.map(lambda value: ("application/json", json.dumps(value).encode()))
    | forms.map(lambda text: (FORM, text.encode()))
    | st.builds(
        lambda found, boundary, subtype: (
            f"multipart/{subtype}; boundary={boundary}",
            to_multipart(found, boundary),
        ),
        parts,
        st.sampled_from("xy"),
        st.sampled_from(["form-data", "mixed"]),
    )
    | st.tuples(
        st.sampled_from(["text/plain", "application/json", FORM, "multipart/mixed"]),
        st.sampled_from([b"", b"\xff", b"a=1"]),
    )
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    media_type, body = draw(bodies)
    fields = [("Content-Type", media_type)]
    if draw(st.booleans()):
        fields.append(("Stripe-Version", draw(st.sampled_from("12"))))
    if draw(st.booleans()):
        fields.append(("X-Amz-Target", draw(st.sampled_from("AB"))))
    host = draw(st.sampled_from(["http://h", "http://H:80", "https://h", "http://i:81", "no url"]))
    path = draw(st.sampled_from(["", "/", "/a", "/%61"]))
    return Request(draw(st.sampled_from(["GET", "POST"])), f"{host}{path}?{draw(forms)}", Headers.of(fields), body)


rule_sets = st.builds(
    MatchRules, st.sampled_from([(), ("stripe-version", "x-amz-target")]), st.sampled_from([(), ("a", "/a", "/*/b")])
)


@given(requests(), rule_sets)
def test_every_request_matches_itself(request: Request, rules: MatchRules) -> None:
    assert match(request, request, rules).matched


@given(requests(), requests(), rule_sets)
def test_a_match_is_an_equal_key_has_no_reasons_and_goes_both_ways(
    recorded: Request, sent: Request, rules: MatchRules
) -> None:
    result = match(recorded, sent, rules)
    assert result.matched == (request_key(recorded, rules) == request_key(sent, rules))
    assert result.matched == (not result.reasons)
    assert result.matched == match(sent, recorded, rules).matched


@given(requests(), bodies, rule_sets)
def test_of_two_bodies_too(recorded: Request, other: tuple[str, bytes], rules: MatchRules) -> None:
    sent = Request(recorded.method, recorded.url, recorded.headers.with_value("Content-Type", other[0]), other[1])
    result = match(recorded, sent, rules)
    assert result.matched == (request_key(recorded, rules) == request_key(sent, rules))
    assert result.matched == (not result.reasons)
    assert {reason.part for reason in result.reasons} <= {"body", "header"}
    json.dumps([side for reason in result.reasons for side in (reason.recorded, reason.sent) if side is not ABSENT])


def reasons(recorded: Request, sent: Request, rules: MatchRules | None = None) -> tuple[Difference, ...]:
    return match(recorded, sent, rules or MatchRules()).reasons


def post(body: Any, media_type: str = "application/json", **headers: str) -> Request:
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    fields = (("Content-Type", media_type), *((name.replace("_", "-"), value) for name, value in headers.items()))
    return Request("POST", "https://api.example.com/v1", Headers(fields), content)


def body_reasons(recorded: Any, sent: Any, media_type: str = "application/json") -> list[tuple[str, Any, Any]]:
    found = reasons(post(recorded, media_type), post(sent, media_type))
    assert {reason.part for reason in found} == {"body"}
    return [(reason.at, reason.recorded, reason.sent) for reason in found]


def test_each_part_of_a_request_has_its_own_difference() -> None:
    recorded = Request("GET", "https://api.example.com/v1/a?x=1&y=2&y=3&z=%FF", Headers((("X-Amz-Target", "A"),)))
    sent = Request("POST", "http://api.example.com:81/v1/b?x=2&y=2&w=", Headers((("Accept", "b"),)), b"hello")
    assert reasons(recorded, sent, MatchRules(match_headers=("Accept",))) == (
        Difference("method", "", "GET", "POST"),
        Difference("url", "", "https://api.example.com", "http://api.example.com:81"),
        Difference("path", "", "/v1/a", "/v1/b"),
        Difference("query", "x", "1", "2"),
        Difference("query", "y", ["2", "3"], "2"),
        Difference("query", "z", "\\xff", ABSENT),
        Difference("query", "w", ABSENT, ""),
        Difference("header", "x-amz-target", "A", ABSENT),
        Difference("header", "accept", ABSENT, "b"),
        Difference("body", "", "", "hello"),
    )


def test_what_is_no_url_has_no_origin() -> None:
    assert reasons(Request("GET", "/a"), Request("GET", "http://h/a")) == (Difference("url", "", ABSENT, "http://h"),)


@pytest.mark.parametrize(
    ("recorded", "sent", "expected"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"c": 3}, "a": 1}, [("/b/c", 2, 3)]),
        ({"a/b": 1, "m~n": 1}, {"a/b": 2, "m~n": 1}, [("/a~1b", 1, 2)]),
        ({"a": None}, {"b": 0.5}, [("/a", None, ABSENT), ("/b", ABSENT, 0.5)]),
        ({"a": True}, {"a": 1}, [("/a", True, 1)]),
        ([1, 2, 3], [1, 5, 3], [("/1", 2, 5)]),
        ([1, 2, 3], [1, 3], [("/1", 2, ABSENT)]),
        ([1, 3], [1, {"x": [2]}, 3], [("/1", ABSENT, {"x": [2]})]),
        ([1, 1], [1, 1, 1], [("/2", ABSENT, 1)]),
        ([1, 2], [3], [("/0", 1, 3), ("/1", 2, ABSENT)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("/a", [1], {"0": 1})]),
        ("text", "other", [("", "text", "other")]),
    ],
)
def test_json_is_compared_field_by_field(recorded: Any, sent: Any, expected: list[tuple[str, Any, Any]]) -> None:
    recorded, sent = json.dumps(recorded), json.dumps(sent)
    assert body_reasons(recorded, sent) == expected


def test_numbers_are_shown_as_numbers_where_those_are_exact() -> None:
    found = body_reasons("[1.25, 0.1000000000000000055511151231257827, 1e40]", "[1.5, 0.1, 2e40]")
    assert found == [
        ("/0", 1.25, 1.5),
        ("/1", "0.1000000000000000055511151231257827", 0.1),
        ("/2", 1e40, 2e40),
    ]


def test_masked_places_do_not_show() -> None:
    rules = MatchRules(volatile=("/a/t", "n"))
    found = reasons(post({"a": {"t": 1, "b": 1}}), post({"a": [2]}), rules)
    assert found == (Difference("body", "/a", {"t": "<volatile>", "b": 1}, [2]),)
    assert reasons(post("n=1&a=1", FORM), post("a=2&n=2", FORM), rules) == (Difference("body", "a", "1", "2"),)
    assert reasons(post("n=1", FORM), post("n=1&n=2", FORM), rules) == (
        Difference("body", "n", "<volatile>", ["<volatile>", "<volatile>"]),
    )


def test_forms_are_compared_field_by_field() -> None:
    assert body_reasons("a=1&b=x%20y&c=%C3%A4%FF", "b=x+z&a=1", FORM) == [
        ("b", "x y", "x z"),
        ("c", "ä\\xff", ABSENT),
    ]


def test_multipart_is_compared_part_by_part() -> None:
    def form(*found: tuple[str, str, str]) -> Request:
        return post(to_multipart(list(found), "x"), "multipart/form-data; boundary=x")

    plain, as_json = "text/plain", "application/json"
    assert reasons(
        form(("a", plain, "1"), ("b", as_json, '{"c": 1}'), ("d", as_json, "[1]"), ("e", plain, "1")),
        form(("a", plain, "2"), ("b", as_json, '{"c": 2}'), ("d", "text/html", "[1]"), ("f", as_json, '{"g": 1}')),
    ) == (
        Difference("body", "a", "1", "2"),
        Difference("body", "b/c", 1, 2),
        Difference(
            "body",
            "d",
            'content-disposition: form-data; name="d"; content-type: application/json',
            'content-disposition: form-data; name="d"; content-type: text/html',
        ),
        Difference("body", "d", [1], "[1]"),
        Difference("body", "e", "1", ABSENT),
        Difference("body", "f", ABSENT, {"g": 1}),
    )
    assert reasons(form(("a", FORM, "x=1")), form(("a", FORM, "x=2"), ("b", FORM, "x=1"))) == (
        Difference("body", "x", "1", "2"),
        Difference("body", "b", ABSENT, "<form>"),
    )


def test_parts_in_another_order_differ_where_order_counts() -> None:
    def mixed(*order: str) -> Request:
        return post(to_multipart([(name, "text/plain", "1") for name in order], "x"), "multipart/mixed; boundary=x")

    assert reasons(mixed("a", "b"), mixed("b", "a")) == (Difference("body", "", ["a", "b"], ["b", "a"]),)


def test_a_body_of_another_kind_is_shown_whole_with_its_media_type() -> None:
    assert reasons(post("a=1", FORM), post({"a": 1})) == (
        Difference("header", "content-type", FORM, "application/json"),
        Difference("body", "", "a=1", '{"a": 1}'),
    )
    assert reasons(post("a=1", FORM), post("a=1", "text/plain")) == (
        Difference("header", "content-type", FORM, "text/plain"),
    )
    assert reasons(post('{"a":1}'), post('{"a":1')) == (Difference("body", "", '{"a":1}', '{"a":1'),)
    untyped = Request("POST", "https://api.example.com/v1", body=b"a=1")
    assert reasons(untyped, post("a=1", FORM)) == (Difference("header", "content-type", ABSENT, FORM),)


def test_of_long_bodies_only_the_stretch_around_the_difference_is_kept() -> None:
    [(_, recorded, sent)] = body_reasons(
        "x" * 10_000 + "a" + "y" * 10_000, "x" * 10_000 + "b" + "y" * 10_000, "text/plain"
    )
    assert len(recorded) == len(sent) == 2_002
    assert recorded.startswith("…x")
    assert recorded.endswith("y…")
    assert recorded.replace("a", "b") == sent
    [(_, recorded, sent)] = body_reasons("x" * 10_000, "x" * 10_001, "text/plain")
    assert (recorded, sent) == ("…" + "x" * 1_999, "…" + "x" * 2_000)
    [(_, recorded, sent)] = body_reasons({"a": "x" * 10_000}, {})
    assert (recorded, sent) == ("x" * 2_000 + "…", ABSENT)


def test_the_absent_side_says_so() -> None:
    assert repr(ABSENT) == str(ABSENT) == "absent"
