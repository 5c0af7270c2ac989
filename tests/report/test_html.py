from __future__ import annotations

import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.drift.results import CassetteResult, CouldNotCheck, Kind, Occurrence, Reason, Severity, Verdict
from undrift.errors import UsageError
from undrift.report import render

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

VOID = {"meta"}
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "div", "span", "p"}
TAGS |= {"h1", "h2", "h3", "h4", "b", "ul", "li", "code", "pre", "details", "summary", "table", "tr", "th", "td"}
ATTRIBUTES = {"class", "lang", "charset", "name", "content", "http-equiv"}


class Page(HTMLParser):
    """A page whose tags and attributes are all known, each closed where it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self.text += " " if tag in {"h4", "th", "td", "li"} else ""

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data


def words_of(report: Report) -> str:
    return " ".join(Page(render(report, "html")).text.split())


def test_a_bad_night(night: Report) -> None:
    words = words_of(night)
    assert words.startswith(
        "undrift: Breaking drift Breaking drift 3 breaking, 3 risky, 2 additive, 12 info in 12 cassettes "
        "(140 interactions); 3 cassettes not fully checked; 1 test failed live without drift. "
        "Exit code 1: there is drift at or above --fail-on breaking. "
        "3breaking 3risky 2additive 12info 412judged noise 12cassettes 140interactions "
        "Breaking GET /v1/customers/{id} the tests still pass: the mock is stale "
        'type changed /account_balance number → string (0 → "0") confirmed Stored 0 Fresh "0" '
        "Seen in cassettes/tests/test_customers/test_customer.yaml #3 /account_balance "
    )
    assert 'The field was in all 9 answers that history holds. Stored "Visa" Seen in' in words
    assert "confirmed The test fails because of it. Stored" in words
    assert "Info (12) GET" in words
    assert "Connection refused: 127.0.0.1:8420 refused the connection. tests/test_mail.py::test_bounce" in words
    assert "1 test failed live without drift A flake, or state that an earlier run left. tests/test_refunds.py" in words
    assert "expired, without effect: stripe GET /v1/customers/{id} /livemode value-changed unused: stripe" in words
    assert "undrift accept take the fresh traffic over" in words
    assert "Cassette Test Outcome Verdict cassettes/tests/test_customers/test_customer.yaml" in words
    assert words.endswith("undrift 0.1.0 · run 2026-11-20T02-00-00Z-7f3a · started 2026-11-20T02:00:00Z")


def test_the_page_needs_nothing_else(night: Report) -> None:
    page = render(night, "html")
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert not any(word in page for word in ("<script", "<link", "<img", "@import", "url(", "src=", "href="))


def test_a_clean_night(make_report: MakeReport) -> None:
    words = words_of(make_report())
    assert "Clean no drift in 12 cassettes (140 interactions)." in words
    assert "What to do now" not in words


def test_a_diff_speaks_of_neither_tests_nor_accepting(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = (
        make_finding(Severity.RISKY, Kind.INTERACTION_MISSING, cassette="a.yaml", service="shop"),
        make_finding(Severity.RISKY, Kind.HEADER_REMOVED, "etag", stored=1, occurrences=()),
    )
    compared = CassetteResult("a.yaml", "id", "compared", Verdict.CLIENT_DRIFT)
    missed = CouldNotCheck("b.yaml", None, Reason.NOT_COMPARED, "")
    report = make_report(*findings, command="diff", cassettes=(compared,), could_not_check=(missed,), failed_tests=1)
    words = words_of(report)
    assert "test" not in words
    assert "accept" not in words
    assert "Not compared b.yaml" in words
    assert "Cassette Verdict a.yaml client drift" in words
    assert "GET /v1/customers/{id} (shop) client drift: the requests changed, not the API request missing" in words


def test_long_values_and_long_lists_are_cut(make_report: MakeReport, make_finding: MakeFinding) -> None:
    places = tuple(Occurrence("a.yaml", at, at, "/x") for at in range(60))
    finding = make_finding(Severity.RISKY, Kind.FIELD_REMOVED, "/x", stored="y" * 10**6, occurrences=places)
    words = words_of(make_report(finding))
    assert "y" * 3999 + " …" in words
    assert "y" * 4000 not in words
    assert "a.yaml #49 /x and 10 more" in words


def test_markup_in_values_is_text(make_report: MakeReport, make_finding: MakeFinding) -> None:
    attack = "</pre><script>alert('1')</script>&amp;"
    finding = make_finding(Severity.RISKY, Kind.VALUE_CHANGED, f"/{attack}", stored=attack, fresh="x")
    words = words_of(make_report(finding, could_not_check=(CouldNotCheck("a", None, Reason.TLS, attack),)))
    assert f'/{attack} "</pre>' in words
    assert f'Stored "{attack}" Fresh "x"' in words
    assert f"TLS: {attack} a" in words


def test_without_jinja2_it_says_what_to_install(night: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match=r'^The HTML report needs jinja2, .* Run: pip install "undrift\[html\]"$'):
        render(night, "html")


@given(st.data())
def test_any_report_keeps_its_form(hostile_reports: SearchStrategy[Report], data: st.DataObject) -> None:
    page = render(data.draw(hostile_reports), "html")
    assert all(line.isprintable() for line in page.split("\n"))
    assert Page(page).text
