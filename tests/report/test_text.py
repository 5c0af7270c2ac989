from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.drift.results import (
    Attribution,
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Kind,
    Noise,
    Occurrence,
    Reason,
    RulesUsed,
    Severity,
    Verdict,
    Where,
)
from undrift.report import render
from undrift.report.plain import visible

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

ANSI = re.compile(r"\x1b\[[0-9;]*m")

NIGHT = """\
Breaking drift: 3 breaking, 3 risky, 2 additive, 12 info in 12 cassettes (140 interactions); 3
  cassettes not fully checked; 1 test failed live without drift.

Breaking (3)
  GET /v1/customers/{id} - the tests still pass: the mock is stale
    - type changed   /account_balance       number → string (0 → "0")
      in test_customer.yaml #3, confirmed
    - field removed  /sources/data/*/brand  was "Visa"
      in test_customer.yaml #3 (+2 more), confirmed
  POST /v1/payment_intents - client drift: the requests changed, not the API
    - request changed  /amount  "2000" → "2500"  in test_payment.yaml #3

Risky (3)
  POST /v1/charges
    - status changed  402 → 400  in test_declined.yaml #3, not confirmed
  GET /v1/payment_intents/{id}
    - deprecation announced  sunset   now "Sat, 01 May 2027 00:00:00 GMT"
      in test_payment.yaml #3, confirmed, the tests still pass: the mock is stale
    - value changed          /status  "requires_source" → "requires_payment_method"
      in test_payment.yaml #3, confirmed, the test fails because of it

Additive (2): the tests still pass: the mock is stale
  GET /v1/customers/{id}
    - field added  /invoice_settings  now {"custom_fields": null, "default_paymen…
      in test_customer.yaml #3, confirmed
    - field added  /tax_exempt        now "none"  in test_customer.yaml #3, confirmed

Info (12)
  - GET /v1/customers/{id}  value changed  /metadata/a  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/b  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/c  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/d  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/e  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/f  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/g  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/h  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/i  "a" → "b"
  - GET /v1/customers/{id}  value changed  /metadata/j  "a" → "b"
  and 2 more (see --format json)

Could not be checked
  connection refused: 127.0.0.1:8420 refused the connection.
    - tests/test_mail.py::test_bounce
    - tests/test_mail.py::test_send
  no credential: STRIPE_TEST_KEY is in neither the environment nor .env.test.
    - tests/test_balance.py::test_balance

1 test failed live without drift: a flake, or state that an earlier run left
  - tests/test_refunds.py::test_refund[a::b/c]

Expired rule, without effect: stripe GET /v1/customers/{id} /livemode value-changed
Unused rule: stripe GET /v1/events * value-changed

What to do now
  undrift accept  take the fresh traffic over into the cassettes, if it is right
  undrift record  record the failing tests again, once they are mended
  undrift check   look again, once what is named above is put right

Exit code 1: there is drift at or above --fail-on breaking.
3 breaking, 3 risky, 2 additive, 12 info; 412 differences were judged noise.
"""

NARROW_NIGHT = """\
Breaking drift: 3 breaking, 3 risky, 2 additive, 12 info in
  12 cassettes (140 interactions); 3 cassettes not fully
  checked; 1 test failed live without drift.

Breaking (3)
  GET /v1/customers/{id} - the tests still pass: the mock is
    stale
    - type changed   /account_balance
      number → string (0 → "0")
      in test_customer.yaml #3, confirmed
    - field removed  /sources/data/*/brand  was "Visa"
      in test_customer.yaml #3 (+2 more), confirmed
  POST /v1/payment_intents - client drift: the requests
    changed, not the API
    - request changed  /amount  "2000" → "2500"
      in test_payment.yaml #3

Risky (3)
  POST /v1/charges
    - status changed  402 → 400
      in test_declined.yaml #3, not confirmed
  GET /v1/payment_intents/{id}
    - deprecation announced  sunset
      now "Sat, 01 May 2027 00:00:00 GMT"
      in test_payment.yaml #3,
      confirmed, the tests still pass: the mock is stale
    - value changed          /status
      "requires_source" → "requires_payment_method"
      in test_payment.yaml #3,
      confirmed, the test fails because of it
"""

