"""The verdict on a run, and the exit code that it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from undrift.drift import (
    CouldNotCheck,
    FailOn,
    Finding,
    Kind,
    Occurrence,
    Reason,
    Report,
    Run,
    Severity,
    Verdict,
    Where,
)

RUN = Run("r", "2026-11-21T02:00:00Z", "check")
REPORT = Report("0.1.0", RUN, FailOn.BREAKING, checked_cassettes=1)
BLIND = (CouldNotCheck("a.yaml", None, Reason.DNS, "no"),)


def finding(severity: Severity, where: Where = Where.BODY) -> Finding:
    place = Occurrence("a.yaml", 0, 0, "/a")
    return Finding(severity, Kind.VALUE_CHANGED, where, "s", "GET", "/v1", "/a", 1, 2, (place,))


BREAKING, RISKY, ADDITIVE, INFO = (finding(severity) for severity in reversed(Severity))
CLIENT = finding(Severity.BREAKING, Where.REQUEST)
MENTIONED = finding(Severity.INFO, Where.REQUEST)


@pytest.mark.parametrize(
    ("report", "verdict", "code"),
    [
        (REPORT, Verdict.CLEAN, 0),
        (replace(REPORT, findings=(INFO,)), Verdict.CLEAN, 0),
        (replace(REPORT, findings=(MENTIONED,)), Verdict.CLEAN, 0),
        (replace(REPORT, findings=(ADDITIVE,)), Verdict.ADDITIVE, 0),
        (replace(REPORT, findings=(ADDITIVE,), fail_on=FailOn.ADDITIVE), Verdict.ADDITIVE, 1),
        (replace(REPORT, findings=(ADDITIVE,), failed_tests=1), Verdict.FAILED, 4),
        (replace(REPORT, findings=(ADDITIVE,), could_not_check=BLIND), Verdict.COULD_NOT_CHECK, 3),
        (replace(REPORT, findings=(RISKY,)), Verdict.RISKY, 0),
        (replace(REPORT, findings=(RISKY,), fail_on=FailOn.RISKY, could_not_check=BLIND), Verdict.RISKY, 1),
        (replace(REPORT, findings=(RISKY, CLIENT)), Verdict.CLIENT_DRIFT, 1),
        (replace(REPORT, findings=(BREAKING, CLIENT)), Verdict.BREAKING, 1),
        (replace(REPORT, findings=(BREAKING,), fail_on=FailOn.NEVER), Verdict.BREAKING, 0),
        (replace(REPORT, findings=(BREAKING,), fail_on=FailOn.NEVER, could_not_check=BLIND), Verdict.BREAKING, 3),
        (replace(REPORT, checked_cassettes=0), Verdict.COULD_NOT_CHECK, 3),
        (replace(REPORT, failed_tests=2, could_not_check=BLIND), Verdict.COULD_NOT_CHECK, 3),
    ],
)
def test_the_first_verdict_and_the_first_code_that_apply(report: Report, verdict: Verdict, code: int) -> None:
    assert (report.verdict, report.exit_code) == (verdict, code)


def test_findings_are_counted_by_severity() -> None:
    report = replace(REPORT, findings=(BREAKING, BREAKING, INFO))
    assert [report.count(severity) for severity in Severity] == [1, 0, 0, 2]
    assert Severity.BREAKING.label == "breaking"
