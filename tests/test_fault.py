from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.errors import UsageError
from undrift.fault import Fault, FaultKind, FaultPlan
from undrift.model import Headers, Response

ordinals = st.integers(0, 10_000)

# Frozen: a plan that somebody wrote down must mean the same tomorrow.
PLAN_OF_SEED_7 = [
    Fault(FaultKind.DELAY, delay=timedelta(milliseconds=414)),
    Fault(FaultKind.TRUNCATE, cut=11851594187738718115),
    None,
    Fault(FaultKind.DELAY, delay=timedelta(milliseconds=980)),
    None,
    None,
    Fault(FaultKind.STATUS, status=502),
    Fault(FaultKind.STATUS, status=503, retry_after=timedelta(seconds=1)),
]


def test_a_seed_gives_this_very_plan_on_every_machine() -> None:
    plan = FaultPlan(seed=7, rate=0.5)
    assert [plan.fault_for(ordinal) for ordinal in range(8)] == PLAN_OF_SEED_7


@given(st.integers(), ordinals, st.floats(0, 1))
def test_the_same_seed_gives_the_same_fault(seed: int, ordinal: int, rate: float) -> None:
    assert FaultPlan(seed, rate).fault_for(ordinal) == FaultPlan(seed, rate).fault_for(ordinal)


def test_another_seed_gives_another_plan() -> None:
    first, second = ([FaultPlan(seed).fault_for(ordinal) for ordinal in range(100)] for seed in (1, 2))
    assert first != second


def test_the_rate_is_the_share_of_answers_that_fail() -> None:
    def failing(rate: float) -> int:
        return sum(FaultPlan(3, rate).fault_for(ordinal) is not None for ordinal in range(2_000))

    assert failing(0) == 0
    assert failing(1) == 2_000
    assert 400 < failing(0.25) < 600


def test_a_higher_rate_keeps_the_faults_of_a_lower_one() -> None:
    few, many = ({at for at in range(500) if FaultPlan(3, rate).fault_for(at)} for rate in (0.1, 0.3))
    assert few < many


@given(ordinals)
def test_every_fault_keeps_to_the_limits_of_its_plan(ordinal: int) -> None:
    plan = FaultPlan(
        rate=1, longest_delay=timedelta(milliseconds=5), statuses=(418, 429), retry_after=timedelta(seconds=7)
    )
    fault = plan.fault_for(ordinal)
    assert fault is not None
    match fault.kind:
        case FaultKind.DELAY:
            assert timedelta(milliseconds=1) <= fault.delay <= timedelta(milliseconds=5)
        case FaultKind.TRUNCATE:
            assert 0 <= fault.kept_bytes(100) < 100
            assert fault.kept_bytes(0) == 0
        case FaultKind.STATUS:
            assert (fault.status, fault.retry_after) in {(418, None), (429, timedelta(seconds=7))}
        case _:
            assert fault == Fault(FaultKind.RESET)


@pytest.mark.parametrize("kind", FaultKind)
def test_only_the_kinds_asked_for_happen(kind: FaultKind) -> None:
    plan = FaultPlan(rate=1, kinds=(kind,))
    found = [plan.fault_for(ordinal) for ordinal in range(20)]
    assert {fault.kind for fault in found if fault is not None} == {kind}
    assert len(found) == 20


def test_a_fixed_fault_comes_before_what_is_drawn() -> None:
    fault = Fault(FaultKind.STATUS, status=503)
    plan = FaultPlan(rate=0, fixed=((2, fault),))
    assert [plan.fault_for(ordinal) for ordinal in range(4)] == [None, None, fault, None]


def test_another_status_is_an_answer_without_a_body() -> None:
    late = Fault(FaultKind.STATUS, status=429, retry_after=timedelta(seconds=2))
    assert late.answer() == Response(429, "Too Many Requests", Headers((("Content-Length", "0"), ("Retry-After", "2"))))
    assert Fault(FaultKind.STATUS, status=599).answer() == Response(599, "", Headers((("Content-Length", "0"),)))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"rate": 1.5}, "The rate of faults is 1.5"),
        ({"rate": -0.1}, "The rate of faults is -0.1"),
        ({"kinds": ()}, "needs a kind"),
        ({"statuses": ()}, "needs statuses"),
        ({"statuses": (200,)}, "The status 200 is no failure"),
        ({"statuses": (503, 600)}, "The status 600 is no failure"),
        ({"longest_delay": timedelta(0)}, "too short"),
        ({"retry_after": timedelta(seconds=-1)}, "too short"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        FaultPlan(**settings)  # type: ignore[arg-type]  # wrong on purpose


def test_no_statuses_are_needed_where_none_is_changed() -> None:
    assert FaultPlan(rate=1, kinds=(FaultKind.RESET,), statuses=()).fault_for(0) == Fault(FaultKind.RESET)
