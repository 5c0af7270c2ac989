from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from undrift.drift.results import Kind, Severity
from undrift.report import render

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

VerdictWord = Literal["breaking", "client-drift", "risky", "could-not-check", "failed", "additive", "clean"]
KindWord = Literal[
    "status-changed",
    "header-added",
    "header-removed",
    "header-changed",
    "field-added",
    "field-removed",
    "type-changed",
    "nullability-changed",
    "format-changed",
    "value-changed",
    "length-changed",
    "array-emptied",
    "reference-changed",
    "body-kind-changed",
    "text-changed",
    "request-changed",
    "interaction-added",
    "interaction-missing",
    "deprecation-announced",
]
ReasonWord = Literal[
    "dns",
    "connection-refused",
    "tls",
    "timeout",
    "reset",
    "server-error",
    "rate-limited",
    "unauthorized",
    "no-credential",
    "not-reached",
    "not-compared",
]


# The contract, written as types; `forbid_unknown_fields` makes an extra key an error too.
class Strict(Struct, forbid_unknown_fields=True):
    pass


class RunSchema(Strict):
    id: str
    started: str
    command: str


class CheckedSchema(Strict):
    cassettes: int
    interactions: int


class CountsSchema(Strict):
    breaking: int
    risky: int
    additive: int
    info: int
    noise: int


class OccurrenceSchema(Strict):
    cassette: str
    interaction: Annotated[int, Meta(ge=-1)]
    fresh_interaction: Annotated[int, Meta(ge=-1)]
    pointer: str


class FindingSchema(Strict):
    id: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
    severity: Literal["breaking", "risky", "additive", "info"]
    kind: KindWord
    where: Literal["status", "header", "body", "request"]
    service: str
    method: str
    endpoint: str
    path: str
    stored: Any
    fresh: Any
    confirmed: bool | None
    attribution: Literal["stale-mock", "broken-by-drift", "unknown"]
    occurrences: list[OccurrenceSchema]


class CassetteSchema(Strict):
    path: str
    test: str | None
    outcome: str
    verdict: VerdictWord


class CouldNotCheckSchema(Strict):
    cassette: str
    test: str | None
    reason: ReasonWord
    detail: str


class RulesSchema(Strict):
    used: list[str]
    unused: list[str]
    expired: list[str]


class ReportSchema(Strict):
    schema: Literal["undrift.report/1"]
    tool_version: str
    run: RunSchema
    verdict: VerdictWord
    exit_code: Literal[0, 1, 3, 4]
    checked: CheckedSchema
    counts: CountsSchema
    findings: list[FindingSchema]
    cassettes: list[CassetteSchema]
    could_not_check: list[CouldNotCheckSchema]
    rules: RulesSchema


