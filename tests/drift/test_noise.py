"""What two takes differ in by themselves, with and without further takes as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]


@pytest.mark.parametrize(
    ("name", "stored", "fresh"),
    [
        ("id", "cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR"),
        ("id", 17, 18),
        ("created", 1795218279, 1795218282),
        ("created", 1795218279.5, 1795218282.25),
        ("at", "2026-11-20T23:46:02.000Z", "2026-11-20T23:46:06.123Z"),
        ("day", "2026-11-20", "2026-11-21"),
        ("token", "biwMZVTV6Co8OnUoPXUgMw==", "A7h0lHNC5Y2a+r7E0h+P4A=="),
        ("query_ms", 1.4049090000298747, 1.4031819999900108),
        ("took", 12, 1400),
        ("took", "12", "1400"),
        ("message", "validator 0x25a3ebdb3ec0 failed", "validator 0xb3ad58b9c20 failed"),
    ],
)
def test_values_of_one_volatile_class_are_noise(
    check: Check, answer: Answer, name: str, stored: Any, fresh: Any
) -> None:
    seen = check([answer({name: stored})], [answer({name: fresh})])
    assert seen.findings == ()
    (noise,) = seen.noise
    assert (noise.where, noise.pointer, noise.interaction) == ("body", f"/{name}", 0)
    assert (noise.stored, noise.fresh) == (stored, fresh)
    assert noise.why


def test_a_value_that_differs_between_two_takes_of_a_side_is_noise(check: Check, answer: Answer) -> None:
    red, green, blue = (answer({"color": color}) for color in ("red", "green", "blue"))
    assert [str(finding.kind) for finding in check([red], [green]).findings] == ["value-changed"]
    for takes in ({"stored_takes": [[blue]]}, {"fresh_takes": [[blue]]}):
        seen = check([red], [green], **takes)
        assert seen.findings == ()
        assert "takes differ there too" in seen.noise[0].why


def test_sets_written_as_arrays_have_no_order_until_takes_show_one(check: Check, answer: Answer, told: Told) -> None:
    old, new = answer({"roles": ["user", "admin", "guest"]}), answer({"roles": ["admin", "user", "guest"]})
    assert told(check([old], [new])) == []
    takes = {"stored_takes": [[old]], "fresh_takes": [[new]]}
    assert told(check([old], [new], **takes)) == [("info", "value-changed", "/roles/*")]


def test_another_order_of_what_has_no_identity_is_told_once(check: Check, answer: Answer, told: Told) -> None:
    rows = [{"type": "a", "on": True}, {"type": "b", "on": True}, {"type": "c", "on": True}]
    seen = check([answer({"rows": rows})], [answer({"rows": rows[::-1]})])
    assert told(seen) == [("info", "value-changed", "/rows")]
    assert (seen.findings[0].stored, seen.findings[0].fresh) == ([0, 1, 2], [2, 1, 0])


def test_ids_that_both_sides_agree_on_are_no_noise(check: Check, answer: Answer, told: Told) -> None:
    old, new = answer({"id": "cus_SLlAfpovZYiu0u"}), answer({"id": "cus_K9wJ5n6D3NWfoR"})
    assert told(check([old], [new], stored_takes=[[old]], fresh_takes=[[new]])) == [("info", "value-changed", "/id")]
    assert told(check([old], [new], stored_takes=[[old]])) == []


@pytest.mark.parametrize(
    ("old", "new", "is_clock"),
    [
        ("2026-11-20", "2026-11-21", True),
        (1795132800, 1795219200, True),
        ("2020-02-12", "2022-04-12", False),
        (1581550664, 1649726389, False),
    ],
)
def test_a_clock_may_agree_within_a_side_and_a_datum_may_not(  # noqa: PLR0913 - three fixtures, three values
    check: Check, answer: Answer, told: Told, old: Any, new: Any, *, is_clock: bool
) -> None:
    then = answer({"day": old}, headers=[("Date", "Fri, 20 Nov 2026 23:46:02 GMT")])
    now = answer({"day": new}, headers=[("Date", "Sat, 21 Nov 2026 23:46:02 GMT")])
    seen = check([then], [now], stored_takes=[[then]], fresh_takes=[[now]])
    assert told(seen) == ([] if is_clock else [("info", "value-changed", "/day")])


def test_without_a_clock_of_the_takes_any_time_may_be_one(check: Check, answer: Answer, told: Told) -> None:
    old, new = answer({"day": "2020-02-12"}), answer({"day": "2022-04-12"})
    assert told(check([old], [new], stored_takes=[[old]], fresh_takes=[[new]])) == []
    old, new = answer({"day": "12:00:01"}), answer({"day": "14:00:01"})
    assert told(check([old], [new], stored_takes=[[old]], fresh_takes=[[new]])) == []


def test_takes_never_excuse_presence_type_or_layout(check: Check, answer: Answer, told: Told) -> None:
    old, other = answer({"a": "red", "id": "x"}), answer({"a": "blue", "id": "x"})
    takes = {"stored_takes": [[other]]}
    assert told(check([old], [answer({"id": "x"})], **takes)) == [("breaking", "field-removed", "/a")]
    assert told(check([old], [answer({"a": 5, "id": "x"})], **takes)) == [("breaking", "type-changed", "/a")]
    old, other = (answer({"at": f"2026-01-02T03:04:0{n}Z"}) for n in (1, 2))
    new = answer({"at": "2026-01-02T03:04:05+00:00"})
    assert told(check([old], [new], stored_takes=[[other]])) == [("breaking", "format-changed", "/at")]


def test_takes_that_vary_in_layout_or_reference_excuse_just_that(check: Check, answer: Answer, told: Told) -> None:
    plain, zoned = answer({"at": "2026-01-02T03:04:05Z"}), answer({"at": "2026-01-02T03:04:05+00:00"})
    assert told(check([plain], [zoned], stored_takes=[[zoned]])) == []
    ids = "cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR", "cus_zFjt3LaAquN79g"
    stored, fresh = answer({"id": ids[0], "last": ids[0]}), answer({"id": ids[1], "last": ids[2]})
    assert told(check([stored], [fresh])) == [("risky", "reference-changed", "/last")]
    assert told(check([stored], [fresh], stored_takes=[[fresh]])) == []


def test_what_takes_show_of_presence_is_shape(check: Check, answer: Answer, told: Told) -> None:
    whole, lean = answer({"a": 1, "b": 2}), answer({"a": 1})
    assert told(check([whole], [lean], stored_takes=[[lean]], fresh_takes=[[whole]])) == []
    assert told(check([whole], [lean], fresh_takes=[[whole]])) == [("risky", "field-removed", "/b")]


def test_evidence_holds_for_its_exact_place_alone(check: Check, answer: Answer, told: Told) -> None:
    old, other = answer({"a": "red", "b": "red"}), answer({"a": "blue", "b": "red"})
    assert told(check([old], [answer({"a": "x", "b": "y"})], stored_takes=[[other]])) == [
        ("info", "value-changed", "/b")
    ]
