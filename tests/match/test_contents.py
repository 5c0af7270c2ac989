from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.match import MatchRules, request_key
from undrift.model import Headers, Request

NONE = MatchRules()
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=10,
)


def post(body: bytes | str, media_type: str | None = JSON) -> Request:
    fields = () if media_type is None else (("Content-Type", media_type),)
    return Request("POST", "http://h/", Headers(fields), body.encode() if isinstance(body, str) else body)


def are_equal(one: Request, other: Request, rules: MatchRules = NONE) -> bool:
    return request_key(one, rules) == request_key(other, rules)


def multipart(boundary: str, *parts: str, subtype: str = "form-data", newline: str = "\r\n") -> Request:
    sections = "".join(f"--{boundary}{newline}{part}{newline}" for part in parts)
    return post(f"{sections}--{boundary}--{newline}", f"multipart/{subtype}; boundary={boundary}")


def field(name: str, value: str, more: str = "") -> str:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":[1,2]}', '{ "b": [1, 2],\n "a": 1 }'),
        ("1", "1.0"),
        ("100", "1e2"),
        ("0", "-0.0"),
        ("0", "0e999"),
        ("0.1", "0.10"),
        ("0.1", "1e-1"),
        ("1e500", "10e499"),
        ("1" + "0" * 40, "1e40"),
        ("-123456789012345678", "-123456789012345678.0"),
        (r'"\u00e9\ud83d\ude00\/"', '"é😀/"'),
        ("[" * 200 + "]" * 200, "[" * 200 + " " + "]" * 200),
        ("[" + "{}, " * 300 + "1]", "[" + "{}," * 300 + "1]"),
    ],
)
def test_json_that_means_the_same_is_equal(one: str, other: str) -> None:
    assert are_equal(post(one), post(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", '"1"'),
        ("1", "true"),
        ("0", "false"),
        ("null", "[]"),
        ("[]", "{}"),
        ("[1,2]", "[2,1]"),
        ("{}", '{"a":null}'),
        ("9007199254740993", "9007199254740992.0"),
        ("0.1", "0.1000000000000000055511151231257827"),
        ("1e400", "1e401"),
        ("1.5", '[NaN,"15e-1"]'),
        # What is not strictly JSON, or is nested beyond reason, is compared by its bytes.
        ('{"a":1,"a":2}', '{"a":1, "a":2}'),
        ("NaN", " NaN"),
        ("1e99999999999999999999", "1.0e99999999999999999999"),
        ("[" * 201 + "]" * 201, "[" * 201 + " " + "]" * 201),
        ("[" * 100_000 + "]" * 100_000, "[" * 100_000 + " " + "]" * 100_000),
        ('{"a":1', '{"a":1 '),
    ],
)
def test_json_that_means_something_else_is_not_equal(one: str, other: str) -> None:
    assert not are_equal(post(one), post(other))
    assert are_equal(post(one), post(one))


@given(json_values)
def test_json_equals_itself_however_it_is_written(value: object) -> None:
    assert are_equal(post(json.dumps(value)), post(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)))


@pytest.mark.parametrize(
    "media_type",
    [
        JSON,
        "application/json; charset=utf-8",
        "text/json",
        "application/vnd.api+json",
        "application/x-amz-json-1.1",
        # Clients that send JSON under these are known: curl -d, and urllib's default.
        FORM,
        None,
    ],
)
def test_json_is_seen_where_it_is_claimed_or_nothing_else_is(media_type: str | None) -> None:
    assert are_equal(post('{"a": 1}', media_type), post('{"a":1}'))


def test_other_media_types_are_compared_as_bytes() -> None:
    assert not are_equal(post('{"a": 1}', "text/plain"), post('{"a":1}', "text/plain"))
    assert are_equal(post(b"\xff\x00", "image/png"), post(b"\xff\x00", "application/octet-stream"))
    assert not are_equal(post(b"\xff\x00", "image/png"), post(b"\xff\x01", "image/png"))
    assert not are_equal(post("a=1&b=2", "text/plain"), post("b=2&a=1", "text/plain"))


def test_an_empty_body_is_one_whatever_its_media_type() -> None:
    assert are_equal(post("", JSON), post("", FORM))
    assert not are_equal(post("", JSON), post("{}", JSON))


def test_forms_are_equal_whatever_the_order_of_their_names() -> None:
    assert are_equal(post("a=1&b=2&a=3", FORM), post("b=%32&a=1&&a=3", FORM))
    assert not are_equal(post("a=1&b=2&a=3", FORM), post("a=3&b=2&a=1", FORM))
    assert not are_equal(post("a=%FF", FORM), post("a=%FE", FORM))
    assert not are_equal(post(b"a=\xff", FORM), post(b"a=\xfe", FORM))
    assert not are_equal(post("a=1", FORM), post("a=1", JSON))


