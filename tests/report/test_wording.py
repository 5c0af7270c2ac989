from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from undrift.drift.results import CouldNotCheck, FailOn, Kind, Occurrence, Reason, Severity
from undrift.report import wording

if TYPE_CHECKING:
    from .conftest import MakeFinding, MakeReport


@pytest.mark.parametrize(
    ("kind", "path", "sides", "words"),
    [
        (Kind.STATUS_CHANGED, "", (200, 202), "status changed 200 → 202"),
        (Kind.HEADER_ADDED, "x-request-cost", (None, "1"), 'header added x-request-cost now "1"'),
        (Kind.HEADER_REMOVED, "etag", ("abc", None), 'header removed etag was "abc"'),
        (Kind.HEADER_CHANGED, "stripe-version", ("1", "2"), 'header changed stripe-version "1" → "2"'),
        (Kind.DEPRECATION_ANNOUNCED, "sunset", (None, "soon"), 'deprecation announced sunset now "soon"'),
        (Kind.FIELD_ADDED, "/a", (None, None), "field added /a now null"),
        (Kind.FIELD_REMOVED, "/a", (None, None), "field removed /a was null"),
        (Kind.TYPE_CHANGED, "/a", (1.5, "1.5"), 'type changed /a number → string (1.5 → "1.5")'),
        (Kind.TYPE_CHANGED, "/a", (True, 1), "type changed /a boolean → number (true → 1)"),
        (Kind.TYPE_CHANGED, "/a", ("x", [1]), "type changed /a string → array"),
        (Kind.TYPE_CHANGED, "/a", ({}, None), "type changed /a object → null"),
        (Kind.TYPE_CHANGED, "/a", (1, 1.5), "type changed /a 1 → 1.5"),
        (Kind.NULLABILITY_CHANGED, "/a", ("x", None), 'null changed /a "x" → null'),
        (Kind.FORMAT_CHANGED, "/a", ("2026-11-20", "20.11.2026"), 'format changed /a "2026-11-20" → "20.11.2026"'),
        (Kind.VALUE_CHANGED, "/a", ("x", "y"), 'value changed /a "x" → "y"'),
        (Kind.LENGTH_CHANGED, "/a", (1, 3), "length changed /a 1 → 3 elements"),
        (Kind.LENGTH_CHANGED, "/a", ([1], [1, 2, 3]), "length changed /a 1 → 3 elements"),
        (Kind.ARRAY_EMPTIED, "/a", (2, 0), "array emptied /a 2 → 0 elements"),
        (Kind.REFERENCE_CHANGED, "/a", ("cus_1", "cus_2"), 'reference changed /a "cus_1" → "cus_2"'),
        (Kind.BODY_KIND_CHANGED, "", ("json", "html"), 'kind of body changed (whole body) "json" → "html"'),
        (Kind.TEXT_CHANGED, "", ("x", "y"), 'text changed (whole body) "x" → "y"'),
        (Kind.REQUEST_CHANGED, "/amount", (1, 2), "request changed /amount 1 → 2"),
        (Kind.REQUEST_CHANGED, "/amount", (None, 2), "request changed /amount now 2"),
        (Kind.REQUEST_CHANGED, "/amount", (1, None), "request changed /amount was 1"),
        (Kind.REQUEST_CHANGED, "", (None, None), "request changed"),
        (Kind.VALUE_CHANGED, "/a", (None, None), "value changed /a"),
        (Kind.INTERACTION_ADDED, "", (None, "GET http://a/b"), 'request added "GET http://a/b"'),
        (Kind.INTERACTION_MISSING, "", ("GET http://a/b", None), 'request missing "GET http://a/b"'),
        (Kind.INTERACTION_ADDED, "", (None, None), "request added"),
        (Kind.INTERACTION_MISSING, "", (None, None), "request missing"),
    ],
)
def test_each_kind_has_its_words(
    make_finding: MakeFinding, kind: Kind, path: str, sides: tuple[Any, Any], words: str
) -> None:
    finding = make_finding(Severity.RISKY, kind, path, stored=sides[0], fresh=sides[1])
    parts = (wording.kind(finding), wording.place(finding), *wording.change(finding))
    assert " ".join(filter(None, parts)) == words


