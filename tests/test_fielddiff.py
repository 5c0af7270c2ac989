"""Two parsed bodies in, changes at pointers out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.fielddiff import ChangeKind, diff, pattern, pointer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def told(stored: Any, fresh: Any, **more: Any) -> list[tuple[str, str]]:
    return [(change.kind.value, pointer(change.path)) for change in diff(stored, fresh, **more)]


@pytest.mark.parametrize(
    ("stored", "fresh", "changes"),
    [
        (1, 1, []),
        (1, 2, [("value", "")]),
        (1, 1.0, [("type", "")]),
        (1.0, 1, [("type", "")]),
        (2.5, 3, [("value", "")]),
        (3, 2.5, [("type", "")]),
        (True, 1, [("type", "")]),
        (None, None, []),
        (None, 0, [("null", "")]),
        ({}, None, [("null", "")]),
        ("1", 1, [("type", "")]),
        ({}, [], [("type", "")]),
        ({"a": 1}, {}, [("removed", "/a")]),
        ({}, {"a": {"b": 1}}, [("added", "/a")]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ([1, 2], [2, 1], [("value", "/0"), ("value", "/1")]),
        ([1, 2], [1], [("length", "")]),
        ([], [1], [("length", "")]),
        ([[1], [2]], [[1]], [("length", "")]),
        ([[1]], [["x"], []], [("length", ""), ("type", "/0/0")]),
        ([{"a": 1}], [{"a": 2}, {"a": 3}], [("length", ""), ("value", "/0/a")]),
        (b"a", b"b", [("value", "")]),
    ],
)
def test_changes(stored: Any, fresh: Any, changes: list[tuple[str, str]]) -> None:
    assert told(stored, fresh) == changes


def test_a_change_has_both_values_and_both_ways() -> None:
    (change,) = diff([{"id": "a", "n": 1}, {"id": "b", "n": 2}], [{"id": "b", "n": 3}, {"id": "a", "n": 1}])
    assert change.kind is ChangeKind.VALUE
    assert (pointer(change.path), pointer(change.fresh_path)) == ("/1/n", "/0/n")
    assert (change.stored, change.fresh) == (2, 3)


def test_elements_are_paired_by_identity_before_position() -> None:
    stored = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": "c"}]
    assert told(stored, [stored[2], stored[0], stored[1]]) == []
    assert told(stored, stored[1:]) == [("length", "")]
    assert told(stored, [*stored[1:], {"id": 9, "v": "a"}]) == [("value", "/0/id")]
    assert told([{"name": "x", "v": 1}, {"name": "x", "v": 2}], [{"name": "x", "v": 1}] * 2) == [("value", "/1/v")]
    assert told([{"id": 1}], [{"id": True}]) == [("type", "/0/id")]
    assert told([{"id": None, "v": 1}], [{"id": None, "v": 2}]) == [("value", "/0/v")]
    assert told([{"id": 1}, 5], [{"id": 1}, 6]) == [("value", "/1")]


def test_elements_are_paired_by_the_names_that_their_ids_have_now() -> None:
    renames = {"a": "x", "b": "y"}
    stored, fresh = [{"id": "a", "v": 1}, {"id": "b", "v": 2}], [{"id": "y", "v": 2}, {"id": "x", "v": 1}]
    assert told(stored, fresh, renamed=lambda text: renames.get(text, text)) == [
        ("value", "/0/id"),
        ("value", "/1/id"),
    ]


def test_elements_are_paired_by_what_only_they_say() -> None:
    stored = [{"type": "a", "on": True, "n": 1}, {"type": "b", "on": True, "n": 2}, {"type": "c", "on": True, "n": 3}]
    assert told(stored, [stored[2], stored[0], stored[1]]) == [("order", "")]
    assert told(stored, [stored[0], stored[1] | {"n": 5}, stored[2]]) == [("value", "/1/n")]
    assert told(stored, [stored[1], stored[0], {"type": "d", "on": False}]) == [
        ("order", ""),
        ("value", "/2/type"),
        ("value", "/2/on"),
        ("removed", "/2/n"),
    ]
    elements = [{"Key": [name], "Kind": ["x"]} for name in "abc"]
    assert told(elements, elements[::-1]) == [("order", "")]
    assert told([{"a": "x"}, {"a": "y"}], [{"a": "y"}, {"a": "x"}]) == [("value", "/0/a"), ("value", "/1/a")]
    kinds = [{"type": kind, "id": number} for kind, number in (("a", "41"), ("b", "42"))]
    assert told(kinds, [{"type": "b", "id": "51"}, {"type": "a", "id": "52"}]) == [
        ("order", ""),
        ("value", "/0/id"),
        ("value", "/1/id"),
    ]
    mixed = ["x", {"set": "a", "value": "b"}, {"set": "c", "value": "d"}]
    assert told(mixed, [mixed[0], mixed[2], mixed[1]]) == [("order", "")]


def test_elements_are_paired_by_any_id_of_theirs() -> None:
    stored, fresh = [{"device_id": "a", "v": 1}, {"device_id": "b", "v": 2}], [{"device_id": "y"}, {"device_id": "x"}]
    renames = {"a": "x", "b": "y"}
    assert told(stored, fresh, renamed=lambda text: renames.get(text, text)) == [
        ("order", ""),
        ("value", "/0/device_id"),
        ("removed", "/0/v"),
        ("value", "/1/device_id"),
        ("removed", "/1/v"),
    ]


def test_the_same_texts_in_another_order_are_marked() -> None:
    assert [change.is_reordered for change in diff(["a", "b", "c"], ["b", "a", "c"])] == [True, True]
    assert [change.is_reordered for change in diff(["a", "b"], ["b", "c"])] == [False, False]
    assert [change.is_reordered for change in diff(["a", 1], [1, "a"])] == [False, False]


def test_a_text_that_should_have_become_another_is_a_change() -> None:
    assert told({"a": "x", "b": "y"}, {"a": "x", "b": "y"}, expected={"x": "z", "y": "y"}) == [("value", "/a")]


def test_maps_from_ids_or_days_are_paired_as_their_values_are() -> None:
    old, new = "cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR"
    assert told({old: {"n": 1}}, {new: {"n": 1}}) == []
    assert told({old: {"n": 1}}, {new: {"n": 2}}) == [("value", f"/{old}/n")]
    assert told({"2026-11-20": 1, "2026-11-21": 2}, {"2026-11-21": 2, "2026-11-22": 1}) == []
    assert told({"a": {"n": 1}}, {"b": {"n": 1}}, renamed={"a": "b"}.__getitem__) == []
    assert told({"name": 1}, {"title": 1}) == [("removed", "/name"), ("added", "/title")]
    assert told({old: 1, "x": 1}, {new: 1}) == [("removed", "/x")]
    assert told({"ed25519:a_AHGA": {"n": 1}}, {"ed25519:a_vHVt": {"n": 1}}) == []
    assert told({"user_Name": 1}, {"user_iden": 1}) == [("removed", "/user_Name"), ("added", "/user_iden")]
    assert told({old: 1}, {}) == [("removed", f"/{old}")]


def test_pointers_follow_the_rfc() -> None:
    assert pointer(("a/b", "c~d", 0, "", "é")) == "/a~1b/c~0d/0//é"
    assert pattern(("a", 3, "0", 7)) == "/a/*/0/*"
    assert pointer(("\ud800",)) == "/\\ud800"


def test_not_a_number_equals_itself() -> None:
    assert told([float("nan")], [float("nan")]) == []
    assert told([float("nan")], [1.0]) == [("value", "/0")]


def test_a_hundred_thousand_elements_and_two_thousand_levels() -> None:
    numbers = list(range(100_000))
    assert told(numbers, [*numbers[:-1], -1]) == [("value", "/99999")]
    stored: Any = 1
    fresh: Any = 2
    for _ in range(2_000):
        stored, fresh = {"a": [stored]}, {"a": [fresh]}
    (change,) = diff(stored, fresh)
    assert len(change.path) == 4_000


@given(JSON)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert diff(value, value) == ()


@given(JSON, JSON)
def test_a_difference_is_seen_from_both_sides(one: Any, other: Any) -> None:
    assert bool(diff(one, other)) == bool(diff(other, one))
