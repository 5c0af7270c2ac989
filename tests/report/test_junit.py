from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.drift.results import CassetteResult, CouldNotCheck, FailOn, Kind, Reason, RulesUsed, Severity, Verdict
from undrift.report import render

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

FLAKE = "failed live without drift: a flake, or state that an earlier run left"


def suite_of(report: Report) -> ET.Element:
    root = ET.fromstring(render(report, "junit"))  # noqa: S314 - our own page, and that it parses is the test
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert root.attrib.items() <= (suite.attrib | {"name": "undrift"}).items()
    return suite


def cases_of(report: Report) -> dict[str, ET.Element]:
    return {f"{case.get('classname')} {case.get('name')}": case for case in suite_of(report).iter("testcase")}


def parts_of(case: ET.Element) -> dict[str, str]:
    return {part.tag: part.text or "" for part in case}


def test_each_cassette_is_a_case_named_as_pytest_names_its_test(night: Report) -> None:
    assert {name: list(parts_of(case)) for name, case in cases_of(night).items()} == {
        "tests.test_customers test_customer": ["failure", "system-out"],
        "tests.test_checkout.TestCheckout test_payment": ["failure", "system-out"],
        "tests.test_checkout test_declined": ["system-out"],
        "tests.test_refunds test_refund[a::b/c]": ["failure", "system-out"],
        "tests.test_balance test_balance": ["error", "system-out"],
        "tests.test_mail test_send": ["error", "system-out"],
        "tests.test_mail test_bounce": ["error", "system-out"],
        "undrift run": ["system-out"],
    }


def test_the_suite_counts_cases(night: Report) -> None:
    suite = suite_of(night)
    assert suite.attrib == {
        "name": "undrift check",
        "tests": "8",
        "failures": "3",
        "errors": "3",
        "timestamp": "2026-11-20T02:00:00Z",
    }
    assert {each.get("name"): each.get("value") for each in suite.iter("property")} == {
        "verdict": "breaking",
        "exit_code": "1",
        "noise": "412",
        "run": "2026-11-20T02-00-00Z-7f3a",
        "tool_version": "0.1.0",
    }


def test_a_failure_tells_each_finding_in_one_line(night: Report) -> None:
    failure = cases_of(night)["tests.test_customers test_customer"].find("failure")
    assert failure is not None
    first, second = (failure.text or "").splitlines()
    assert first == (
        'breaking: GET /v1/customers/{id}: field removed /sources/data/*/brand was "Visa" '
        "(test_customer.yaml #3 (+2 more), confirmed; the tests still pass: the mock is stale)"
    )
    assert second.startswith(
        'breaking: GET /v1/customers/{id}: type changed /account_balance number → string (0 → "0")'
    )
    assert failure.get("message") == f"{first} (+1 more)"
    assert failure.get("type") == "drift"


def test_what_is_below_the_threshold_is_output(night: Report) -> None:
    parts = parts_of(cases_of(night)["tests.test_checkout test_declined"])
    assert parts == {
        "system-out": "cassette: cassettes/tests/test_checkout/test_declined.yaml\n"
        "risky: POST /v1/charges: status changed 402 → 400 (test_declined.yaml #3, not confirmed)"
    }


def test_what_could_not_be_checked_is_an_error(night: Report) -> None:
    error = cases_of(night)["tests.test_balance test_balance"].find("error")
    assert error is not None
    assert error.get("type") == "could-not-check"
    assert error.get("message") == "no credential: STRIPE_TEST_KEY is in neither the environment nor .env.test."


def test_a_test_that_failed_without_drift_is_a_failure(night: Report) -> None:
    failure = cases_of(night)["tests.test_refunds test_refund[a::b/c]"].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.text) == ("failed", FLAKE)


def test_rules_are_output_of_the_run(night: Report) -> None:
    assert parts_of(cases_of(night)["undrift run"]) == {
        "system-out": "expired rule, without effect: stripe GET /v1/customers/{id} /livemode value-changed\n"
        "unused rule: stripe GET /v1/events * value-changed"
    }


@pytest.mark.parametrize(
    ("fail_on", "tag"),
    [(FailOn.RISKY, "failure"), (FailOn.BREAKING, "system-out"), (FailOn.NEVER, "system-out")],
)
def test_the_threshold_decides(make_report: MakeReport, make_finding: MakeFinding, fail_on: FailOn, tag: str) -> None:
    report = make_report(make_finding(Severity.RISKY, Kind.STATUS_CHANGED, stored=1, fresh=2), fail_on=fail_on)
    (case,) = cases_of(report).values()
    assert "status changed 1 → 2" in parts_of(case)[tag]
    assert suite_of(report).get("failures") == str(int(tag == "failure"))


def test_a_clean_night_has_green_cases_alone(make_report: MakeReport) -> None:
    fixture = CassetteResult("cassettes/_fixtures/shop.yaml", None, "passed", Verdict.CLEAN)
    script = CassetteResult("cassettes/main.yaml", "tests/test_main.py", "passed", Verdict.CLEAN)
    suite = suite_of(make_report(cassettes=(fixture, script)))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")
    assert list(cases_of(make_report(cassettes=(fixture, script)))) == [
        "undrift cassettes/_fixtures/shop.yaml",
        "tests.test_main tests/test_main.py",
    ]


def test_a_night_that_checked_nothing_is_not_green(make_report: MakeReport) -> None:
    cases = cases_of(make_report(checked_cassettes=0))
    assert parts_of(cases["undrift run"]) == {"error": "Nothing was checked: there was no cassette to compare."}


def test_tests_that_failed_without_a_cassette_are_not_lost(make_report: MakeReport) -> None:
    cases = cases_of(make_report(failed_tests=2))
    assert parts_of(cases["undrift run"]) == {"failure": "2 tests failed live without drift, 0 of them with a cassette"}


def test_what_has_no_cassette_is_not_lost(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(Severity.BREAKING, Kind.STATUS_CHANGED, stored=1, fresh=2, occurrences=())
    missed = (CouldNotCheck("", None, Reason.TLS, ""), CouldNotCheck("", "tests/test_a.py::test_a", Reason.DNS, "x"))
    cases = cases_of(make_report(finding, could_not_check=missed))
    assert parts_of(cases["undrift run"]) == {
        "failure": "breaking: GET /v1/customers/{id}: status changed 1 → 2",
        "error": "TLS",
    }
    assert parts_of(cases["tests.test_a test_a"])["error"] == "DNS: x"


def test_control_characters_are_removed_or_escaped(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(Severity.RISKY, Kind.VALUE_CHANGED, "/a\x00b", stored="\x1b[31m", fresh="]]>&<")
    report = make_report(finding, rules=RulesUsed(expired=("a\x00\x1b\ufffe\ud800b",)))
    cases = cases_of(report)
    assert parts_of(cases["undrift run"]) == {"system-out": "expired rule, without effect: ab"}
    assert r'/a\u0000b "\u001b[31m" → "]]>&<"' in parts_of(next(iter(cases.values())))["system-out"]


@given(st.data())
def test_any_report_is_valid_xml(hostile_reports: SearchStrategy[Report], data: st.DataObject) -> None:
    report = data.draw(hostile_reports)
    suite = suite_of(report)
    cases = list(suite.iter("testcase"))
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))
    assert suite.get("errors") == str(sum(case.find("error") is not None for case in cases))
    # Where the command fails, CI is red.
    assert (suite.get("failures") != "0" or suite.get("errors") != "0") >= (report.exit_code != 0)
