"""The text report: for a terminal in colour, and for the log of a nightly job without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, groupby, takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from undrift.drift.results import Severity, Verdict
from undrift.report import wording
from undrift.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from undrift.drift.results import Finding, Report
    from undrift.report.wording import Endpoint

_MIN_WIDTH = 40
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text that no line break may split, and how many spaces stand before it.

    One that is ``glued`` goes to the next line together with the piece before it, if a line
    has room for both.
    """

    text: str
    style: str = ""
    gap: int = 1
    glued: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """One line; where it is too long it goes on two columns to the right of ``indent``."""

    pieces: tuple[_Piece, ...] = ()
    indent: int = 0


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """The report as plain text, or with the colour codes of ANSI terminals."""
    paint = _in_color if color else _in_plain
    rows = chain.from_iterable(_lay_out(line, max(width, _MIN_WIDTH)) for line in _page(report))
    return "".join(f"{paint(row)}\n" for row in rows)


def _page(report: Report) -> Iterator[_Line]:
    yield _prose(wording.headline(report), _VERDICT_STYLES[report.verdict])
    if _is_short(report) and report.noise:
        yield _prose(f"{wording.noise(report)}.", "dim")
    for section in (_findings(report), _unchecked(report), _failed(report), _rules(report), _closing(report)):
        lines = tuple(section)
        if lines:
            yield _Line()
            yield from lines


def _is_short(report: Report) -> bool:
    """Whether the first line says almost all that there is to say."""
    return not (report.findings or report.could_not_check or report.failed_tests) and report.checked_cassettes > 0


def _findings(report: Report) -> Iterator[_Line]:
    names = wording.short_names(report)
    for number, (severity, endpoints) in enumerate(wording.by_severity(report)):
        if number:
            yield _Line()
        findings = tuple(chain.from_iterable(endpoint.findings for endpoint in endpoints))
        title = f"{severity.label.capitalize()} ({len(findings):,})"
        if severity is Severity.INFO:
            yield _prose(title, _SEVERITY_STYLES[severity])
            yield from _in_short(endpoints)
            continue
        common = wording.attribution(report, findings)
        yield _prose(f"{title}: {common}" if common else title, _SEVERITY_STYLES[severity])
        for endpoint in endpoints:
            yield from _at_endpoint(report, endpoint, names, attributed=bool(common))


def _at_endpoint(report: Report, endpoint: Endpoint, names: dict[str, str], *, attributed: bool) -> Iterator[_Line]:
    common = "" if attributed else wording.attribution(report, endpoint.findings)
    pieces = [_Piece(endpoint.name, "bold")]
    if endpoint.service:
        pieces.append(_Piece(f"({endpoint.service})", "dim"))
    if common:
        pieces += [_Piece("-", "dim"), *_words(common, "dim")]
    yield _Line(tuple(pieces), indent=2)
    columns = _columns(endpoint.findings)
    for finding in endpoint.findings:
        alone = "" if attributed or common else wording.attribution(report, (finding,))
        where = wording.seen(finding.occurrences, names)
        tail = _tail(where and f"in {where}", wording.confirmation(finding), alone)
        yield _Line((_Piece("-"), *_what(finding, columns), *tail), indent=4)


def _columns(findings: Sequence[Finding]) -> tuple[int, int]:
    """How wide the columns of kinds and of paths are."""
    kinds = [cell_len(wording.kind(finding)) for finding in findings]
    paths = [cell_len(visible(wording.place(finding))) for finding in findings]
    return max(kinds), max((size for size in paths if size <= _MAX_COLUMN), default=0)


def _what(finding: Finding, columns: tuple[int, int]) -> Iterator[_Piece]:
    kind, place = wording.kind(finding), visible(wording.place(finding))
    yield _Piece(kind)
    behind = columns[0] - cell_len(kind) + 2
    if place:
        yield _Piece(place, "cyan", behind)
        behind = 2 + max(columns[1] - cell_len(place), 0)
    elif columns[1]:
        behind += columns[1] + 2
    for number, piece in enumerate(wording.change(finding)):
        yield _Piece(piece, gap=1 if number else behind, glued=number > 0)


def _tail(*texts: str) -> Iterator[_Piece]:
    """The texts that are not empty, as a list that is set off by two spaces."""
    given = [text for text in texts if text]
    for number, text in enumerate(given):
        comma = "," if number < len(given) - 1 else ""
        yield _Piece(f"{text}{comma}", "dim", gap=1 if number else 2, glued=number > 0)


