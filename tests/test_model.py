from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift import model
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response

NAMES = st.sampled_from(["Accept", "accept", "ACCEPT", "Set-Cookie", "set-cookie", "X-One"])
PAIRS = st.lists(st.tuples(NAMES, st.text("ab", max_size=2)), max_size=6)


@given(PAIRS)
def test_headers_keep_order_case_and_repeats(pairs: list[tuple[str, str]]) -> None:
    headers = Headers.of(pairs)
    assert list(headers) == pairs
    assert len(headers) == len(pairs)


@given(PAIRS, NAMES)
def test_look_ups_ignore_case(pairs: list[tuple[str, str]], name: str) -> None:
    headers = Headers.of(pairs)
    values = tuple(value for field, value in pairs if field.lower() == name.lower())
    assert headers.get_all(name) == values
    assert headers.get(name) == (values[0] if values else None)
    assert (name in headers) is bool(values)


@given(PAIRS, NAMES)
def test_without_takes_out_that_field_and_no_other(pairs: list[tuple[str, str]], name: str) -> None:
    rest = Headers.of(pairs).without(name)
    assert list(rest) == [pair for pair in pairs if pair[0].lower() != name.lower()]
    assert Headers.of(pairs).without() == Headers.of(pairs)


@given(PAIRS, NAMES)
def test_with_value_leaves_one_value_in_the_first_place(pairs: list[tuple[str, str]], name: str) -> None:
    headers = Headers.of(pairs)
    changed = headers.with_value(name, "new")
    assert changed.get_all(name) == ("new",)
    assert changed.without(name) == headers.without(name)
    places = [place for place, (field, _) in enumerate(pairs) if field.lower() == name.lower()]
    place = places[0] if places else len(headers)
    assert list(changed)[place] == (pairs[place][0] if places else name, "new")


def test_headers_from_a_mapping_of_lists() -> None:
    headers = Headers.from_lists({"Set-Cookie": ["a=1", "b=2"], "Accept": ["*/*"], "Empty": []})
    assert list(headers) == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Accept", "*/*")]


def test_every_value_is_frozen_and_has_no_room_for_more() -> None:
    values = [value for value in vars(model).values() if isinstance(value, type) and dataclasses.is_dataclass(value)]
    assert len(values) == 6
    for value in values:
        assert "__slots__" in vars(value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request("GET", "https://a.example/").method = "POST"  # type: ignore[misc] # that is the point


def test_a_cassette_with_other_interactions_is_the_same_otherwise() -> None:
    one = Interaction(Request("GET", "https://a.example/"), Response(200))
    cassette = Cassette((one,), test="test_x", metadata={"mine": 1}, is_ours=False)
    other = cassette.with_interactions([one, one])
    assert (len(cassette), len(other)) == (1, 2)
    assert other == dataclasses.replace(cassette, interactions=(one, one))


def test_printing_shows_nothing_that_may_be_a_secret() -> None:
    told = "s3cr3t"
    headers = Headers.of([("X-Key", told), ("X-Key", told)])
    request = Request("POST", f"https://ann:{told}@a.test/{told}?{told}", headers, told.encode(), told)
    response = Response(200, told, headers, told.encode())
    interaction = Interaction(request, response)
    failure = Failure(0, request, "timeout", told)
    cassette = Cassette((interaction,), (failure,), told, ((told, told),), {told: told})

    shown = [repr(thing) for thing in (headers, request, response, interaction, failure, cassette)]

    assert not any(told in text for text in shown)
    assert shown[:3] == [
        "<Headers: 2 fields>",
        "<Request: POST, 2 header fields, 6 bytes>",
        "<Response: 200, 2 header fields, 6 bytes>",
    ]
    assert shown[3:] == [
        f"<Interaction: {request}, {response}>",
        f"<Failure: timeout at 0, {request}>",
        "<Cassette: 1 interactions, 1 failures>",
    ]
