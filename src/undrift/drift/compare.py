"""Two cassettes and further takes in, findings out: all steps of the pipeline, composed.

Changes of shape are judged by what all takes show of a place, and those of other cassettes
count too. So it goes in two steps: ``examine`` gives a draft, in which the changes of shape are
open, and ``settle`` judges them by what is known from everywhere. ``compare`` does both for two
cassettes alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from undrift.drift.align import align
from undrift.drift.comparison import Comparison, Draft, Shaped, Valued
from undrift.drift.correlate import Renaming
from undrift.drift.declared import why_declared
from undrift.drift.evidence import Evidence
from undrift.drift.merging import as_noise, merge
from undrift.drift.nights import Earlier
from undrift.drift.noise import NoiseLog, evidence_for, merge_noise, why_noise
from undrift.drift.observe import observe
from undrift.drift.plain import plain
from undrift.drift.reach import could_not_look, unfinished
from undrift.drift.results import Attribution, CouldNotCheck, Finding, Kind, Noise, Occurrence, Severity, Where
from undrift.drift.rules import apply_rules
from undrift.drift.shape import Shapes, place_of
from undrift.drift.traffic import prepare
from undrift.drift.verdict import Judgement, ShapeChange, judge_observation, judge_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from undrift.drift.align import Alignment
    from undrift.drift.comparison import Context
    from undrift.drift.observation import Observation
    from undrift.drift.shape import Facts, Place
    from undrift.drift.traffic import Exchange
    from undrift.model import Cassette

_NO_NIGHTS = Earlier()
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
    """Compare a stored cassette with a fresh one, by what they show alone; see ``examine``."""
    draft = examine(stored, fresh, context, stored_takes=stored_takes, fresh_takes=fresh_takes)
    return settle(draft, context, draft.before, draft.after)


def examine(
    stored: Cassette,
    fresh: Cassette,
    context: Context,
    *,
    stored_takes: Sequence[Cassette] = (),
    fresh_takes: Sequence[Cassette] = (),
) -> Draft:
    """Compare a stored cassette with a fresh one; what is left to judge are changes of shape.

    ``stored_takes`` and ``fresh_takes`` are further recordings of either side, as evidence
    of what changes by itself. Whatever cannot be compared is said so; nothing that was not
    compared is ever called clean.
    """
    old, new, *takes = prepare(stored, fresh, *stored_takes, *fresh_takes)
    of_stored, of_fresh = takes[: len(stored_takes)], takes[len(stored_takes) :]
    judge = _Judge(
        context,
        stored=_evidence(old, of_stored),
        fresh=_evidence(new, of_fresh),
        before=Shapes(exchange for side in (old, *of_stored) for exchange in side),
        after=Shapes(exchange for side in (new, *of_fresh) for exchange in side),
    )
    alignment = _examine(old, new, judge.pair)
    left = unfinished(stored, fresh, alignment, judge.problems, context)
    return Draft(
        findings=(*judge.findings, *judge.unpaired(left.missing, alignment.added)),
        shaped=tuple(judge.shaped),
        valued=tuple(judge.valued),
        noise=(*judge.log.noise(), *(_repeat(*repeat) for repeat in alignment.repeats)),
        could_not_check=(*judge.problems, *left.problems),
        interactions=judge.compared,
        before=judge.before.facts,
        after=judge.after.facts,
        groups=judge.before.groups | judge.after.groups,
    )


def settle(
    draft: Draft,
    context: Context,
    before: Mapping[Place, Facts],
    after: Mapping[Place, Facts],
    earlier: Earlier = _NO_NIGHTS,
) -> Comparison:
    """Judge what a draft left open by what is known of either side from everywhere, and by ``earlier`` nights.

    What other stored cassettes show excuses a change only where the fresh side still shows both:
    if nothing fresh is as it was, they may have been recorded after the change.
    """
    findings = [*draft.findings, *(_by_nights(valued, earlier) for valued in draft.valued)]
    noise = list(draft.noise)
    for shaped in draft.shaped:
        judgement = judge_shape(shaped.change, before[shaped.before], after[shaped.after])
        if judgement.severity is Severity.INFO:
            judgement = judge_shape(shaped.change, draft.before[shaped.before], after[shaped.after])
        if judgement.severity not in {None, Severity.INFO} and earlier.varied(shaped.change, shaped.after):
            judgement = Judgement(None, judgement.kind, "it came and went on earlier nights")
        if judgement.severity is None:
            noise.append(as_noise(shaped.finding, judgement.why))
            continue
        story = tuple(filter(None, (*shaped.finding.story, judgement.why)))
        findings.append(replace(shaped.finding, severity=judgement.severity, kind=judgement.kind, story=story))
    # Pairs are made in several rounds; findings are told in the order of the stored side.
    findings.sort(key=_by_interaction)
    kept, rules = apply_rules(context.rules, merge(findings), context.today)
    return Comparison(kept, draft.could_not_check, merge_noise(noise), draft.interactions, rules, context.test_outcome)


def _by_nights(valued: Valued, earlier: Earlier) -> Finding:
    """A changed value, which is risky where earlier nights know few values and none like it."""
    finding = valued.finding
    if not earlier.is_new(finding.fresh, valued.place):
        return finding
    why = "no earlier night showed this value there, and they showed few"
    return replace(finding, severity=Severity.RISKY, story=(*finding.story, why))


def _by_interaction(finding: Finding) -> tuple[bool, int]:
    stored = finding.occurrences[0].interaction
    return stored < 0, stored


def _examine(
    stored: Sequence[Exchange],
    fresh: Sequence[Exchange],
    take: Callable[[Exchange, Exchange, tuple[Observation, ...]], None],
) -> Alignment:
    """Align two takes, and hand over what each pair shows as soon as it is made."""
    renaming = Renaming()
    return align(stored, fresh, renaming, lambda one, other: take(one, other, observe(one, other, renaming)))


def _repeat(exchange: Exchange, stored: int, fresh: int, why: str) -> Noise:
    sent = f"{exchange.method} {exchange.interaction.request.url}"
    return Noise(
        method=exchange.method,
        endpoint=exchange.endpoint,
        where=Where.REQUEST,
        path="",
        interaction=stored,
        stored=sent if fresh < 0 else None,
        fresh=sent if stored < 0 else None,
        why=f"it {why} that both sides made",
    )


def _evidence(side: Sequence[Exchange], takes: Iterable[Sequence[Exchange]]) -> Evidence:
    evidence = Evidence()
    for take in takes:
        _examine(side, take, lambda one, _, seen: evidence.add(one.index, seen))
    return evidence


@dataclass(slots=True)
class _Judge:
    """Judges the pairs as they come; the last six hold what came of them."""

    context: Context
    stored: Evidence
    fresh: Evidence
    before: Shapes
    after: Shapes
    findings: list[Finding] = field(default_factory=list)
    shaped: list[Shaped] = field(default_factory=list)
    valued: list[Valued] = field(default_factory=list)
    log: NoiseLog = field(default_factory=NoiseLog)
    problems: list[CouldNotCheck] = field(default_factory=list)
    compared: int = 0

    def pair(self, one: Exchange, other: Exchange, observations: Iterable[Observation]) -> None:
        """Judge all that differs between two interactions."""
        problem = could_not_look(one, other, self.context)
        if problem is not None:
            self.problems.append(problem)
            return
        self.compared += 1
        declared = self.context.declared_of(one.interaction.request.url)
        for seen in observations:
            why = why_noise(seen, one, other, self.stored, self.fresh) or why_declared(seen, one.sent, declared)
            if why:
                self.log.add(seen, one, why)
            else:
                self._difference(seen, one, other)

    def _difference(self, seen: Observation, one: Exchange, other: Exchange) -> None:
        """Judge one difference that is not noise by itself."""
        change = ShapeChange.of(seen)
        if change is not None:
            self._shape(seen, change, one, other)
            return
        if seen.where is Where.REQUEST:
            judgement = Judgement(self._client_severity(), seen.kind, "the request changed")
        else:
            judgement = judge_observation(seen, one, other, self.before)
            if judgement.severity is None:
                self.log.add(seen, one, judgement.why)
        if judgement.severity is None:
            return
        finding = self._finding(seen, judgement.severity, judgement, one, other)
        if judgement.severity is Severity.INFO and seen.kind is Kind.VALUE_CHANGED and seen.where is Where.BODY:
            self.valued.append(Valued(finding, place_of(other, seen.steps)))
        else:
            self.findings.append(finding)

    def _shape(self, seen: Observation, change: ShapeChange, one: Exchange, other: Exchange) -> None:
        """Note a change of shape, and what this cassette alone shows of its place."""
        places = place_of(one, seen.steps, seen.holder), place_of(other, seen.steps, seen.holder)
        self.before.learn(places[0])
        self.after.learn(places[1])
        finding = self._finding(seen, Severity.INFO, Judgement(None, seen.kind, ""), one, other)
        self.shaped.append(Shaped(finding, change, *places))

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

    def _finding(
        self, seen: Observation, severity: Severity, judgement: Judgement, one: Exchange, other: Exchange
    ) -> Finding:
        said = evidence_for(seen, one, other, self.stored, self.fresh)
        story = (text for text in (seen.likeness.why if seen.likeness else "", said, judgement.why) if text)
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
