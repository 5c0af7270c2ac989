"""What could not be checked is never clean, and never drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.drift import Attribution, Context, Reason, Verdict, compare
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]

REQUEST = Request("GET", "https://api.test/v1/things")


@pytest.mark.parametrize("kind", ["dns", "connection-refused", "tls", "timeout", "reset"])
def test_a_fresh_failure_is_could_not_check(kind: str) -> None:
    stored = Cassette((Interaction(REQUEST, Response(200)),) * 2)
    seen = compare(stored, Cassette(failures=(Failure(0, REQUEST, kind, "no"),)), Context("a.yaml", test="t"))
    assert [problem.reason for problem in seen.could_not_check] == [kind]
    assert seen.could_not_check[0].test == "t"
    assert seen.findings == ()
    assert seen.verdict is Verdict.COULD_NOT_CHECK
    assert seen.interactions == 0


def test_a_failure_of_an_unknown_kind_is_not_compared() -> None:
    seen = compare(Cassette(), Cassette(failures=(Failure(0, REQUEST, "odd"),)), Context("a.yaml"))
    assert [problem.reason for problem in seen.could_not_check] == [Reason.NOT_COMPARED]


def test_a_failure_that_was_recorded_too_is_nothing() -> None:
    failed = Cassette(failures=(Failure(0, REQUEST, "timeout"),))
    seen = compare(failed, failed, Context("a.yaml"))
    assert seen.could_not_check == ()
    twice = Cassette(failures=(Failure(0, REQUEST, "timeout"), Failure(0, REQUEST, "timeout")))
    assert len(compare(failed, twice, Context("a.yaml")).could_not_check) == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (200, 503, "server-error"),
        (404, 500, "server-error"),
        (200, 429, "rate-limited"),
        (503, 429, "rate-limited"),
        (200, 401, "unauthorized"),
    ],
)
def test_a_refusal_is_could_not_check(check: Check, answer: Answer, old: int, new: int, reason: str) -> None:
    seen = check([answer({"a": 1}, status=old)], [answer({"b": 1}, status=new)])
    assert [problem.reason for problem in seen.could_not_check] == [reason]
    assert str(new) in seen.could_not_check[0].detail
    assert (seen.findings, seen.interactions) == ((), 0)


@pytest.mark.parametrize(("old", "new"), [(500, 503), (429, 429), (401, 401)])
def test_a_refusal_that_was_recorded_is_compared(check: Check, answer: Answer, old: int, new: int) -> None:
    seen = check([answer({"a": 1}, status=old)], [answer({"a": 1}, status=new)])
    assert seen.could_not_check == ()
    assert seen.interactions == 1


@pytest.mark.parametrize(("outcome", "is_cut_off"), [("failed", True), ("error", True), ("passed", False)])
def test_what_a_failing_test_never_reached_is_no_client_drift(
    check: Check, answer: Answer, outcome: str, *, is_cut_off: bool
) -> None:
    more = [answer({"n": n}, url=f"https://api.test/v1/{n}x", method="POST", sent={}) for n in "abc"]
    seen = check([answer({"a": 1}), *more], [answer({"a": 1})], test_outcome=outcome)
    assert [problem.reason for problem in seen.could_not_check] == (["not-reached"] if is_cut_off else [])
    assert len(seen.findings) == (0 if is_cut_off else 3)
    assert seen.verdict is (Verdict.COULD_NOT_CHECK if is_cut_off else Verdict.CLIENT_DRIFT)


def test_nothing_on_either_side_is_not_called_clean(check: Check) -> None:
    seen = check([], [])
    assert [problem.reason for problem in seen.could_not_check] == ["not-compared"]
    assert seen.verdict is Verdict.COULD_NOT_CHECK


def test_a_body_that_nobody_could_unpack_is_not_compared(check: Check) -> None:
    def packed(body: bytes) -> Interaction:
        return Interaction(REQUEST, Response(200, headers=Headers.of([("Content-Encoding", "br")]), body=body))

    seen = check([packed(b"\xff\x01")], [packed(b"\xff\x02")])
    assert [problem.reason for problem in seen.could_not_check] == ["not-compared"]
    assert "br" in seen.could_not_check[0].detail
    assert check([packed(b"\xff\x01")], [packed(b"\xff\x01")]).could_not_check == ()


@pytest.mark.parametrize(
    ("outcome", "attribution"),
    [
        ("passed", Attribution.STALE_MOCK),
        ("failed", Attribution.BROKEN_BY_DRIFT),
        ("error", Attribution.BROKEN_BY_DRIFT),
        ("compared", Attribution.UNKNOWN),
        ("skipped", Attribution.UNKNOWN),
    ],
)
def test_what_drift_did_to_the_test(check: Check, answer: Answer, outcome: str, attribution: Attribution) -> None:
    seen = check([answer({"a": 1})], [answer({})], test_outcome=outcome)
    assert seen.findings[0].attribution is attribution


def test_a_failing_test_without_drift_is_failed(check: Check, answer: Answer) -> None:
    assert check([answer({})], [answer({})], test_outcome="failed").verdict is Verdict.FAILED
    assert check([answer({})], [answer({})], test_outcome="passed").verdict is Verdict.CLEAN