DIFF = """\
Breaking drift: 1 breaking, 2 risky in 1 cassette (1 interaction); 1 cassette not fully checked; 2
  comparisons failed without drift.

Breaking (1)
  GET /v1/customers/{id}
    - field removed  /brand  was "Visa"  in customers.yaml #3

Risky (2): client drift: the requests changed, not the API
  POST /v1/charges
    - request missing  in customers.yaml #3
  POST /v1/refunds
    - request added  in customers.yaml fresh #7

Could not be checked
  not compared: It has no counterpart.
    - events.yaml

2 comparisons failed without drift: a flake, or state that an earlier run left

What to do now
  undrift diff STORED FRESH --fail-on breaking  make this fail the run

Exit code 3: not everything could be checked.
1 breaking, 2 risky; 1 difference was judged noise.
"""


def test_a_bad_night(night: Report) -> None:
    assert render(night, "text") == NIGHT


def test_a_bad_night_in_a_narrow_log(night: Report) -> None:
    page = render(night, "text", width=60)
    assert page.startswith(NARROW_NIGHT)
    assert max(map(len, page.splitlines())) <= 60


def test_a_diff_speaks_of_neither_tests_nor_accepting(make_report: MakeReport, make_finding: MakeFinding) -> None:
    report = make_report(
        make_finding(
            Severity.BREAKING,
            Kind.FIELD_REMOVED,
            "/brand",
            stored="Visa",
            attribution=Attribution.STALE_MOCK,
            cassette="customers.yaml",
        ),
        make_finding(
            Severity.RISKY,
            Kind.INTERACTION_ADDED,
            at="POST /v1/refunds",
            occurrences=(Occurrence("customers.yaml", -1, 7, ""),),
        ),
        make_finding(Severity.RISKY, Kind.INTERACTION_MISSING, at="POST /v1/charges", cassette="customers.yaml"),
        command="diff",
        fail_on=FailOn.NEVER,
        could_not_check=(CouldNotCheck("events.yaml", "id", Reason.NOT_COMPARED, "It has no counterpart."),),
        failed_tests=2,
        checked_cassettes=1,
        checked_interactions=1,
        noise=1,
    )
    assert render(report, "text") == DIFF


def test_whoever_asks_is_told_what_was_judged_noise_and_why(make_report: MakeReport, make_finding: MakeFinding) -> None:
    at = "GET", "/v1/customers/{id}"
    noise = (
        Noise(*at, Where.BODY, "/created", "both count since 1970", 12, 0, "/created", 1795218279, 1795218285),
        Noise(*at, Where.BODY, "", "two fresh takes differ there too", 1, 0, "", "a", "b"),
        Noise(*at, Where.HEADER, "etag", "both are of class hex", 1, 0, "etag", "1f2e", "3d4c"),
        Noise("POST", "/v1/charges", Where.REQUEST, "", "it repeats a request", 2, 3, "", "POST https://a", None),
    )
    finding = make_finding(Severity.BREAKING, Kind.FIELD_REMOVED, "/name", stored="Ann")
    info = [make_finding(Severity.INFO, Kind.VALUE_CHANGED, f"/{number}") for number in range(12)]
    report = make_report(finding, *info, noise=16, noise_seen=noise)
    told = render(report, "text", verbose=True)
    assert f"    {finding.id} field removed  /name  was " in told
    assert all(each.id in told for each in info)
    assert (
        """\
Judged noise (16)
  GET /v1/customers/{id}
    - /created  both count since 1970, 12 times: 1795218279 → 1795218285
    - (whole body)  two fresh takes differ there too: "a" → "b"
    - header etag  both are of class hex: "1f2e" → "3d4c"
  POST /v1/charges
    - request  it repeats a request, 2 times: "POST https://a" → null
"""
        in told
    )
    assert "Judged noise" not in render(report, "text")
    assert "Judged noise" not in render(make_report(), "text", verbose=True)


