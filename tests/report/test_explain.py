"""The whole story of one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.drift.results import Attribution, FailOn, Kind, Occurrence, Severity, Where
from undrift.errors import UsageError
from undrift.report import explain

if TYPE_CHECKING:
    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

STORY = """\
Risky: field removed /address/city
in the answers to GET /v1/customers/{id} (stripe); finding ID

Stored
  {
    "name": "Berlin",
    "at": [
      52.5,
      13.4
    ]
  }

How it was judged
  - The takes of the stored side agree there.
  - Other fresh answers still have the field.
  - That makes it risky: some clients may break.
  - Confirmed.
  - The tests still pass: the mock is stale.
  - It makes the exit code 1, under --fail-on risky.

Where it was seen (2)
  - a.yaml: stored #3 and fresh #4 at /address/city
  - b.yaml: stored #0

To ignore it for a while, put this into pyproject.toml
  [[tool.undrift.ignore]]
  service = "stripe"
  endpoint = "/v1/customers/{id}"
  path = "/address/city"
  kind = "field-removed"
  reason = "…"
  expires = …  # a day, such as 2027-01-31
"""


def test_a_finding_is_told_from_its_values_to_its_rule(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(
        Severity.RISKY,
        Kind.FIELD_REMOVED,
        "/address/city",
        stored={"name": "Berlin", "at": [52.5, 13.4]},
        occurrences=(Occurrence("a.yaml", 3, 4, "/address/city"), Occurrence("b.yaml", 0, -1, "")),
        confirmed=True,
        attribution=Attribution.STALE_MOCK,
        story=("the takes of the stored side agree there", "other fresh answers still have the field"),
    )
    report = make_report(finding, fail_on=FailOn.RISKY)
    assert explain.render(report, finding) == STORY.replace("ID", finding.id)
    assert "\x1b[1mStored\x1b[0m" in explain.render(report, finding, color=True)


def test_client_drift_is_told_as_such(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(Severity.BREAKING, Kind.REQUEST_CHANGED, "/name", stored="a", fresh="b", service="")
    told = explain.render(make_report(finding, fail_on=FailOn.NEVER), finding)
    assert "That makes it breaking: the code under test sends something else." in told
    assert "exit code" not in told
    assert "service" not in told


def test_what_is_long_is_cut(make_report: MakeReport, make_finding: MakeFinding) -> None:
    places = tuple(Occurrence("a.yaml", number, number, "") for number in range(60))
    finding = make_finding(Severity.INFO, Kind.VALUE_CHANGED, "", stored=["x"] * 100, fresh=1, occurrences=places)
    told = explain.render(make_report(finding), finding)
    assert "… 62 more lines" in told
    assert "and 10 more (see --format json)" in told


def test_a_finding_is_found_by_its_id_or_the_start_of_it(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = [make_finding(Severity.INFO, Kind.VALUE_CHANGED, f"/{number}") for number in range(300)]
    report = make_report(*findings)
    one = findings[7]
    assert explain.find(report, one.id) is one
    with pytest.raises(UsageError, match="There is no finding 'abc'"):
        explain.find(report, "abc")
    with pytest.raises(UsageError, match=f"{findings[0].id} is value changed /0.$"):
        explain.find(report, "nothing")
    with pytest.raises(UsageError, match="there is no finding at all"):
        explain.find(make_report(), one.id)
    with pytest.raises(UsageError, match="2 findings have an id that begins with"):
        explain.find(make_report(one, one), one.id[:6])


@given(data=st.data())
def test_no_finding_whatever_drives_a_terminal(hostile_reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    report = data.draw(hostile_reports)
    for finding in report.findings:
        told = explain.render(report, finding)
        assert all(character.isprintable() or character == "\n" for character in told)
        assert finding.where in Where