def _in_short(endpoints: Iterable[Endpoint]) -> Iterator[_Line]:
    pairs = [(endpoint.name, finding) for endpoint in endpoints for finding in endpoint.findings]
    shown = pairs[:_MAX_INFO]
    columns = _columns([finding for _, finding in shown])
    for name, finding in shown:
        first, *others = _what(finding, columns)
        yield _Line((_Piece("-"), _Piece(name), replace(first, gap=2), *others), indent=2)
    yield from _rest(len(pairs) - _MAX_INFO, indent=2)


def _rest(count: int, indent: int) -> Iterator[_Line]:
    if count > 0:
        yield _prose(f"and {count:,} more (see --format json)", "dim", indent)


def _unchecked(report: Report) -> Iterator[_Line]:
    groups = wording.unchecked(report, wording.short_names(report))
    if groups:
        yield _prose("Could not be checked", "bold magenta")
    for group in groups:
        yield _prose(f"{group.reason}: {group.detail}" if group.detail else group.reason, indent=2)
        yield from (_Line((_Piece("-"), _Piece(place)), indent=4) for place in group.places[:_MAX_PLACES])
        yield from _rest(len(group.places) - _MAX_PLACES, indent=4)


def _failed(report: Report) -> Iterator[_Line]:
    if report.failed_tests:
        yield _prose(f"{wording.failures(report)}: a flake, or state that an earlier run left", "bold magenta")
        yield from (_Line((_Piece("-"), _Piece(name)), indent=2) for name in wording.failed(report))


def _rules(report: Report) -> Iterator[_Line]:
    yield from (_prose(f"Expired rule, without effect: {rule}", "yellow") for rule in report.rules.expired)
    yield from (_prose(f"Unused rule: {rule}", "dim") for rule in report.rules.unused)


def _closing(report: Report) -> Iterator[_Line]:
    steps = wording.steps(report)
    if steps:
        yield _prose("What to do now", "bold")
    widest = max((len(step.command) for step in steps), default=0)
    for step in steps:
        first, *others = _words(step.purpose)
        aligned = _Piece(first.text, gap=widest - len(step.command) + 2)
        yield _Line((_Piece(step.command, "green"), aligned, *others), indent=2)
    if steps:
        yield _Line()
    if not _is_short(report):
        yield _prose(wording.outcome(report))
        counts = "; ".join(filter(None, (wording.tally(report), wording.noise(report))))
        yield from [_prose(f"{counts}.", "dim")] if counts else []


def _prose(text: str, style: str = "", indent: int = 0) -> _Line:
    return _Line(tuple(_words(text, style)), indent)


def _words(text: str, style: str = "") -> Iterator[_Piece]:
    return (_Piece(word, style) for word in text.split())


def _lay_out(line: _Line, width: int) -> Iterator[list[_Piece]]:
    """The rows that a line takes; the first gap of each is its indentation."""
    row: list[_Piece] = []
    used, hanging = 0, line.indent + 2
    for number, piece in enumerate(line.pieces):
        size, together = _size(piece), _size_together(line.pieces[number:])
        gap = piece.gap if row else line.indent
        needed = together if hanging + together <= width else size
        if row and used + gap + needed > width:
            yield row
            row, used, gap = [], 0, hanging
        row.append(replace(piece, gap=gap))
        used += gap + size
    yield row


def _size(piece: _Piece) -> int:
    return cell_len(visible(piece.text))


def _size_together(pieces: tuple[_Piece, ...]) -> int:
    """How wide the first piece is with all that is glued to it."""
    first, *others = pieces
    return _size(first) + sum(piece.gap + _size(piece) for piece in takewhile(lambda piece: piece.glued, others))


# Each row passes through one of these two, so that no control character of a provider
# reaches a terminal.
def _in_plain(row: list[_Piece]) -> str:
    return "".join(" " * piece.gap + visible(piece.text) for piece in row)


def _in_color(row: list[_Piece]) -> str:
    painted = ""
    for style, pieces in groupby(row, key=lambda piece: piece.style):
        run = _in_plain(list(pieces))
        text = run.lstrip(" ")
        painted += " " * (len(run) - len(text)) + Style.parse(style).render(text, color_system=ColorSystem.STANDARD)
    return painted
