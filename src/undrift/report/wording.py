"""The words of a report for people, the same in every format.

Nothing here knows of a format: each renderer lays these words out in its own way, and
escapes them in its own way too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Attribution, FailOn, Kind, Reason, Severity, Verdict, Where
from undrift.report.plain import one_line, show, show_pair, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from undrift.drift.results import CouldNotCheck, Finding, Noise, Occurrence, Report

_TITLES = {
    Verdict.BREAKING: "Breaking drift",
    Verdict.CLIENT_DRIFT: "Client drift",
    Verdict.RISKY: "Risky drift",
    Verdict.COULD_NOT_CHECK: "Could not check everything",
    Verdict.FAILED: "Failed without drift",
    Verdict.ADDITIVE: "Additive drift",
    Verdict.CLEAN: "Clean",
}

_ATTRIBUTIONS = {
    Attribution.STALE_MOCK: "the tests still pass: the mock is stale",
    Attribution.BROKEN_BY_DRIFT: "the test fails because of it",
    Attribution.UNKNOWN: "",
}

_KINDS = {
    Kind.INTERACTION_ADDED: "request added",
    Kind.INTERACTION_MISSING: "request missing",
    Kind.BODY_KIND_CHANGED: "kind of body changed",
    Kind.NULLABILITY_CHANGED: "null changed",
}

_REASONS = {Reason.DNS: "DNS", Reason.TLS: "TLS"}

_FRESH_ALONE = frozenset({Kind.FIELD_ADDED, Kind.HEADER_ADDED, Kind.DEPRECATION_ANNOUNCED})
_STORED_ALONE = frozenset({Kind.FIELD_REMOVED, Kind.HEADER_REMOVED})
_INTERACTIONS = frozenset({Kind.INTERACTION_ADDED, Kind.INTERACTION_MISSING})
_ONE_SIDE = {"stored": "was", "fresh": "now"}

_PLACES = {Where.STATUS: "", Where.HEADER: "", Where.BODY: "(whole body)", Where.REQUEST: ""}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The findings of one severity at one endpoint; ``service`` is empty where it goes without saying."""

    name: str
    service: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What could not be checked for one reason: ``places`` are tests, or cassettes."""

    reason: str
    detail: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do now: a command, and what it is good for."""

    command: str
    purpose: str


def is_diff(report: Report) -> bool:
    """Whether two recordings were compared, so that there are no tests and nothing to accept."""
    return report.run.command == "diff"