def test_multipart_is_equal_whatever_its_boundary() -> None:
    one = multipart("xyz", field("a", "1"), field("b", "2"))
    assert are_equal(one, multipart("another-one", field("a", "1"), field("b", "2")))
    assert are_equal(one, multipart("xyz", field("b", "2"), field("a", "1")))
    assert are_equal(one, multipart("xyz", field("a", "1", "\r\nContent-Length: 1"), field("b", "2")))
    assert not are_equal(one, multipart("xyz", field("a", "1"), field("b", "3")))
    assert not are_equal(one, multipart("xyz", field("a", "1")))
    assert not are_equal(one, multipart("xyz", field("a", "1"), field("b", "2", '; filename="b.txt"')))
    assert not are_equal(one, multipart("xyz", field("a", "1"), field("b", "2"), subtype="mixed"))


def test_multipart_keeps_the_order_of_equal_names_and_of_parts_that_are_no_form() -> None:
    one, two = field("a", "1"), field("a", "2")
    assert not are_equal(multipart("x", one, two), multipart("x", two, one))
    plain, json_part = "Content-Type: text/plain\r\n\r\nhello", "Content-Type: application/json\r\n\r\n[1, 2]"
    mixed = multipart("x", plain, json_part, subtype="mixed")
    assert are_equal(mixed, multipart("y", plain, json_part.replace(", ", ","), subtype="mixed"))
    assert not are_equal(mixed, multipart("x", json_part, plain, subtype="mixed"))


def test_parts_may_have_parts() -> None:
    def nested(inner: str, value: str) -> Request:
        part = f"Content-Type: multipart/mixed; boundary={inner}\r\n\r\n--{inner}\r\n\r\n{value}\r\n--{inner}--"
        return multipart("outer", part, subtype="mixed")

    assert are_equal(nested("one", "1"), nested("two", "1"))
    assert not are_equal(nested("one", "1"), nested("one", "2"))


def test_multipart_without_end_boundary_or_heads_is_still_compared() -> None:
    torn = "--x\r\n" + field("a", "1")
    assert are_equal(post(torn, "multipart/form-data; boundary=x"), post(torn, "multipart/form-data; boundary=x"))
    assert not are_equal(
        post(torn, "multipart/form-data; boundary=x"), post(torn + "2", "multipart/form-data; boundary=x")
    )
    assert not are_equal(post("--x\r\n--x--", "multipart/mixed"), post("--y\r\n--y--", "multipart/mixed"))
    assert are_equal(multipart("x", "no head"), multipart("y", "no head"))
    assert not are_equal(multipart("x", "no head"), multipart("y", "another"))
    assert are_equal(multipart("x", field("a", ""), newline="\n"), multipart("y", field("a", "")))
    assert are_equal(
        multipart("x", "Content-Disposition: form-data; name=a\r\n\r\n1"),
        multipart("y", "content-disposition: form-data; name=a\r\n\r\n1"),
    )


@pytest.mark.parametrize(
    ("place", "one", "other"),
    [
        ("/id", '{"id": 1, "a": 1}', '{"id": [2], "a": 1}'),
        ("/a/*/t", '{"a": [{"t": 1}, {"t": 2}]}', '{"a": [{"t": 3}, {"t": 4}]}'),
        ("/a/*", '{"a": {"x": 1}}', '{"a": {"x": 2}}'),
        ("/a/1", '{"a": [1, 2]}', '{"a": [1, 3]}'),
        ("/x~1y/m~0n", '{"x/y": {"m~n": 1}}', '{"x/y": {"m~n": 2}}'),
        ("", "[1]", "{}"),
    ],
)
def test_volatile_places_in_json_are_masked(place: str, one: str, other: str) -> None:
    assert not are_equal(post(one), post(other))
    assert are_equal(post(one), post(other), MatchRules(volatile=(place,)))


def test_masking_hides_a_value_but_never_its_presence_or_its_neighbours() -> None:
    rules = MatchRules(volatile=("/a/b",))
    assert not are_equal(post('{"a": {"b": 1}}'), post('{"a": {}}'), rules)
    assert not are_equal(post('{"a": {"b": 1, "c": 1}}'), post('{"a": {"b": 1, "c": 2}}'), rules)
    assert not are_equal(post('{"a": 1}'), post('{"a": 2}'), rules)
    assert not are_equal(post('{"a": {"b": 1}}'), post('{"a": {"b": "<volatile>"}}'))


def test_volatile_form_fields_and_parts_are_masked() -> None:
    rules = MatchRules(volatile=("nonce", "/t"))
    assert are_equal(post("nonce=1&a=2", FORM), post("a=2&nonce=3", FORM), rules)
    assert not are_equal(post("nonce=1&a=2", FORM), post("a=2", FORM), rules)
    one = multipart("x", field("nonce", "1"), field("a", '{"t": 1}', "\r\nContent-Type: application/json"))
    other = multipart("y", field("nonce", "2"), field("a", '{"t": 2}', "\r\nContent-Type: application/json"))
    assert not are_equal(one, other)
    assert are_equal(one, other, rules)
    assert not are_equal(one, multipart("x", field("nonce", "1")), rules)