def test_a_clean_night_takes_two_lines(make_report: MakeReport) -> None:
    assert render(make_report(noise=1412), "text") == (
        "Clean: no drift in 12 cassettes (140 interactions).\n1,412 differences were judged noise.\n"
    )


def test_a_clean_night_without_noise_takes_one_line(make_report: MakeReport) -> None:
    report = make_report(checked_cassettes=1, checked_interactions=1)
    assert render(report, "text") == "Clean: no drift in 1 cassette (1 interaction).\n"


def test_a_night_without_cassettes_says_so_first(make_report: MakeReport) -> None:
    assert (
        render(make_report(checked_cassettes=0, checked_interactions=0), "text")
        == """\
Nothing was checked: there was no cassette to compare.

What to do now
  undrift record  record the cassettes, where there are none yet

Exit code 3: nothing was checked.
"""
    )


def test_an_outage_says_first_that_nothing_was_checked(make_report: MakeReport) -> None:
    missed = tuple(
        CouldNotCheck(f"c/test_{at}.yaml", f"tests/test_c.py::test_{at}", Reason.DNS, "api.stripe.com has no address.")
        for at in range(23)
    )
    page = render(make_report(could_not_check=missed, checked_cassettes=0, checked_interactions=0), "text")
    assert page.startswith(
        "Nothing was checked: 23 cassettes not fully checked.\n\nCould not be checked\n  DNS: api.str"
    )
    assert page.count("    - tests/test_c.py::test_") == 20
    assert "    and 3 more (see --format json)\n" in page
    assert page.endswith("Exit code 3: nothing was checked.\n")


def test_a_flake_is_no_drift(make_report: MakeReport) -> None:
    flaky = CassetteResult("cassettes/test_a.yaml", "tests/test_a.py::test_a", "failed", Verdict.FAILED)
    assert (
        render(make_report(cassettes=(flaky,), failed_tests=1), "text")
        == """\
Failed without drift: no drift in 12 cassettes (140 interactions); 1 test failed live without drift.

1 test failed live without drift: a flake, or state that an earlier run left
  - tests/test_a.py::test_a

What to do now
  undrift check  look again, once what is named above is put right

Exit code 4: 1 test failed live without drift.
"""
    )


def test_drift_below_the_threshold_says_how_to_fail_on_it(make_report: MakeReport, make_finding: MakeFinding) -> None:
    page = render(make_report(make_finding(Severity.ADDITIVE, Kind.FIELD_ADDED, "/tax_exempt", fresh="none")), "text")
    assert page.startswith("Additive drift: 1 additive in 12 cassettes (140 interactions).\n")
    assert page.endswith("""\
What to do now
  undrift accept                    take the fresh traffic over into the cassettes, if it is right
  undrift check --fail-on additive  make this fail the run

Exit code 0: no drift is at or above --fail-on breaking.
1 additive.
""")


def test_info_alone_is_clean_and_short(make_report: MakeReport, make_finding: MakeFinding) -> None:
    report = make_report(make_finding(Severity.INFO, Kind.VALUE_CHANGED, "/name", stored="a", fresh="b"), noise=1)
    assert (
        render(report, "text")
        == """\
Clean: 1 info in 12 cassettes (140 interactions).

Info (1)
  - GET /v1/customers/{id}  value changed  /name  "a" → "b"

Exit code 0: no drift is at or above --fail-on breaking.
1 info; 1 difference was judged noise.
"""
    )


def test_rules_are_reported_on_a_clean_night_too(make_report: MakeReport) -> None:
    page = render(make_report(rules=RulesUsed(used=("a",), unused=("b",), expired=("c",))), "text")
    assert page.splitlines()[1:] == ["", "Expired rule, without effect: c", "Unused rule: b"]


