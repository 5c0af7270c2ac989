"""Client drift as findings: what the code under test now sends, or no longer sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from undrift.drift.results import Attribution, Finding, Kind, Occurrence, Severity, Where
from undrift.match import ABSENT

if TYPE_CHECKING:
    from undrift.app.open_deck import OpenDeck
    from undrift.engine import ClientDrift, Origins


def client_findings(drift: ClientDrift, cassette: str, origins: Origins) -> tuple[Finding, ...]:
    """One finding for each part of the request that changed, or one for a request not made."""
    if drift.result is None:
        return (_finding(drift, cassette, origins, Kind.INTERACTION_MISSING, "", (None, None)),)
    return tuple(
        _finding(
            drift, cassette, origins, Kind.REQUEST_CHANGED, reason.at, (_plain(reason.recorded), _plain(reason.sent))
        )
        for reason in drift.result.reasons
    )


def in_words(finding: Finding) -> str:
    """A client finding in one line."""
    place = f"{finding.method} {finding.endpoint}"
    number = finding.occurrences[0].interaction
    if finding.kind is Kind.INTERACTION_MISSING:
        return f"{place} (interaction {number}) was recorded, and is no longer sent."
    field = finding.path or "the body"
    if finding.stored is None:
        return f"{place} (interaction {number}): {field} is new, now {finding.fresh!r}."
    if finding.fresh is None:
        return f"{place} (interaction {number}): {field} is no longer sent, was {finding.stored!r}."
    return f"{place} (interaction {number}): {field} was {finding.stored!r}, now {finding.fresh!r}."


def changes_in_words(opened: OpenDeck, *, judge_unused: bool = True) -> tuple[str, ...]:
    """What was sent differently to a deck, and what was not sent any more, a line each."""
    if opened.stored is None:
        return ()
    deck = opened.deck
    judged = [drift for drift in deck.client_drift() if drift.sent is not None or judge_unused]
    return tuple(
        in_words(finding) for drift in judged for finding in client_findings(drift, deck.path, deck.options.origins)
    )


def _finding(  # noqa: PLR0913, PLR0917 - the parts of a finding
    drift: ClientDrift, cassette: str, origins: Origins, kind: Kind, path: str, values: tuple[Any, Any]
) -> Finding:
    return Finding(
        severity=Severity.BREAKING,
        kind=kind,
        where=Where.REQUEST,
        service=origins.service_of(drift.recorded.url),
        method=drift.recorded.method,
        endpoint=urlsplit(drift.recorded.url).path or "/",
        path=path,
        stored=values[0],
        fresh=values[1],
        occurrences=(Occurrence(cassette, drift.index, -1, path),),
        attribution=Attribution.UNKNOWN,
    )


def _plain(value: Any) -> Any:
    if value is ABSENT:
        return None
    if isinstance(value, (str, int, float, bool, list, dict)) or value is None:
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else repr(value)
