"""Two cassettes and further takes in, findings out: all steps of the pipeline, composed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.drift.align import Alignment, align
from undrift.drift.comparison import Comparison
from undrift.drift.correlate import Renaming
from undrift.drift.evidence import Evidence, gather
from undrift.drift.merging import merge
from undrift.drift.noise import Noise, why_declared, why_noise
from undrift.drift.observe import observe
from undrift.drift.plain import plain
from undrift.drift.reach import could_not_look, unfinished
from undrift.drift.results import Attribution, CouldNotCheck, Finding, Kind, Occurrence, Severity, Where
from undrift.drift.rules import apply_rules
from undrift.drift.shape import Shapes
from undrift.drift.traffic import Exchange, prepare
from undrift.drift.verdict import Judgement, judge_observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from undrift.drift.comparison import Context
    from undrift.drift.observation import Observation
    from undrift.model import Cassette

_ATTRIBUTIONS = {
    "passed": Attribution.STALE_MOCK,
    "failed": Attribution.BROKEN_BY_DRIFT,
    "error": Attribution.BROKEN_BY_DRIFT,
}


def compare(
    stored: Cassette,
    fresh: Cassette,
    context: Context,
    *,
    stored_takes: Sequence[Cassette] = (),
    fresh_takes: Sequence[Cassette] = (),
) -> Comparison:
    """Compare a stored cassette with a fresh one.

    ``stored_takes`` and ``fresh_takes`` are further recordings of either side, as evidence
    of what changes by itself. Whatever cannot be compared is said so; nothing that was not
    compared is ever called clean.
    """
    old, new, *takes = prepare(stored, fresh, *stored_takes, *fresh_takes)
    of_stored, of_fresh = takes[: len(stored_takes)], takes[len(stored_takes) :]
    examined = _examine(old, new)
    judge = _Judge(
        context,
        stored=_evidence(old, of_stored),
        fresh=_evidence(new, of_fresh),
        before=Shapes(exchange for side in (old, *of_stored) for exchange in side),
        after=Shapes(exchange for side in (new, *of_fresh) for exchange in side),
    )
    findings: list[Finding] = []
    noise: list[Noise] = []
    problems: list[CouldNotCheck] = []
    compared = 0
    for one, other in examined.alignment.pairs:
        problem = could_not_look(one, other, context)
        if problem is not None:
            problems.append(problem)
            continue
        compared += 1
        for seen in examined.observations[one.index]:
            result = judge.result(seen, one, other)
            if isinstance(result, Noise):
                noise.append(result)
            elif result is not None:
                findings.append(result)
    noise.extend(_repeat(*repeat) for repeat in examined.alignment.repeats)
    left = unfinished(stored, fresh, examined.alignment, problems, context)
    findings.extend(judge.unpaired(left.missing, examined.alignment.added))
    kept, rules = apply_rules(context.rules, merge(findings), context.today)
    return Comparison(kept, (*problems, *left.problems), tuple(noise), compared, rules, context.test_outcome)


@dataclass(frozen=True, slots=True)
class _Examined:
    """An alignment, and what each pair of it shows, by the stored index."""

    alignment: Alignment
    observations: dict[int, tuple[Observation, ...]]


def _examine(stored: Sequence[Exchange], fresh: Sequence[Exchange]) -> _Examined:
    renaming = Renaming()
    observations: dict[int, tuple[Observation, ...]] = {}

    def learn(one: Exchange, other: Exchange) -> None:
        observations[one.index] = observe(one, other, renaming)

    return _Examined(align(stored, fresh, renaming, learn), observations)


def _repeat(exchange: Exchange, stored: int, fresh: int, why: str) -> Noise:
    sent = f"{exchange.method} {exchange.interaction.request.url}"
    return Noise(
        where=Where.REQUEST,
        pointer="",
        interaction=stored,
        stored=sent if fresh < 0 else None,
        fresh=sent if stored < 0 else None,
        why=f"it {why} that both sides made",
    )


def _evidence(side: Sequence[Exchange], takes: Iterable[Sequence[Exchange]]) -> Evidence:
    return gather(_examine(side, take).observations.items() for take in takes)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What judging takes, besides the difference itself."""

    context: Context
    stored: Evidence
    fresh: Evidence
    before: Shapes
    after: Shapes

    def result(self, seen: Observation, one: Exchange, other: Exchange) -> Finding | Noise | None:
        """A difference as a finding or as noise; None where nobody wants to hear of it."""
        why = why_noise(seen, one, other, self.stored, self.fresh) or why_declared(
            seen, self.context.noise_of(one.interaction.request.url)
        )
        if not why:
            if seen.where is Where.REQUEST:
                return self._client(seen, one, other)
            judgement = judge_observation(seen, one, other, self.before, self.after)
            if judgement.severity is not None:
                return self._finding(seen, judgement.severity, judgement, one, other)
            why = judgement.why
        return Noise(seen.where, seen.pointer, one.index, plain(seen.stored), plain(seen.fresh), why)

    def unpaired(self, missing: Iterable[Exchange], added: Iterable[Exchange]) -> Iterable[Finding]:
        """Findings for interactions that one side alone has."""
        severity = self._client_severity()
        if severity is None:
            return
        for exchange in missing:
            yield self._lonely(Kind.INTERACTION_MISSING, severity, exchange, exchange.index, -1)
        for exchange in added:
            yield self._lonely(Kind.INTERACTION_ADDED, severity, exchange, -1, exchange.index)

    def _client_severity(self) -> Severity | None:
        return {"fail": Severity.BREAKING, "warn": Severity.INFO}.get(self.context.client_drift)

    def _client(self, seen: Observation, one: Exchange, other: Exchange) -> Finding | None:
        severity = self._client_severity()
        if severity is None:
            return None
        return self._finding(seen, severity, Judgement(severity, seen.kind, "the request changed"), one, other)

    def _finding(
        self, seen: Observation, severity: Severity, judgement: Judgement, one: Exchange, other: Exchange
    ) -> Finding:
        story = tuple(text for text in (seen.likeness.why if seen.likeness else "", judgement.why) if text)
        return Finding(
            severity=severity,
            kind=judgement.kind,
            where=seen.where,
            service=self.context.service_of(one.interaction.request.url),
            method=one.method,
            endpoint=one.endpoint,
            path=seen.path,
            stored=plain(seen.stored),
            fresh=plain(seen.fresh),
            occurrences=(Occurrence(self.context.cassette, one.index, other.index, seen.pointer),),
            attribution=self._attribution(),
            story=tuple(dict.fromkeys(story)),
        )

    def _lonely(self, kind: Kind, severity: Severity, exchange: Exchange, stored: int, fresh: int) -> Finding:
        sent = f"{exchange.method} {exchange.interaction.request.url}"
        return Finding(
            severity=severity,
            kind=kind,
            where=Where.REQUEST,
            service=self.context.service_of(exchange.interaction.request.url),
            method=exchange.method,
            endpoint=exchange.endpoint,
            path="",
            stored=sent if stored >= 0 else None,
            fresh=sent if fresh >= 0 else None,
            occurrences=(Occurrence(self.context.cassette, stored, fresh, ""),),
            attribution=self._attribution(),
        )

    def _attribution(self) -> Attribution:
        return _ATTRIBUTIONS.get(self.context.test_outcome, Attribution.UNKNOWN)
