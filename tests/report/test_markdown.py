from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from undrift.drift.results import CouldNotCheck, FailOn, Kind, Reason, RulesUsed, Severity
from undrift.report import render

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from undrift.drift.results import Report

    from .conftest import MakeFinding, MakeReport

# CommonMark, with the tables that GitHub adds; raw HTML passes through, as on GitHub.
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# All that the page is made of.
TAGS = {"h3", "p", "strong", "code", "ul", "li", "sub", "details", "summary"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}


class Seen(HTMLParser):
    """The tags of a page, and the texts of its table's rows and of its code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.code: list[str] = []
        self._open: list[str] = []
        self.feed(GITHUB.render(page))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.add(tag)
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data
        if "code" in self._open:
            self.code[-1] += data


NIGHT_HEAD = """\
### undrift: Breaking drift

3 breaking, 3 risky, 2 additive, 12 info in 12 cassettes (140 interactions); 3 cassettes not fully checked; \
1 test failed live without drift. Exit code 1: there is drift at or above --fail-on breaking.

| Severity | Endpoint | Change | From and to | Seen in | Remarks |
| --- | --- | --- | --- | --- | --- |
| **breaking** | `GET /v1/customers/{id}` | type changed `/account_balance` | `number → string (0 → "0")` | \
`test_customer.yaml #3` | confirmed; the tests still pass: the mock is stale |
| **breaking** | `GET /v1/customers/{id}` | field removed `/sources/data/*/brand` | `was "Visa"` | \
`test_customer.yaml #3 (+2 more)` | confirmed; the tests still pass: the mock is stale |
"""

NIGHT_TAIL = """\
<details><summary>How this was judged (1)</summary>

- `GET /v1/customers/{id}` field removed `/sources/data/*/brand`: `The field was in all 9 answers that history holds.`

</details>

<details><summary>Info (12)</summary>

- `GET /v1/customers/{id}` value changed `/metadata/a`: `"a" → "b"`
"""

NIGHT_END = """\
<details><summary>Could not be checked (3)</summary>

- connection refused, `tests/test_mail.py::test_bounce`: `127.0.0.1:8420 refused the connection.`
- connection refused, `tests/test_mail.py::test_send`: `127.0.0.1:8420 refused the connection.`
- no credential, `tests/test_balance.py::test_balance`: \
`STRIPE_TEST_KEY is in neither the environment nor .env.test.`

</details>

1 test failed live without drift: a flake, or state that an earlier run left.

<details><summary>Failed (1)</summary>

- `tests/test_refunds.py::test_refund[a::b/c]`

</details>

<details><summary>Rules (2)</summary>

- expired, without effect: `stripe GET /v1/customers/{id} /livemode value-changed`
- unused: `stripe GET /v1/events * value-changed`

</details>

- `undrift accept`: take the fresh traffic over into the cassettes, if it is right
- `undrift record`: record the failing tests again, once they are mended
- `undrift check`: look again, once what is named above is put right

412 differences were judged noise.

<sub>undrift `0.1.0`, run `2026-11-20T02-00-00Z-7f3a`</sub>
"""


def test_a_bad_night(night: Report) -> None:
    page = render(night, "markdown")
    assert page.startswith(NIGHT_HEAD)
    assert NIGHT_TAIL in page
    assert page.endswith(NIGHT_END)


def test_a_bad_night_on_the_page(night: Report) -> None:
    seen = Seen(render(night, "markdown"))
    assert seen.tags == TAGS
    assert len(seen.rows) == 1 + 8
    assert seen.rows[1] == [
        "breaking",
        "GET /v1/customers/{id}",
        "type changed /account_balance",
        'number → string (0 → "0")',
        "test_customer.yaml #3",
        "confirmed; the tests still pass: the mock is stale",
    ]


def test_a_clean_night_is_short(make_report: MakeReport) -> None:
    assert (
        render(make_report(), "markdown")
        == """\
### undrift: Clean

No drift in 12 cassettes (140 interactions). Exit code 0: no drift is at or above --fail-on breaking.

<sub>undrift `0.1.0`, run `2026-11-20T02-00-00Z-7f3a`</sub>
"""
    )


def test_a_diff_speaks_of_no_tests(make_report: MakeReport, make_finding: MakeFinding) -> None:
    finding = make_finding(Severity.RISKY, Kind.HEADER_REMOVED, "etag", stored=1, cassette="a.yaml")
    missed = CouldNotCheck("b.yaml", None, Reason.NOT_COMPARED, "")
    page = render(make_report(finding, command="diff", could_not_check=(missed,)), "markdown")
    assert "test" not in page
    assert "accept" not in page
    assert "- not compared, `b.yaml`\n" in page


def test_pipes_backticks_and_html_stay_what_they_are(make_report: MakeReport, make_finding: MakeFinding) -> None:
    path = "/a|b`c``<script>alert(1)</script>\\|&amp;**@octocat**"
    finding = make_finding(Severity.BREAKING, Kind.VALUE_CHANGED, path, stored="|", fresh="</details>")
    seen = Seen(render(make_report(finding, fail_on=FailOn.RISKY), "markdown"))
    assert seen.tags <= TAGS
    assert seen.rows[1][2:4] == [f"value changed {path}", '"|" → "</details>"']


def test_a_comment_never_grows_beyond_what_github_takes(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = [
        make_finding(
            severity,
            Kind.VALUE_CHANGED,
            f"/{'|' * 400}{at}",
            stored="|" * 999,
            fresh="`" * 999,
            story=("`" * 999,),
            at=f"GET /{'|' * 400}",
            cassette="|" * 400,
        )
        for severity in (Severity.BREAKING, Severity.INFO)
        for at in range(500)
    ]
    missed = [CouldNotCheck("|" * 400, f"{'|' * 400}{at}", Reason.DNS, "|" * 999) for at in range(500)]
    page = render(
        make_report(*findings, could_not_check=tuple(missed), rules=RulesUsed(unused=("|" * 400,) * 9)), "markdown"
    )
    assert len(page) < 65_536
    assert page.count("And 495 more (see `--format json`).") == 4
    assert "<details><summary>Info (500)</summary>" in page


def test_no_more_is_cut_than_must_be(make_report: MakeReport, make_finding: MakeFinding) -> None:
    findings = [make_finding(Severity.RISKY, Kind.HEADER_REMOVED, f"x-{at}", stored="1") for at in range(60)]
    page = render(make_report(*findings), "markdown")
    assert page.count("| **risky** |") == 50
    assert "And 10 more (see `--format json`)." in page


@given(st.data())
def test_any_report_keeps_its_form(hostile_reports: SearchStrategy[Report], data: st.DataObject) -> None:
    report = data.draw(hostile_reports)
    seen = Seen(render(report, "markdown"))
    assert seen.tags <= TAGS
    assert {len(row) for row in seen.rows} <= {6}
    told = [finding for finding in report.findings if finding.severity > Severity.INFO]
    assert len(seen.rows) == (len(told) + 1 if told else 0)