@pytest.mark.parametrize(
    ("severity", "kind", "title"),
    [
        (Severity.BREAKING, Kind.FIELD_REMOVED, "Breaking drift"),
        (Severity.BREAKING, Kind.REQUEST_CHANGED, "Client drift"),
        (Severity.RISKY, Kind.FIELD_REMOVED, "Risky drift"),
        (Severity.ADDITIVE, Kind.FIELD_ADDED, "Additive drift"),
        (Severity.INFO, Kind.VALUE_CHANGED, "Clean"),
    ],
)
def test_the_title_is_the_verdict(
    make_report: MakeReport, make_finding: MakeFinding, severity: Severity, kind: Kind, title: str
) -> None:
    assert wording.title(make_report(make_finding(severity, kind))) == title


@pytest.mark.parametrize(
    ("fail_on", "severity", "outcome"),
    [
        (FailOn.BREAKING, Severity.BREAKING, "Exit code 1: there is drift at or above --fail-on breaking."),
        (FailOn.ADDITIVE, Severity.RISKY, "Exit code 1: there is drift at or above --fail-on additive."),
        (FailOn.RISKY, Severity.ADDITIVE, "Exit code 0: no drift is at or above --fail-on risky."),
        (FailOn.NEVER, Severity.BREAKING, "Exit code 0: drift does not fail a run under --fail-on never."),
    ],
)
def test_the_exit_code_is_explained(
    make_report: MakeReport, make_finding: MakeFinding, fail_on: FailOn, severity: Severity, outcome: str
) -> None:
    finding = make_finding(severity, Kind.FIELD_REMOVED)
    report = make_report(finding, fail_on=fail_on)
    assert wording.outcome(report) == outcome
    assert wording.fails(report, finding) is (report.exit_code == 1)


def test_findings_are_read_by_endpoint_then_part_then_path(make_finding: MakeFinding, make_report: MakeReport) -> None:
    findings = (
        make_finding(Severity.RISKY, Kind.VALUE_CHANGED, "/b", at="GET /v1/b"),
        make_finding(Severity.RISKY, Kind.VALUE_CHANGED, "/b", at="GET /v1/a"),
        make_finding(Severity.RISKY, Kind.VALUE_CHANGED, "/a", at="GET /v1/a"),
        make_finding(Severity.RISKY, Kind.STATUS_CHANGED, at="GET /v1/a"),
        make_finding(Severity.RISKY, Kind.HEADER_REMOVED, "etag", at="GET /v1/a"),
        make_finding(Severity.BREAKING, Kind.VALUE_CHANGED, "/z", at="GET /v1/z"),
    )
    sections = wording.by_severity(make_report(*findings))
    read = [
        (severity.label, endpoint.name, [finding.path for finding in endpoint.findings])
        for severity, endpoints in sections
        for endpoint in endpoints
    ]
    assert read == [
        ("breaking", "GET /v1/z", ["/z"]),
        ("risky", "GET /v1/a", ["", "etag", "/a", "/b"]),
        ("risky", "GET /v1/b", ["/b"]),
    ]
    assert wording.by_severity(make_report(*reversed(findings))) == sections


def test_a_story_is_told_in_sentences(make_finding: MakeFinding) -> None:
    story = ("the array was\nnever empty before", "A second fresh take shows it too.", " ")
    finding = make_finding(Severity.RISKY, Kind.ARRAY_EMPTIED, story=story)
    assert wording.story(finding) == ("The array was never empty before.", "A second fresh take shows it too.")


def test_what_could_not_be_checked_is_told_once_for_each_test(make_report: MakeReport) -> None:
    refused = [CouldNotCheck("c/a.yaml", "a.py::a", Reason.CONNECTION_REFUSED, "port\n 1 is shut")] * 2
    others = [
        CouldNotCheck("c/b.yaml", None, Reason.CONNECTION_REFUSED, "port 1 is shut"),
        CouldNotCheck("c/b.yaml", None, Reason.TLS, ""),
    ]
    report = make_report(could_not_check=(*others, *refused))
    assert wording.unchecked(report, wording.short_names(report)) == (
        wording.Unchecked("connection refused", "port 1 is shut", ("a.py::a", "b.yaml")),
        wording.Unchecked("TLS", "", ("b.yaml",)),
    )


def test_a_place_is_a_cassette_and_the_number_of_its_interaction() -> None:
    places = (Occurrence("c/test_a.yaml", 0, 2, ""), Occurrence("c/test_a.yaml", 1, 3, ""))
    assert wording.seen(places, {"c/test_a.yaml": "test_a.yaml"}) == "test_a.yaml #0 (+1 more)"
    assert wording.seen(places[:1], {}) == "c/test_a.yaml #0"
    assert wording.spot(Occurrence("a.yaml", -1, 2, ""), {}) == "a.yaml fresh #2"
    assert wording.seen((), {}) == ""
