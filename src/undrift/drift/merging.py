"""Findings put together: over the places of one cassette, over cassettes, over takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from undrift.drift.noise import Noise
from undrift.drift.results import Attribution, Kind, Severity

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
    merged: dict[_Key, Finding] = {}
    for finding in findings:
        key = _key(finding)
        merged[key] = _joined(merged[key], finding) if key in merged else finding
    return tuple(sorted(merged.values(), key=_order))


def confirm(first: Comparison, second: Comparison) -> Comparison:
    """The first comparison in the light of a second fresh take.

    ``second`` compares the same stored cassette with that take. What it does not show among
    the findings above info is noise; the others are confirmed. A value that came out
    different in both fresh takes is noise too.
    """
    again = {_key(finding): finding for finding in second.findings}
    kept: list[Finding] = []
    noise = list(first.noise)
    for finding in first.findings:
        if finding.severity is Severity.INFO:
            kept.append(finding)
            continue
        why = _why_not_confirmed(finding, again.get(_key(finding)))
        if why:
            noise.extend(
                Noise(finding.where, seen.pointer, seen.interaction, finding.stored, finding.fresh, why)
                for seen in finding.occurrences
            )
        else:
            kept.append(replace(finding, confirmed=True, story=(*finding.story, "A second fresh take shows it too.")))
    return replace(first, findings=tuple(kept), noise=tuple(noise))


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


def _joined(one: Finding, other: Finding) -> Finding:
    main = other if other.severity > one.severity else one
    occurrences = dict.fromkeys((*one.occurrences, *other.occurrences))
    attributions = {one.attribution, other.attribution}
    attribution = next((a for a in (Attribution.BROKEN_BY_DRIFT, Attribution.STALE_MOCK) if a in attributions), None)
    return replace(
        main,
        occurrences=tuple(occurrences),
        attribution=attribution or Attribution.UNKNOWN,
        confirmed=_confirmed(one.confirmed, other.confirmed),
        story=tuple(dict.fromkeys((*one.story, *other.story))),
    )


def _confirmed(one: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001 - two values of one kind
    if one is None or other is None:
        return one if other is None else other
    return one or other
