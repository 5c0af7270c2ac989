"""The text report: for a terminal in colour, and for the log of a nightly job without."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len

from undrift.drift.results import Severity, Verdict
from undrift.report import wording
from undrift.report.lines import Line, Piece, paint, prose, words
from undrift.report.plain import show_pair, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from undrift.drift.results import Finding, Report
    from undrift.report.wording import Endpoint

# A longer path does not push the values of its neighbours away.
_MAX_COLUMN = 36
_MAX_INFO = 10
_MAX_PLACES = 20

_SEVERITY_STYLES = {
    Severity.BREAKING: "bold red",
    Severity.RISKY: "bold yellow",
    Severity.ADDITIVE: "bold cyan",
    Severity.INFO: "bold",
}
_VERDICT_STYLES = {
    Verdict.BREAKING: "bold red",
    Verdict.CLIENT_DRIFT: "bold red",
    Verdict.RISKY: "bold yellow",
    Verdict.COULD_NOT_CHECK: "bold magenta",
    Verdict.FAILED: "bold magenta",
    Verdict.ADDITIVE: "bold cyan",
    Verdict.CLEAN: "bold green",
}


def render(report: Report, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The report as plain text, or with the colour codes of ANSI terminals.

    A ``verbose`` one gives the id of each finding, and what was judged noise by which evidence.
    """
    return paint(_page(report, verbose=verbose), width, color=color)


def _page(report: Report, *, verbose: bool) -> Iterator[Line]:
    yield prose(wording.headline(report), _VERDICT_STYLES[report.verdict])
    if _is_short(report) and report.noise:
        yield prose(f"{wording.noise(report)}.", "dim")
    findings = _findings(report, verbose=verbose)
    noise = _noise(report) if verbose else ()
    for section in (findings, noise, _unchecked(report), _failed(report), _rules(report), _closing(report)):
        lines = tuple(section)
        if lines:
            yield Line()
            yield from lines


def _is_short(report: Report) -> bool:
    """Whether the first line says almost all that there is to say."""
    return not (report.findings or report.could_not_check or report.failed_tests) and report.checked_cassettes > 0


def _findings(report: Report, *, verbose: bool) -> Iterator[Line]:
    names = wording.short_names(report)
    for number, (severity, endpoints) in enumerate(wording.by_severity(report)):
        if number:
            yield Line()
        findings = tuple(chain.from_iterable(endpoint.findings for endpoint in endpoints))
        title = f"{severity.label.capitalize()} ({len(findings):,})"
        if severity is Severity.INFO:
            yield prose(title, _SEVERITY_STYLES[severity])
            yield from _in_short(endpoints, verbose=verbose)
            continue
        common = wording.attribution(report, findings)
        yield prose(f"{title}: {common}" if common else title, _SEVERITY_STYLES[severity])
        for endpoint in endpoints:
            yield from _at_endpoint(report, endpoint, names, attributed=bool(common), verbose=verbose)


def _at_endpoint(
    report: Report, endpoint: Endpoint, names: dict[str, str], *, attributed: bool, verbose: bool
) -> Iterator[Line]:
    common = "" if attributed else wording.attribution(report, endpoint.findings)
    pieces = [Piece(endpoint.name, "bold")]
    if endpoint.service:
        pieces.append(Piece(f"({endpoint.service})", "dim"))
    if common:
        pieces += [Piece("-", "dim"), *words(common, "dim")]
    yield Line(tuple(pieces), indent=2)
    columns = _columns(endpoint.findings)
    for finding in endpoint.findings:
        alone = "" if attributed or common else wording.attribution(report, (finding,))
        where = wording.seen(finding.occurrences, names)
        tail = _tail(where and f"in {where}", wording.confirmation(finding), alone)
        yield Line((_mark(finding, verbose=verbose), *_what(finding, columns), *tail), indent=4)


def _mark(finding: Finding, *, verbose: bool) -> Piece:
    """What stands before a finding: a dash, or the id by which it can be explained."""
    return Piece(finding.id, "dim") if verbose else Piece("-")


def _columns(findings: Sequence[Finding]) -> tuple[int, int]:
    """How wide the columns of kinds and of paths are."""
    kinds = [cell_len(wording.kind(finding)) for finding in findings]
    paths = [cell_len(visible(wording.place(finding))) for finding in findings]
    return max(kinds), max((size for size in paths if size <= _MAX_COLUMN), default=0)


