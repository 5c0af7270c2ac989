"""The report as GitHub-flavoured Markdown: for a comment on a pull request, or an issue.

Whatever comes from a cassette stands in code, where neither Markdown nor HTML, mentions
nor links have a meaning.
"""

from __future__ import annotations

import string
from itertools import chain
from typing import TYPE_CHECKING

from undrift.drift.results import Severity
from undrift.report import wording
from undrift.report.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.drift.results import Finding, Report

# GitHub takes comments of up to 65,536 characters, so lists are cut until all fits. With the
# last of these limits it does, even where each character takes six to escape.
_MAX_PAGE = 65_000
_LIMITS = (50, 20, 5)
_MAX_CODE = 120

_HEADER = ("Severity", "Endpoint", "Change", "From and to", "Seen in", "Remarks")
# What would end a code span, or a cell of a table whatever stands around it.
_NOT_IN_SPAN = frozenset("`|\\")
_ENTITIES = {ord(character): f"&#{ord(character)};" for character in string.punctuation}


def render(report: Report) -> str:
    """The report as Markdown: the verdict, a table of what was found, and the rest folded."""
    page = _page(report, _LIMITS[0])
    for limit in _LIMITS[1:]:
        if len(page) > _MAX_PAGE:
            page = _page(report, limit)
    return page


def _page(report: Report, limit: int) -> str:
    blocks = (
        [
            f"### undrift: {wording.title(report)}",
            f"{wording.capital(wording.summary(report))}. {wording.outcome(report)}",
        ],
        _findings(report, limit),
        _unchecked(report, limit),
        _failed(report, limit),
        _rules(report, limit),
        _closing(report),
    )
    return "\n\n".join(chain.from_iterable(blocks)) + "\n"


def _findings(report: Report, limit: int) -> Iterator[str]:
    names = wording.short_names(report)
    sections = dict(wording.by_severity(report))
    infos = [each for endpoint in sections.pop(Severity.INFO, ()) for each in endpoint.findings]
    findings = [each for endpoints in sections.values() for endpoint in endpoints for each in endpoint.findings]
    if findings:
        rows = [_row(_HEADER), _row(["---"] * len(_HEADER))]
        rows += [_row(_cells(report, each, names)) for each in findings[:limit]]
        yield "\n".join(rows)
        yield from _rest(len(findings) - limit)
    stories = [_item(_title(each), _code(" ".join(wording.story(each)))) for each in findings if each.story]
    yield from _folded("How this was judged", stories, limit)
    yield from _folded("Info", [_item(_title(each), _change(each)) for each in infos], limit)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(report: Report, finding: Finding, names: dict[str, str]) -> Iterator[str]:
    yield f"**{finding.severity.label}**"
    yield _endpoint(finding)
    yield " ".join(filter(None, (wording.kind(finding), _code(wording.place(finding)))))
    yield _change(finding)
    yield _code(wording.seen(finding.occurrences, names))
    yield "; ".join(filter(None, (wording.confirmation(finding), wording.attribution(report, (finding,)))))


def _title(finding: Finding) -> str:
    place = _code(wording.place(finding))
    return " ".join(filter(None, (_endpoint(finding), wording.kind(finding), place)))


def _endpoint(finding: Finding) -> str:
    return _code(f"{finding.method} {finding.endpoint}")


def _change(finding: Finding) -> str:
    return _code(" ".join(wording.change(finding)))


def _unchecked(report: Report, limit: int) -> Iterator[str]:
    groups = wording.unchecked(report, wording.short_names(report))
    items = [
        _item(f"{group.reason}, {_code(place)}", _code(group.detail)) for group in groups for place in group.places
    ]
    yield from _folded("Could not be checked", items, limit)


def _failed(report: Report, limit: int) -> Iterator[str]:
    if report.failed_tests:
        yield f"{wording.failures(report)}: a flake, or state that an earlier run left."
        yield from _folded("Failed", [_code(name) for name in wording.failed(report)], limit)


def _rules(report: Report, limit: int) -> Iterator[str]:
    expired = [_item("expired, without effect", _code(rule)) for rule in report.rules.expired]
    unused = [_item("unused", _code(rule)) for rule in report.rules.unused]
    yield from _folded("Rules", expired + unused, limit)


def _closing(report: Report) -> Iterator[str]:
    steps = [f"- `{step.command}`: {step.purpose}" for step in wording.steps(report)]
    if steps:
        yield "\n".join(steps)
    if report.noise:
        yield f"{wording.noise(report)}."
    yield f"<sub>undrift {_code(report.tool_version)}, run {_code(report.run.id)}</sub>"


def _item(what: str, more: str) -> str:
    return f"{what}: {more}" if more else what


def _folded(title: str, items: list[str], limit: int) -> Iterator[str]:
    if items:
        yield f"<details><summary>{title} ({len(items):,})</summary>"
        yield "\n".join(f"- {item}" for item in items[:limit])
        yield from _rest(len(items) - limit)
        yield "</details>"


def _rest(count: int) -> Iterator[str]:
    if count > 0:
        yield f"And {count:,} more (see `--format json`)."


def _code(text: str) -> str:
    """Text of any origin as code, in one line; empty where it is empty."""
    line = one_line(text, _MAX_CODE)
    if not line:
        return ""
    if _NOT_IN_SPAN.isdisjoint(line):
        return f"`{line}`"
    return f"<code>{line.translate(_ENTITIES)}</code>"
