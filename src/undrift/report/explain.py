"""The whole story of one finding: what differs, how it was judged, and where it was seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Severity
from undrift.errors import UsageError
from undrift.report import wording
from undrift.report.lines import Line, Piece, paint, prose
from undrift.report.plain import one_line, plain, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.drift.results import Finding, Report

_MEANINGS = {
    Severity.BREAKING: "a client that relies on what is stored breaks",
    Severity.RISKY: "some clients may break",
    Severity.ADDITIVE: "something came, and nothing that was there changed",
    Severity.INFO: "the contract is the same, a value is not",
}
_MOST_LINES = 40
_MOST_PLACES = 50
_SHORTEST_ID = 4


def find(report: Report, wanted: str) -> Finding:
    """The finding with an id, or the only one whose id begins so.

    Raises UsageError where there is none such, or more than one.
    """
    is_long_enough = len(wanted) >= _SHORTEST_ID
    found = [finding for finding in report.findings if is_long_enough and finding.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} findings have an id that begins with {wanted}. Give more of it.")
    if not report.findings:
        raise UsageError(f"There is no finding {wanted!r}: there is no finding at all.")
    first = report.findings[0]
    example = f"{first.id} is {wording.kind(first)} {visible(wording.place(first))}".rstrip()
    raise UsageError(f"There is no finding {wanted!r}. --verbose shows the ids of all findings; {example}.")


def render(report: Report, finding: Finding, *, width: int = 100, color: bool = False) -> str:
    """The story of a finding as plain text, or with the colour codes of ANSI terminals."""
    return paint(_page(report, finding), width, color=color)


def _page(report: Report, finding: Finding) -> Iterator[Line]:
    place = visible(wording.place(finding))
    yield prose(f"{finding.severity.label.capitalize()}: {wording.kind(finding)} {place}", "bold")
    service = f" ({finding.service})" if finding.service else ""
    yield prose(f"in the answers to {finding.method} {visible(finding.endpoint)}{service}; finding {finding.id}", "dim")
    for side, value in wording.sides(finding):
        yield Line()
        yield prose(side.capitalize(), "bold")
        yield from _value(value)
    yield Line()
    yield prose("How it was judged", "bold")
    yield from (_item(step) for step in _judgement(report, finding))
    yield Line()
    yield prose(f"Where it was seen ({len(finding.occurrences):,})", "bold")
    yield from _places(finding)
    yield Line()
    yield prose("To ignore it for a while, put this into pyproject.toml", "bold")
    yield from (Line((Piece(line),), indent=2) for line in _rule(finding))


def _value(value: Any) -> Iterator[Line]:
    lines = json.dumps(plain(value), indent=2, ensure_ascii=False).split("\n")
    for line in lines[:_MOST_LINES]:
        text = line.lstrip(" ")
        yield Line((Piece(one_line(text, 2_000)),), indent=2 + len(line) - len(text))
    if len(lines) > _MOST_LINES:
        yield prose(f"… {len(lines) - _MOST_LINES:,} more lines", "dim", indent=2)


def _judgement(report: Report, finding: Finding) -> Iterator[str]:
    yield from wording.story(finding)
    meaning = "the code under test sends something else" if finding.is_client_drift else _MEANINGS[finding.severity]
    yield f"That makes it {finding.severity.label}: {meaning}."
    remarks = wording.confirmation(finding), wording.attribution(report, (finding,))
    yield from (f"{wording.capital(remark)}." for remark in remarks if remark)
    if wording.fails(report, finding):
        yield f"It makes the exit code 1, under --fail-on {report.fail_on}."


def _places(finding: Finding) -> Iterator[Line]:
    for seen in finding.occurrences[:_MOST_PLACES]:
        sides = (("stored", seen.interaction), ("fresh", seen.fresh_interaction))
        numbers = " and ".join(f"{side} #{number}" for side, number in sides if number >= 0)
        at = f" at {visible(seen.pointer)}" if seen.pointer else ""
        yield _item(f"{visible(seen.cassette)}: {numbers}{at}")
    more = len(finding.occurrences) - _MOST_PLACES
    if more > 0:
        yield prose(f"and {more:,} more (see --format json)", "dim", indent=2)


def _rule(finding: Finding) -> Iterator[str]:
    yield "[[tool.undrift.ignore]]"
    parts = (
        ("service", finding.service),
        ("endpoint", finding.endpoint),
        ("path", finding.path),
        ("kind", finding.kind.value),
    )
    yield from (f"{name} = {json.dumps(plain(value))}" for name, value in parts if value)
    yield 'reason = "…"'
    yield "expires = …  # a day, such as 2027-01-31"


def _item(text: str) -> Line:
    return Line((Piece("-"), *(Piece(word) for word in text.split())), indent=2)
