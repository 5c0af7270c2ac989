"""The table of severities, by what a user's API may do overnight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Between = Callable[..., list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]


@pytest.mark.parametrize(
    ("stored", "fresh", "finding"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, ("breaking", "field-removed", "/b")),
        ({"a": 1}, {"a": 1, "b": None}, ("additive", "field-added", "/b")),
        ({"a": 5}, {"a": "5"}, ("breaking", "type-changed", "/a")),
        ({"a": 5}, {"a": 5.5}, ("breaking", "type-changed", "/a")),
        ({"a": True}, {"a": 1}, ("breaking", "type-changed", "/a")),
        ({"a": [1]}, {"a": {"0": 1}}, ("breaking", "type-changed", "/a")),
        ([{"a": 1}], {"a": 1}, ("breaking", "type-changed", "")),
        ({"a": "x"}, {"a": None}, ("breaking", "nullability-changed", "/a")),
        ({"a": None}, {"a": "x"}, ("additive", "nullability-changed", "/a")),
        ({"a": [1, 2]}, {"a": []}, ("risky", "array-emptied", "/a")),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, ("info", "length-changed", "/a")),
        ({"a": []}, {"a": [1]}, ("info", "length-changed", "/a")),
        ({"a": "blue"}, {"a": "green"}, ("info", "value-changed", "/a")),
        ({"a": True}, {"a": False}, ("info", "value-changed", "/a")),
        ({"at": "2026-01-02T03:04:05Z"}, {"at": "2026-01-02T03:04:05+00:00"}, ("breaking", "format-changed", "/at")),
        ({"n": "1.50"}, {"n": "free"}, ("breaking", "format-changed", "/n")),
        ({"id": "cus_SLlAfpovZYiu0u"}, {"id": "gcus_K9wJ5n6D3NWfoR"}, ("breaking", "format-changed", "/id")),
        ({"a": {"b/c": {"d~": 1}}}, {"a": {"b/c": {}}}, ("breaking", "field-removed", "/a/b~1c/d~0")),
        ({"l": [{"x": 1}, {"x": 2}]}, {"l": [{"x": 1}, {"x": "2"}]}, ("breaking", "type-changed", "/l/*/x")),
        ({"api_version": "2019-12-03"}, {"api_version": "2020-08-27"}, ("info", "value-changed", "/api_version")),
    ],
)
def test_a_change_of_a_body(between: Between, stored: Any, fresh: Any, finding: tuple[str, str, str]) -> None:
    assert between(stored, fresh) == [finding]


@pytest.mark.parametrize(
    ("statuses", "severity"),
    [
        ((200, 201), "breaking"),
        ((200, 403), "breaking"),
        ((200, 302), "risky"),
        ((301, 308), "risky"),
        ((404, 410), "risky"),
        ((404, 200), "risky"),
        ((302, 404), "breaking"),
    ],
)
def test_a_change_of_status(check: Check, answer: Answer, told: Told, statuses: tuple[int, int], severity: str) -> None:
    seen = check(*([answer({"a": 1}, status=status)] for status in statuses))
    assert told(seen) == [(severity, "status-changed", "")]
    assert (seen.findings[0].stored, seen.findings[0].fresh) == statuses


def test_answers_of_two_families_are_told_apart_by_their_status_alone(check: Check, answer: Answer, told: Told) -> None:
    page = [("Content-Type", "text/html")]
    seen = check([answer({"a": 1})], [answer(b"<html>no</html>", status=404, headers=page)])
    assert told(seen) == [("breaking", "status-changed", ""), ("info", "header-changed", "content-type")]


def test_a_body_that_is_no_json_any_more(between: Between) -> None:
    assert between({"a": 1}, b"Service moved") == [("breaking", "body-kind-changed", "")]
    assert between({"a": 1}, b'{"a": 1') == [("breaking", "body-kind-changed", "")]


def test_an_error_code_is_riskier_than_an_error_message(between: Between) -> None:
    old = {"error": {"code": "card_declined", "message": "No."}}
    new = {"error": {"code": "declined", "message": "Nope."}}
    assert between(old, new, status=402) == [
        ("risky", "value-changed", "/error/code"),
        ("info", "value-changed", "/error/message"),
    ]
    assert between(old, new, status=200)[0][0] == "info"


def test_an_absence_that_a_second_sighting_contradicts_is_risky(check: Check, answer: Answer, told: Told) -> None:
    stored = [answer({"a": 1, "b": 2}), answer({"a": 1, "b": 3}, url="https://api.test/v1/things?x=1")]
    fresh = [answer({"a": 1}), answer({"a": 1, "b": 3}, url="https://api.test/v1/things?x=1")]
    assert told(check(stored, fresh)) == [("breaking", "field-removed", "/b")]  # another query is another question
    stored = [answer([{"a": 1}, {"a": 2}])]
    assert told(check(stored, [answer([{"a": 1}, {}])])) == [("risky", "field-removed", "/*/a")]
    assert told(check(stored, [answer([{"a": 1}, {"a": None}])])) == [("risky", "nullability-changed", "/*/a")]


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ([{"a": 1}, {}], [{}, {"a": 1}]),
        ([{"a": 1}, {"a": None}], [{"a": None}, {"a": 1}]),
        ([{"a": 1}, {"a": "x"}], [{"a": "x"}, {"a": 1}]),
        ([{"a": "2026-01-02"}, {"a": "2026-01-02T03:04:05Z"}], [{"a": "2026-01-02T03:04:05Z"}] * 2),
    ],
)
def test_what_was_seen_before_is_nothing(between: Between, stored: Any, fresh: Any) -> None:
    assert between(stored, fresh) == []


@pytest.mark.parametrize(
    ("stored", "fresh", "kind"),
    [
        ([{"a": 1}, {}], [{}, {}], "field-removed"),
        ([{"a": 1}, {}], [{"a": 1}, {"a": 1}], "field-added"),
        ([{"a": 1}, {"a": None}], [{"a": None}, {"a": None}], "nullability-changed"),
        ([{"a": None}, {"a": 1}], [{"a": 1}, {"a": 1}], "nullability-changed"),
        ([{"a": 1}, {"a": "x"}], [{"a": "x"}, {"a": "x"}], "type-changed"),
    ],
)
def test_a_variant_that_is_gone_altogether_is_mentioned(between: Between, stored: Any, fresh: Any, kind: str) -> None:
    assert between(stored, fresh) == [("info", kind, "/*/a")]


def test_a_new_type_in_a_union_is_additive(between: Between) -> None:
    stored = [{"a": 1}, {"a": "x"}, {"a": 2}]
    assert between(stored, [{"a": 1}, {"a": "x"}, {"a": [2]}]) == [("additive", "type-changed", "/*/a")]


def test_objects_of_different_kinds_do_not_make_each_other_s_fields_optional(between: Between) -> None:
    card, bank = {"object": "card", "brand": "Visa"}, {"object": "bank", "iban": "DE00"}
    assert between([card, bank], [{"object": "card"}, bank]) == [("breaking", "field-removed", "/*/brand")]


def test_an_array_that_was_empty_before_may_be_so_again(between: Between) -> None:
    assert between([{"a": [1]}, {"a": []}], [{"a": []}, {"a": []}]) == [("info", "length-changed", "/*/a")]


def test_an_accepted_media_type_is_a_question_of_its_own(check: Check, answer: Answer, told: Told) -> None:
    short = [("Accept", "application/vnd.short+json")]
    url = "https://api.test/v1/things"
    stored = [answer({"a": 1, "b": 2}, url=url), answer({"a": 1, "b": 2}, url=url, sent_headers=short)]
    fresh = [answer({"a": 1, "b": 2}, url=url), answer({"a": 1}, url=url, sent_headers=short)]
    assert told(check(stored, fresh)) == [("breaking", "field-removed", "/b")]


def test_a_repeated_member_is_noticed(between: Between) -> None:
    once, twice = b'{"a": {"b": [{"c": 1}]}}', b'{"a": {"b": [{"c": 2, "c": 1}]}}'
    assert between(once, twice) == [("breaking", "format-changed", "/a/b/*/c")]
    assert between(twice, once) == [("info", "value-changed", "/a/b/*/c")]
    assert between(twice, twice) == []
