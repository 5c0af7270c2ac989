"""Earlier nights as evidence: what comes and goes is nothing, what stays is told each night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.drift import Context, Earlier, Night, Severity, Tonight, examine, open_groups, settle
from undrift.drift.nights import comes_and_goes, is_word
from undrift.drift.results import Kind
from undrift.drift.shape import Place
from undrift.drift.verdict import ShapeChange
from undrift.model import Cassette

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from undrift.drift import Comparison
    from undrift.drift.shape import Group
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]

CONTEXT = Context("a.yaml")
KEY = ("a.yaml", "0")
REMOVED = ShapeChange(Kind.FIELD_REMOVED, "int", "null")
HERE, GONE = frozenset({"int"}), frozenset({"absent"})


def night_of(answer: Answer, *bodies: Any) -> tuple[Group, Night]:
    tonight = Tonight()
    fresh = Cassette(tuple(answer(body) for body in bodies))
    tonight.see(KEY, fresh, fresh)
    ((key, group, night),) = tonight.nights()
    assert key == KEY
    return group, night


@pytest.fixture(name="judged")
def _judged(answer: Answer) -> Callable[..., Comparison]:
    """Compare two bodies in the light of what earlier nights answered."""

    def judged(stored: Any, fresh: Any, nights: Sequence[Any], others: Sequence[Any] = ()) -> Comparison:
        draft = examine(Cassette((answer(stored),)), Cassette((answer(fresh),)), CONTEXT)
        (group,) = open_groups(draft)
        own = {group: [night_of(answer, body)[1] for body in nights]}
        other = {group: [[night_of(answer, body)[1] for body in others]]}
        return settle(draft, CONTEXT, draft.before, draft.after, Earlier(own, own, other))

    return judged


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": "one"}),
        ({"a": 1}, {"a": None}),
        ({"a": None}, {"a": 1}),
        ({"a": [1]}, {"a": []}),
        ({"a": {"kind": "x", "b": [{"c": 1}]}}, {"a": {"kind": "x", "b": [{"c": None}]}}),
        ({"a": [1, 2]}, {"a": ["1", "2"]}),
    ],
)
def test_what_came_and_went_is_nothing_and_what_came_and_stayed_is_told(
    judged: Callable[..., Comparison], stored: Any, fresh: Any
) -> None:
    without = judged(stored, fresh, []).findings
    assert [finding.severity > Severity.INFO for finding in without] == [True]
    assert judged(stored, fresh, [fresh]).findings == without
    assert judged(stored, fresh, [stored]).findings == without
    seen = judged(stored, fresh, [fresh, stored])
    assert seen.findings == ()
    assert [one.why for one in seen.noise] == ["it came and went on earlier nights"]
    # It lasts longer than it ever did.
    assert judged(stored, fresh, [fresh, stored, fresh]).findings == without


nights = st.lists(st.sampled_from([HERE, GONE, HERE | GONE, frozenset[str]()]), max_size=30)


@given(nights, st.sampled_from([GONE, HERE | GONE]), st.integers(0, 5))
def test_what_is_told_one_night_is_told_on_the_next(
    earlier: list[frozenset[str]], tonight: frozenset[str], dropped: int
) -> None:
    if not comes_and_goes(REMOVED, earlier):
        assert not comes_and_goes(REMOVED, [*earlier, tonight][dropped:])


@given(nights)
def test_an_absence_that_no_later_night_took_back_excuses_nothing(earlier: list[frozenset[str]]) -> None:
    if not any(
        "absent" in seen and any(later == HERE for later in earlier[at + 1 :]) for at, seen in enumerate(earlier)
    ):
        assert not comes_and_goes(REMOVED, earlier)


def test_once_excuses_two_nights_at_the_most() -> None:
    once = [*[GONE] * 20, HERE]
    assert comes_and_goes(REMOVED, [*once, GONE])
    assert not comes_and_goes(REMOVED, [*once, GONE, GONE])


STATE = [{"state": "open"}] * 3 + [{"state": "closed"}] * 3


def severities(found: Comparison) -> list[Severity]:
    return [finding.severity for finding in found.findings]


def test_a_word_that_no_night_knows_is_risky_and_is_so_until_it_goes(judged: Callable[..., Comparison]) -> None:
    stored, fresh = {"state": "open"}, {"state": "archived"}
    first, second = (judged(stored, fresh, [*STATE, *more]) for more in ([], [fresh]))
    assert severities(first) == severities(second) == [Severity.RISKY]
    assert first.findings == second.findings
    assert first.findings[0].id == judged(stored, fresh, []).findings[0].id
    assert severities(judged(stored, fresh, [*STATE, fresh, stored])) == [Severity.INFO]


@pytest.mark.parametrize(
    ("earlier", "others", "fresh"),
    [
        (STATE, [], "closed"),
        (STATE[:4], [], "archived"),
        (STATE, [{"state": "archived"}, {"state": "open"}], "archived"),
        (STATE, [{"state": "any text"}], "archived"),
        ([{"state": name} for name in ("ann", "bob", "cleo", "dora", "eve")], [], "fred"),
        (STATE, [], "quite another"),
        ([{"other": 1}] * 9, [], "archived"),
    ],
)
def test_a_value_stays_info_where_it_is_known_or_many_are(
    judged: Callable[..., Comparison], earlier: list[Any], others: list[Any], fresh: str
) -> None:
    assert severities(judged({"state": "open"}, {"state": fresh}, earlier, others)) == [Severity.INFO]


@pytest.mark.parametrize("value", ["cus_8fT2kXq1LmZ0aB", "2026-01-02", "7", "two words", "x" * 41, 7, None, ""])
def test_what_is_made_up_each_time_is_no_word(value: Any) -> None:
    assert not is_word(value)


def test_a_night_says_what_each_place_showed(answer: Answer) -> None:
    words = [f"w{'abcdefghijklm'[at]}" for at in range(12)]
    group, night = night_of(answer, {"a": {"kind": "x", "b": [1, None]}, "w": words}, {"a": {"kind": "y"}}, 7, [])

    def seen(*steps: str | int, holder: str = "") -> set[str] | None:
        shown = night.at(Place(group, steps, holder))
        return None if shown is None else set(shown.seen)

    assert seen("w") == {"array", "absent"}
    assert seen("a", "b") == {"array", "absent"}
    assert seen("a", "b", holder="x") == {"array"}
    assert seen("a", "b", holder="y") == {"absent"}
    assert seen("a", "b", 0) == {"int", "null"}
    assert seen() is None
    assert seen("c", "d") is None
    many = night.at(Place(group, ("w", 0)))
    assert many is not None
    assert many.is_open
    assert len(many.words) == 10


def test_a_table_with_keys_of_its_own_is_not_kept(answer: Answer) -> None:
    group, night = night_of(answer, {"table": {f"k{at}": {} for at in range(501)}})
    assert night.at(Place(group, ("table",))) is not None
    assert night.at(Place(group, ("table", "k1"))) is None


def test_what_has_no_places_is_not_kept(answer: Answer) -> None:
    tonight = Tonight()
    fresh = Cassette((answer(7), answer(b"text")))
    tonight.see(KEY, fresh, fresh)
    assert list(tonight.nights()) == []
