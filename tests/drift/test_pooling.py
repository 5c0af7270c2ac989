"""What other cassettes show of a place counts in the judgement of a change of shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from undrift.drift import Context, Severity, answers, examine, pool, questions, settle, unanswered
from undrift.model import Cassette

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison, Draft
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]

CONTEXT = Context("a.yaml")


@pytest.fixture(name="pooled")
def _pooled(answer: Answer) -> Callable[..., Comparison]:
    """Compare two bodies in the light of two others of the same endpoint."""

    def pooled(stored: Any, fresh: Any, other_stored: Any, other_fresh: Any) -> Comparison:
        one = examine(Cassette((answer(stored),)), Cassette((answer(fresh),)), CONTEXT)
        other = Cassette((answer(other_stored),)), Cassette((answer(other_fresh),))
        more = answers(*other, *questions([one]))
        return settle(one, CONTEXT, pool(one.before, more[0]), pool(one.after, more[1]))

    return pooled


A, B = {"a": 1, "b": 2}, {"a": 1}


def test_what_no_other_cassette_shows_stays_what_it_is(pooled: Callable[..., Comparison]) -> None:
    (finding,) = pooled(A, B, A, B).findings
    assert finding.severity is Severity.BREAKING
    assert finding.story == ("no fresh answer has the field",)


def test_an_absence_that_another_fresh_answer_contradicts_is_risky(pooled: Callable[..., Comparison]) -> None:
    assert [finding.severity for finding in pooled(A, B, A, A).findings] == [Severity.RISKY]


def test_what_came_and_went_in_another_cassette_is_nothing(pooled: Callable[..., Comparison]) -> None:
    seen = pooled(A, B, B, A)
    assert seen.findings == ()
    assert [(one.path, one.why) for one in seen.noise] == [("/b", "the field was absent before")]


def test_what_was_recorded_after_the_change_excuses_nothing(pooled: Callable[..., Comparison]) -> None:
    assert [finding.severity for finding in pooled(A, B, B, B).findings] == [Severity.BREAKING]


def test_a_type_that_another_stored_answer_has_is_known(pooled: Callable[..., Comparison]) -> None:
    one, other = {"a": 1}, {"a": "x"}
    assert pooled(one, other, other, one).findings == ()
    assert [finding.severity for finding in pooled(one, other, one, one).findings] == [Severity.BREAKING]


def test_only_cassettes_of_the_same_endpoint_are_asked(answer: Answer) -> None:
    def draft(stored: Any, fresh: Any, path: str) -> Draft:
        old, new = (Cassette((answer(body, url=f"https://api.test{path}"),)) for body in (stored, fresh))
        return examine(old, new, CONTEXT)

    one = draft(A, B, "/v1/things")
    asked = questions([one])
    assert not unanswered(one, *asked)
    assert unanswered(draft(A, A, "/v1/things"), *asked)
    assert not unanswered(draft(A, A, "/v1/others"), *asked)
