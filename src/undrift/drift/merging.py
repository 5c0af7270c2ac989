"""Findings put together: over the places of one cassette, over cassettes, over takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from undrift.drift.results import Attribution, Kind, Noise, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undrift.drift.comparison import Comparison
    from undrift.drift.results import Finding

_Key = tuple[str, str, str, str, str, str]
# Findings about the value of a scalar: one that differs between two fresh takes says nothing.
_VALUES = frozenset({Kind.VALUE_CHANGED, Kind.TEXT_CHANGED, Kind.HEADER_CHANGED, Kind.REQUEST_CHANGED})


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each service, method, endpoint, place and kind, with all its occurrences.

    The highest severity wins. They come in a stable order: severity falling, then endpoint
    and path.
    """
    groups: dict[_Key, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_key(finding), []).append(finding)
    return tuple(sorted((_joined(group) for group in groups.values()), key=_order))


def confirm(first: Comparison, second: Comparison) -> Comparison:
    """The first comparison in the light of a second fresh take.

    ``second`` compares the same stored cassette with that take. What it does not show among
    the findings above info is noise, provided that it could look everywhere; the others are
    confirmed. A value that came out different in both fresh takes is noise too.
    """
    again = {_key(finding): finding for finding in second.findings}
    could_look = not second.could_not_check
    kept: list[Finding] = []
    noise = list(first.noise)
    for finding in first.findings:
        seen_again = again.get(_key(finding))
        if finding.severity is Severity.INFO or (seen_again is None and not could_look):
            kept.append(finding)
            continue
        why = _why_not_confirmed(finding, seen_again)
        if why:
            noise.append(as_noise(finding, why))
        else:
            kept.append(replace(finding, confirmed=True, story=(*finding.story, "A second fresh take shows it too.")))
    return replace(first, findings=tuple(kept), noise=tuple(noise))


def as_noise(finding: Finding, why: str) -> Noise:
    """A finding that turned out to say nothing."""
    first = finding.occurrences[0]
    return Noise(
        method=finding.method,
        endpoint=finding.endpoint,
        where=finding.where,
        path=finding.path,
        why=why,
        count=len(finding.occurrences),
        interaction=first.interaction,
        pointer=first.pointer,
        stored=finding.stored,
        fresh=finding.fresh,
    )


def _why_not_confirmed(finding: Finding, again: Finding | None) -> str:
    if again is None:
        return "a second fresh take does not show it"
    if finding.kind in _VALUES and finding.fresh != again.fresh and finding.fresh is not None:
        return "two fresh takes differ there too"
    return ""


def _key(finding: Finding) -> _Key:
    return finding.service, finding.method, finding.endpoint, finding.where, finding.path, finding.kind


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        -finding.severity,
        finding.service,
        finding.endpoint,
        finding.method,
        finding.where,
        finding.path,
        finding.kind,
    )


def _joined(group: list[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    attributions = {finding.attribution for finding in group}
    attribution = next((a for a in (Attribution.BROKEN_BY_DRIFT, Attribution.STALE_MOCK) if a in attributions), None)
    known = {finding.confirmed for finding in group} - {None}
    return replace(
        max(group, key=lambda finding: finding.severity),
        occurrences=tuple(dict.fromkeys(seen for finding in group for seen in finding.occurrences)),
        attribution=attribution or Attribution.UNKNOWN,
        confirmed=any(known) if known else None,
        story=tuple(dict.fromkeys(line for finding in group for line in finding.story)),
    )