def _what(finding: Finding, columns: tuple[int, int]) -> Iterator[Piece]:
    kind, place = wording.kind(finding), visible(wording.place(finding))
    yield Piece(kind)
    behind = columns[0] - cell_len(kind) + 2
    if place:
        yield Piece(place, "cyan", behind)
        behind = 2 + max(columns[1] - cell_len(place), 0)
    elif columns[1]:
        behind += columns[1] + 2
    for number, piece in enumerate(wording.change(finding)):
        yield Piece(piece, gap=1 if number else behind, glued=number > 0)


def _tail(*texts: str) -> Iterator[Piece]:
    """The texts that are not empty, as a list that is set off by two spaces."""
    given = [text for text in texts if text]
    for number, text in enumerate(given):
        comma = "," if number < len(given) - 1 else ""
        yield Piece(f"{text}{comma}", "dim", gap=1 if number else 2, glued=number > 0)


def _in_short(endpoints: Iterable[Endpoint], *, verbose: bool) -> Iterator[Line]:
    pairs = [(endpoint.name, finding) for endpoint in endpoints for finding in endpoint.findings]
    shown = pairs if verbose else pairs[:_MAX_INFO]
    columns = _columns([finding for _, finding in shown])
    for name, finding in shown:
        first, *others = _what(finding, columns)
        yield Line((_mark(finding, verbose=verbose), Piece(name), replace(first, gap=2), *others), indent=2)
    yield from _rest(len(pairs) - len(shown), indent=2)


def _rest(count: int, indent: int) -> Iterator[Line]:
    if count > 0:
        yield prose(f"and {count:,} more (see --format json)", "dim", indent)


def _noise(report: Report) -> Iterator[Line]:
    """What was judged noise, place by place, with the evidence and the first two values."""
    if report.noise_seen:
        yield prose(f"Judged noise ({report.noise:,})", "bold")
    for (method, endpoint), group in groupby(report.noise_seen, key=lambda one: (one.method, one.endpoint)):
        yield Line((Piece(f"{method} {visible(endpoint)}", "bold"),), indent=2)
        for one in group:
            place = Piece(visible(wording.noise_place(one)), "cyan")
            times = f"{visible(one.why)}, {one.count:,} times:" if one.count > 1 else f"{visible(one.why)}:"
            old, new = show_pair(one.stored, one.fresh)
            values = Piece(f"{old} →", "dim"), Piece(new, "dim", glued=True)
            first, *others = words(times)
            yield Line((Piece("-"), place, replace(first, gap=2), *others, *values), indent=4)


def _unchecked(report: Report) -> Iterator[Line]:
    groups = wording.unchecked(report, wording.short_names(report))
    if groups:
        yield prose("Could not be checked", "bold magenta")
    for group in groups:
        yield prose(f"{group.reason}: {group.detail}" if group.detail else group.reason, indent=2)
        yield from (Line((Piece("-"), Piece(place)), indent=4) for place in group.places[:_MAX_PLACES])
        yield from _rest(len(group.places) - _MAX_PLACES, indent=4)


def _failed(report: Report) -> Iterator[Line]:
    if report.failed_tests:
        yield prose(f"{wording.failures(report)}: a flake, or state that an earlier run left", "bold magenta")
        yield from (Line((Piece("-"), Piece(name)), indent=2) for name in wording.failed(report))


def _rules(report: Report) -> Iterator[Line]:
    yield from (prose(f"Expired rule, without effect: {rule}", "yellow") for rule in report.rules.expired)
    yield from (prose(f"Unused rule: {rule}", "dim") for rule in report.rules.unused)


def _closing(report: Report) -> Iterator[Line]:
    steps = wording.steps(report)
    if steps:
        yield prose("What to do now", "bold")
    widest = max((len(step.command) for step in steps), default=0)
    for step in steps:
        first, *others = words(step.purpose)
        aligned = Piece(first.text, gap=widest - len(step.command) + 2)
        yield Line((Piece(step.command, "green"), aligned, *others), indent=2)
    if steps:
        yield Line()
    if not _is_short(report):
        yield prose(wording.outcome(report))
        counts = "; ".join(filter(None, (wording.tally(report), wording.noise(report))))
        yield from [prose(f"{counts}.", "dim")] if counts else []