def plural(count: int, noun: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def headline(report: Report) -> str:
    """The verdict in one sentence, with the numbers that matter."""
    return f"{title(report)}: {summary(report)}."


def title(report: Report) -> str:
    """The verdict in two or three words."""
    return _TITLES[report.verdict] if report.checked_cassettes else "Nothing was checked"


def summary(report: Report) -> str:
    """The numbers that matter, in words."""
    parts = []
    if report.checked_cassettes or report.findings:
        scope = f"{plural(report.checked_cassettes, 'cassette')} ({plural(report.checked_interactions, 'interaction')})"
        parts.append(f"{tally(report) or 'no drift'} in {scope}")
    missed = len({(each.cassette, each.test) for each in report.could_not_check if each.cassette or each.test})
    if missed:
        parts.append(f"{plural(missed, 'cassette')} not fully checked")
    if report.failed_tests:
        parts.append(failures(report))
    return "; ".join(parts) or "there was no cassette to compare"


def capital(text: str) -> str:
    """The text with a capital first letter; the others stay, as those of names must."""
    return f"{text[:1].upper()}{text[1:]}"


def tally(report: Report) -> str:
    """How many findings there are of each severity, the worst first; empty where there are none."""
    return ", ".join(f"{count:,} {severity.label}" for severity, count in counts(report) if count)


def counts(report: Report) -> tuple[tuple[Severity, int], ...]:
    """How many findings there are of each severity, the worst first."""
    return tuple((severity, report.count(severity)) for severity in reversed(Severity))


def noise(report: Report) -> str:
    """How many differences were judged noise, in words; empty where none was."""
    if not report.noise:
        return ""
    return f"{plural(report.noise, 'difference')} {'was' if report.noise == 1 else 'were'} judged noise"


def failures(report: Report) -> str:
    """How many tests failed without drift, in words."""
    noun, live = ("comparison", "") if is_diff(report) else ("test", "live ")
    return f"{plural(report.failed_tests, noun)} failed {live}without drift"


def by_severity(report: Report) -> tuple[tuple[Severity, tuple[Endpoint, ...]], ...]:
    """The findings, the worst severity first, then by endpoint; severities without any are left out."""
    services = {finding.service for finding in report.findings}
    sections = []
    for severity in reversed(Severity):
        findings = [finding for finding in report.findings if finding.severity is severity]
        if findings:
            sections.append((severity, _endpoints(findings, name_services=len(services) > 1)))
    return tuple(sections)


def kind(finding: Finding) -> str:
    """What happened, in words: ``field removed``."""
    return _KINDS.get(finding.kind) or finding.kind.replace("-", " ")


def place(finding: Finding) -> str:
    """The path, or words for what has none; empty where the kind says it all."""
    return finding.path or _PLACES[finding.where]


def noise_place(noise: Noise) -> str:
    """Where something was judged noise: a path in the answer, or what else it is a part of."""
    part = {Where.HEADER: "header", Where.REQUEST: "request"}.get(noise.where, "")
    return " ".join(filter(None, (part, noise.path))) or _PLACES[noise.where]


def change(finding: Finding) -> tuple[str, ...]:
    """What it was and is, in pieces that a line may be broken between; empty where nothing is known."""
    present = sides(finding)
    match present:
        case (("stored", stored), ("fresh", fresh)):
            return _from_to(finding.kind, stored, fresh)
        case ((_, sent),) if finding.kind in _INTERACTIONS:
            return (show(sent),)
        case ((side, value),):
            return (f"{_ONE_SIDE[side]} {show(value)}",)
        case _:
            return ()


def sides(finding: Finding) -> tuple[tuple[str, Any], ...]:
    """The values of the sides that have one, by the name of the side: ``stored``, then ``fresh``."""
    both = (("stored", finding.stored), ("fresh", finding.fresh))
    if finding.kind in _FRESH_ALONE:
        return both[1:]
    if finding.kind in _STORED_ALONE:
        return both[:1]
    if finding.is_client_drift or finding.stored is finding.fresh is None:
        # What a request does not have is None here; null is rarer by far.
        return tuple(side for side in both if side[1] is not None)
    return both


def story(finding: Finding) -> tuple[str, ...]:
    """How the judgement was reached, each step a sentence."""
    steps = (one_line(step).rstrip(".") for step in finding.story)
    return tuple(f"{capital(step)}." for step in steps if step)


def seen(occurrences: tuple[Occurrence, ...], names: Mapping[str, str]) -> str:
    """Where it was seen: ``test_customer.yaml #3 (+2 more)``; empty where nobody wrote it down."""
    if not occurrences:
        return ""
    first, *more = occurrences
    others = f" (+{len(more)} more)" if more else ""
    return f"{spot(first, names)}{others}"


def spot(occurrence: Occurrence, names: Mapping[str, str]) -> str:
    """One place: ``test_customer.yaml #3``, the number being that of the interaction, from 0."""
    name = names.get(occurrence.cassette, occurrence.cassette)
    if occurrence.interaction >= 0:
        return f"{name} #{occurrence.interaction}"
    return f"{name} fresh #{occurrence.fresh_interaction}"


def fails(report: Report, finding: Finding) -> bool:
    """Whether this finding alone makes the exit code 1."""
    return report.fail_on is not FailOn.NEVER and finding.severity >= Severity[report.fail_on.name]


def confirmation(finding: Finding) -> str:
    """Whether a second look showed it too, in words; empty where nothing could tell."""
    return {True: "confirmed", False: "not confirmed", None: ""}[finding.confirmed]


def attribution(report: Report, findings: Iterable[Finding]) -> str:
    """Who changed, and what that did to the tests, where the findings agree on it; else empty."""
    words = {_attribution(report, finding) for finding in findings}
    return words.pop() if len(words) == 1 else ""


def sentence(report: Report, finding: Finding, occurrences: tuple[Occurrence, ...], names: Mapping[str, str]) -> str:
    """A finding in one line, with those places where it was seen."""
    what = " ".join(filter(None, (kind(finding), visible(place(finding)), *change(finding))))
    where = ", ".join(filter(None, (visible(seen(occurrences, names)), confirmation(finding))))
    remarks = "; ".join(filter(None, (where, attribution(report, (finding,)))))
    line = f"{finding.severity.label}: {finding.method} {visible(finding.endpoint)}: {what}"
    return f"{line} ({remarks})" if remarks else line


def cause(each: CouldNotCheck) -> str:
    """Why something could not be checked, in one line."""
    return ": ".join(filter(None, (_reason(each), one_line(each.detail))))


def short_names(report: Report) -> dict[str, str]:
    """Each cassette's file name, or its whole path where two files have the same name."""
    paths = {occurrence.cassette for finding in report.findings for occurrence in finding.occurrences}
    paths |= {each.cassette for each in report.could_not_check} | {each.path for each in report.cassettes}
    count = Counter(_file_name(path) for path in paths)
    return {path: _file_name(path) if count[_file_name(path)] == 1 else path for path in paths}


def unchecked(report: Report, names: Mapping[str, str]) -> tuple[Unchecked, ...]:
    """What could not be checked, by reason and detail."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in sorted(report.could_not_check, key=_reason_first):
        places = groups.setdefault((_reason(each), one_line(each.detail)), [])
        name = names[each.cassette] if is_diff(report) else each.test or names[each.cassette]
        if name and name not in places:
            places.append(name)
    return tuple(Unchecked(reason, detail, tuple(places)) for (reason, detail), places in groups.items())


def failed(report: Report) -> tuple[str, ...]:
    """The tests that failed without drift, as far as they have a cassette."""
    return tuple(each.test or each.path for each in report.cassettes if each.verdict is Verdict.FAILED)


def outcome(report: Report) -> str:
    """Why the run ends as it does, with its exit code, in one sentence."""
    limit = f"--fail-on {report.fail_on}"
    if report.exit_code == 1:
        why = f"there is drift at or above {limit}"
    elif not report.checked_cassettes:
        why = "nothing was checked"
    elif report.could_not_check:
        why = "not everything could be checked"
    elif report.failed_tests:
        why = failures(report)
    elif report.fail_on is FailOn.NEVER:
        why = f"drift does not fail a run under {limit}"
    else:
        why = f"no drift is at or above {limit}"
    return f"Exit code {report.exit_code}: {why}."


def steps(report: Report) -> tuple[Step, ...]:
    """What to do now."""
    worst = max((finding.severity for finding in report.findings), default=Severity.INFO)
    command = "undrift diff STORED FRESH" if is_diff(report) else "undrift check"
    found: list[Step] = []
    if not is_diff(report):
        found += _settling(report)
    if worst > Severity.INFO and report.exit_code != 1:
        found.append(Step(f"{command} --fail-on {worst.label}", "make this fail the run"))
    unlooked = [each for each in report.could_not_check if each.reason is not Reason.NOT_COMPARED]
    if (unlooked or report.failed_tests) and not is_diff(report):
        found.append(Step(command, "look again, once what is named above is put right"))
    if len(unlooked) < len(report.could_not_check) and not is_diff(report):
        found.append(Step("undrift missing", "record the cassettes that are not there yet"))
    if not (report.checked_cassettes or report.could_not_check or is_diff(report)):
        found.append(Step("undrift record", "record the cassettes, where there are none yet"))
    return tuple(found)


def _settling(report: Report) -> Iterator[Step]:
    """How to settle what was found: only the take of a test that passes can be accepted."""
    above = [finding for finding in report.findings if finding.severity > Severity.INFO]
    if any(finding.attribution is not Attribution.BROKEN_BY_DRIFT for finding in above):
        meant = "the new requests are meant" if all(finding.is_client_drift for finding in above) else "it is right"
        yield Step("undrift accept", f"take the fresh traffic over into the cassettes, if {meant}")
    if any(finding.attribution is Attribution.BROKEN_BY_DRIFT for finding in above):
        yield Step("undrift record", "record the failing tests again, once they are mended")


def _attribution(report: Report, finding: Finding) -> str:
    if finding.is_client_drift:
        return "client drift: the requests changed, not the API"
    return "" if is_diff(report) else _ATTRIBUTIONS[finding.attribution]


def _endpoints(findings: list[Finding], *, name_services: bool) -> tuple[Endpoint, ...]:
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=_reading_order):
        groups.setdefault((finding.service, finding.endpoint, finding.method), []).append(finding)
    return tuple(
        Endpoint(f"{method} {endpoint}", service if name_services else "", tuple(group))
        for (service, endpoint, method), group in groups.items()
    )


def _reading_order(finding: Finding) -> tuple[Any, ...]:
    part = tuple(Where).index(finding.where)
    return (finding.service, finding.endpoint, finding.method, part, finding.path, finding.kind)


def _reason_first(each: CouldNotCheck) -> tuple[str, str, str, str]:
    return (each.reason, each.detail, each.cassette, each.test or "")


def _reason(each: CouldNotCheck) -> str:
    return _REASONS.get(each.reason) or each.reason.replace("-", " ")


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "string"


def _from_to(kind: Kind, stored: Any, fresh: Any) -> tuple[str, ...]:
    match kind:
        case Kind.ARRAY_EMPTIED | Kind.LENGTH_CHANGED if not isinstance(stored, str):
            return (f"{_length(stored)} → {_length(fresh)} elements",)
        case Kind.TYPE_CHANGED if _type(stored) != _type(fresh):
            return (f"{_type(stored)} → {_type(fresh)}", *_scalars(stored, fresh))
        case _:
            old, new = show_pair(stored, fresh)
            return (f"{old} →", new)


def _length(value: Any) -> str:
    """The length of an array, or the number that stands for it."""
    return str(len(value)) if isinstance(value, list) else show(value)


def _scalars(stored: Any, fresh: Any) -> tuple[str, ...]:
    if any(isinstance(value, list | dict | None) for value in (stored, fresh)):
        return ()
    old, new = show_pair(stored, fresh)
    return (f"({old} →", f"{new})")