def test_services_are_named_where_there_are_two(make_report: MakeReport, make_finding: MakeFinding) -> None:
    stripe = make_finding(Severity.RISKY, Kind.HEADER_REMOVED, "etag", stored="1")
    mail = make_finding(Severity.RISKY, Kind.HEADER_REMOVED, "etag", stored="1", service="mail")
    assert "{id} (mail)\n" in render(make_report(stripe, mail), "text")
    assert "stripe" not in render(make_report(stripe), "text")


def test_cassettes_of_one_name_are_told_apart(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = [
        make_finding(Severity.RISKY, Kind.HEADER_REMOVED, name, stored="1", cassette=f"c/{name}/test_a.yaml")
        for name in ("etag", "vary")
    ]
    page = render(make_report(*findings), "text")
    assert "in c/etag/test_a.yaml #3" in page
    assert "in c/vary/test_a.yaml #3" in page


def test_what_was_seen_nowhere_is_still_told(make_report: MakeReport, make_finding: MakeFinding) -> None:
    page = render(make_report(make_finding(Severity.BREAKING, Kind.STATUS_CHANGED, stored=200, occurrences=())), "text")
    assert "    - status changed  200 → null\n" in page


def test_what_has_no_path_keeps_the_columns(make_report: MakeReport, make_finding: MakeFinding) -> None:
    status = make_finding(Severity.BREAKING, Kind.STATUS_CHANGED, stored=200, fresh=404, occurrences=())
    brand = make_finding(Severity.BREAKING, Kind.FIELD_REMOVED, "/brand", stored="Visa", occurrences=())
    page = render(make_report(status, brand), "text")
    assert '    - status changed          200 → 404\n    - field removed   /brand  was "Visa"\n' in page


def test_a_pointer_is_never_broken_though_it_has_spaces(make_report: MakeReport, make_finding: MakeFinding) -> None:
    path = "/a key with spaces/" + "x" * 70
    finding = make_finding(Severity.BREAKING, Kind.FIELD_REMOVED, path, stored=1)
    assert f"\n      {path}\n" in render(make_report(finding), "text", width=60)


def test_values_in_other_scripts_keep_their_columns(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = [
        make_finding(Severity.BREAKING, Kind.FIELD_REMOVED, path, stored=1, occurrences=())
        for path in ("/名前", "/names")
    ]
    page = render(make_report(*findings), "text")
    assert "/names  was 1\n" in page
    # Each of the two signs is two columns wide.
    assert "/名前   was 1\n" in page


def test_color_changes_nothing_but_color(night: Report) -> None:
    colored = render(night, "text", color=True)
    assert ANSI.sub("", colored) == NIGHT
    assert "\x1b[1;31mBreaking (3)\x1b[0m\n" in colored
    assert "\x1b[36m/account_balance\x1b[0m" in colored


@pytest.mark.parametrize("color", [True, False])
def test_no_provider_drives_the_terminal(make_report: MakeReport, make_finding: MakeFinding, *, color: bool) -> None:
    attack = "\x1b]0;owned\x07\x1b[2J\r\n\u202e"
    finding = make_finding(
        Severity.BREAKING, Kind.VALUE_CHANGED, f"/{attack}", stored=attack, fresh={attack: 1}, at=f"GET /{attack}"
    )
    missed = CouldNotCheck(attack, attack, Reason.RESET, attack)
    report = make_report(finding, could_not_check=(missed,), rules=RulesUsed(expired=(attack,)))
    page = ANSI.sub("", render(report, "text", color=color))
    assert all(line.isprintable() for line in page.split("\n"))
    assert visible(f"/{attack}") in page


@given(st.data(), st.integers(40, 140))
def test_any_report_is_printable_and_whole(
    hostile_reports: SearchStrategy[Report], data: st.DataObject, width: int
) -> None:
    report = data.draw(hostile_reports)
    page = render(report, "text", width=width)
    assert all(line.isprintable() for line in page.split("\n"))
    assert ANSI.sub("", render(report, "text", width=width, color=True)) == page
    assert all(visible(finding.path) in page for finding in report.findings)