def keys_in_order(schema: type[Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(schema)]


def test_it_follows_the_schema(night: Report) -> None:
    report = msgspec.json.decode(render(night, "json"), type=ReportSchema)
    assert (report.verdict, report.exit_code) == ("breaking", 1)
    assert report.counts == CountsSchema(breaking=3, risky=3, additive=2, info=12, noise=412)
    assert report.checked == CheckedSchema(cassettes=12, interactions=140)
    assert [finding.severity for finding in report.findings] == [each.severity.label for each in night.findings]
    assert report.findings[0] == FindingSchema(
        id=night.findings[0].id,
        severity="breaking",
        kind="field-removed",
        where="body",
        service="stripe",
        method="GET",
        endpoint="/v1/customers/{id}",
        path="/sources/data/*/brand",
        stored="Visa",
        fresh=None,
        confirmed=True,
        attribution="stale-mock",
        occurrences=[
            OccurrenceSchema("cassettes/tests/test_customers/test_customer.yaml", 3, 3, "/sources/data/0/brand"),
            OccurrenceSchema("cassettes/tests/test_customers/test_customer.yaml", 4, 4, "/sources/data/1/brand"),
            OccurrenceSchema("cassettes/tests/test_customers/test_customer.yaml", 5, 5, "/sources/data/2/brand"),
        ],
    )
    assert report.could_not_check[0].reason == "no-credential"
    assert report.cassettes[3].verdict == "failed"
    assert report.rules.used == ["stripe GET /v1/balance /available value-changed"]
    assert report.rules.unused == ["stripe GET /v1/events * value-changed"]
    assert report.rules.expired == ["stripe GET /v1/customers/{id} /livemode value-changed"]


def test_its_keys_stand_in_the_order_of_the_contract(night: Report) -> None:
    report = json.loads(render(night, "json"))
    assert list(report) == keys_in_order(ReportSchema)
    assert list(report["run"]) == keys_in_order(RunSchema)
    assert list(report["counts"]) == keys_in_order(CountsSchema)
    assert list(report["findings"][0]) == keys_in_order(FindingSchema)
    assert list(report["findings"][0]["occurrences"][0]) == keys_in_order(OccurrenceSchema)
    assert list(report["cassettes"][0]) == keys_in_order(CassetteSchema)
    assert list(report["could_not_check"][0]) == keys_in_order(CouldNotCheckSchema)
    assert list(report["rules"]) == keys_in_order(RulesSchema)


def test_an_empty_report_to_the_letter(make_report: MakeReport) -> None:
    assert (
        render(make_report(), "json")
        == """\
{
  "schema": "undrift.report/1",
  "tool_version": "0.1.0",
  "run": {
    "id": "2026-11-20T02-00-00Z-7f3a",
    "started": "2026-11-20T02:00:00Z",
    "command": "check"
  },
  "verdict": "clean",
  "exit_code": 0,
  "checked": {
    "cassettes": 12,
    "interactions": 140
  },
  "counts": {
    "breaking": 0,
    "risky": 0,
    "additive": 0,
    "info": 0,
    "noise": 0
  },
  "findings": [],
  "cassettes": [],
  "could_not_check": [],
  "rules": {
    "used": [],
    "unused": [],
    "expired": []
  }
}
"""
    )


def test_reading_and_writing_it_again_gives_the_same_text(night: Report) -> None:
    page = render(night, "json")
    assert json.dumps(json.loads(page), indent=2) + "\n" == page


def test_it_is_ascii_so_that_no_encoding_spoils_it(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(Severity.INFO, Kind.VALUE_CHANGED, "/größe", stored="→", fresh="\U0001f600")
    page = render(make_report(finding), "json")
    assert page.isascii()
    read = json.loads(page)["findings"][0]
    assert (read["path"], read["stored"], read["fresh"]) == ("/größe", "→", "\U0001f600")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (2**64, 2**64),
        (10**400, 10**400),
        (-(16**5000), f"-0x1{'0' * 5000}"),
        (b"\x00\xff", "data:;base64,AP8="),
        ("\ud83d", "\ufffd"),
        ({1: (math.nan, {b"x"})}, {"1": ["NaN", ["data:;base64,eA=="]]}),
    ],
    ids=["nan", "inf", "-inf", "64 bits", "400 digits", "6000 digits", "bytes", "surrogate", "nested"],
)
def test_what_json_has_no_word_for_is_still_valid_json(
    make_report: MakeReport, make_finding: MakeFinding, value: Any, written: Any
) -> None:
    page = render(make_report(make_finding(Severity.INFO, Kind.VALUE_CHANGED, stored=value)), "json")
    assert json.loads(page, parse_constant=pytest.fail)["findings"][0]["stored"] == written


@given(st.data())
def test_no_report_whatever_breaks_the_schema(hostile_reports: SearchStrategy[Report], data: st.DataObject) -> None:
    report = data.draw(hostile_reports)
    page = render(report, "json")
    read = json.loads(page, parse_constant=pytest.fail)
    assert page.isascii()
    checked = msgspec.convert(read, ReportSchema)
    assert checked.verdict == report.verdict
    assert checked.exit_code == report.exit_code
    assert len(checked.findings) == len(report.findings)
