"""Judging a check: what the takes of a run say of the stored cassettes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from undrift import __version__, store
from undrift.app.comparable import comparable
from undrift.app.session import origins_of
from undrift.drift import (
    Comparison,
    Context,
    Draft,
    Earlier,
    IgnoreRule,
    answers,
    confirm,
    examine,
    merge,
    merge_noise,
    open_groups,
    pool_drafts,
    questions,
    settle,
    unanswered,
)
from undrift.drift.results import (
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Reason,
    Report,
    RulesUsed,
    Run,
    Severity,
    Verdict,
    judge,
)
from undrift.errors import CassetteError, CassetteNotFoundError
from undrift.model import Cassette
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from undrift.app.nights import Nights
    from undrift.app.project import Project
    from undrift.config import Config
    from undrift.store.workspace import Note

_FAILED = ("failed", "error")
_FARED = {"skipped": "was skipped", "xfailed": "failed as expected before its first request"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One note and what came of it: a comparison, or the reason why there is none."""

    note: Note
    comparison: Comparison | None = None
    problem: CouldNotCheck | None = None


def judge_single_pass(project: Project, run: str, started: dt.datetime) -> Report:
    """The report of a check that takes one pass and confirms nothing."""
    notes = Workspace(project.root).notes(run)
    return report_of(project, run, started, check_notes(project, notes), FailOn.BREAKING)


def check_notes(project: Project, notes: Sequence[Note], nights: Nights | None = None) -> tuple[Checked, ...]:
    """Compare each take of a run with its cassette.

    A change of shape is judged by what all of them show of its endpoint, and by earlier ``nights``.
    """
    looked = [found for note in notes if (found := _look(project, note, nights)) is not None]
    drafts = [found for found in looked if isinstance(found, _Drafted)]
    asked = questions(found.draft for found in drafts)
    more = [answers(*_both(project, found.note), *asked) for found in drafts if unanswered(found.draft, *asked)]
    before, after = pool_drafts((found.draft for found in drafts), more)
    if nights is not None:
        nights.read(group for found in drafts for group in open_groups(found.draft))

    def settled(found: _Drafted) -> Checked:
        earlier = Earlier() if nights is None else nights.before(found.note, open_groups(found.draft))
        return Checked(found.note, settle(found.draft, found.context, before, after, earlier))

    return tuple(settled(found) if isinstance(found, _Drafted) else found for found in looked)


def unsettled(checked: Sequence[Checked]) -> tuple[str, ...]:
    """The tests with a finding above info: those that a second take can confirm or clear.

    A fixture's deck is recorded by whatever test needs the fixture first, so a finding there
    asks for all of them.
    """
    open_ones = [
        found.note
        for found in checked
        if found.comparison is not None
        and any(finding.severity > Severity.INFO for finding in found.comparison.findings)
    ]
    if any(note.is_fixture for note in open_ones):
        return tuple(found.note.test for found in checked)
    return tuple(note.test for note in open_ones)


def confirmed(
    project: Project, checked: Sequence[Checked], second: Sequence[Note], nights: Nights | None = None
) -> tuple[Checked, ...]:
    """The comparisons after a second take of the unsettled tests.

    What the second take does not show is noise. A test whose second take is missing or could
    not be compared stays as it was, unconfirmed.
    """
    again = {(note.test, note.cassette): note for note in second}
    settled = []
    for found in checked:
        note = again.get((found.note.test, found.note.cassette))
        if note is not None and found.comparison is not None:
            repeated = _look(project, note, nights, stored_note=found.note)
            if isinstance(repeated, _Drafted) and not repeated.draft.could_not_check:
                # What is confirmed is that it shows again; how much it hurts was judged before.
                draft = repeated.draft
                repetition = settle(draft, repeated.context, draft.before, draft.after)
                settled.append(replace(found, comparison=confirm(found.comparison, repetition)))
                continue
        settled.append(found)
    return tuple(settled)


def report_of(  # noqa: PLR0913, PLR0917 - the parts of a report
    project: Project,
    run: str,
    started: dt.datetime,
    checked: Sequence[Checked],
    fail_on: FailOn,
    extra_problems: Sequence[CouldNotCheck] = (),
) -> Report:
    """The report of all that was checked."""
    compared = [found.comparison for found in checked if found.comparison is not None]
    results = tuple(_result(found) for found in checked)
    problems = [found.problem for found in checked if found.problem is not None]
    for comparison in compared:
        problems += comparison.could_not_check
    return Report(
        tool_version=__version__,
        run=Run(run, f"{started:%Y-%m-%dT%H:%M:%SZ}", "check"),
        fail_on=fail_on,
        findings=merge(finding for comparison in compared for finding in comparison.findings),
        cassettes=results,
        could_not_check=(*problems, *extra_problems),
        checked_cassettes=sum(comparison.interactions > 0 for comparison in compared),
        checked_interactions=sum(comparison.interactions for comparison in compared),
        noise=sum(comparison.noise_count for comparison in compared),
        # A test that drift or a failure to look explains is no flake.
        failed_tests=sum(result.verdict is Verdict.FAILED for result in results),
        rules=rules_used(project.config, compared),
        noise_seen=merge_noise(one for comparison in compared for one in comparison.noise),
    )


def context_for(config: Config, cassette: str, stored: Cassette, today: dt.date) -> Context:
    """What the drift engine needs to know of one cassette."""
    policy = config.client_drift or ("fail" if stored.is_ours else "warn")
    rules = tuple(
        IgnoreRule(rule.service, rule.endpoint, rule.path, rule.kind, rule.reason, rule.expires)
        for rule in config.ignore
    )
    return Context(
        cassette=cassette,
        service_of=origins_of(config).service_of,
        client_drift=policy,
        rules=rules,
        today=today,
        noise={service.name: frozenset(service.noise) for service in config.services if service.noise},
        volatile={service.name: frozenset(service.volatile) for service in config.services if service.volatile},
    )


def rules_used(config: Config, compared: Sequence[Comparison]) -> RulesUsed:
    """What became of the ignore rules over all comparisons."""
    if not config.ignore:
        return RulesUsed()
    used = dict.fromkeys(word for comparison in compared for word in comparison.rules.used)
    unused = dict.fromkeys(word for comparison in compared for word in comparison.rules.unused if word not in used)
    expired = dict.fromkeys(word for comparison in compared for word in comparison.rules.expired)
    return RulesUsed(tuple(used), tuple(unused), tuple(expired))


@dataclass(frozen=True, slots=True)
class _Drafted:
    """One note and its comparison, in which changes of shape are open."""

    note: Note
    draft: Draft
    context: Context


def _look(
    project: Project, note: Note, nights: Nights | None = None, *, stored_note: Note | None = None
) -> Checked | _Drafted | None:
    """One note's draft, or why there is none; None for a test that has nothing stored and sent nothing."""
    if note.outcome == "not-run" or note.reason == Reason.NOT_REACHED:
        return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason.NOT_REACHED, note.detail))
    cassette = project.root / note.cassette
    if note.take is None and (note.outcome in {"skipped", "xfailed", "error"} or not note.cassette):
        return _unlooked(cassette, note)
    try:
        stored = store.read(cassette)
    except CassetteNotFoundError:
        # A test that is expected to fail never gets a cassette, so that nothing is missing.
        return None if note.take is None or note.outcome == "xfailed" else _without_cassette(note)
    except CassetteError as error:
        return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason.NOT_COMPARED, error.problem))
    stored = comparable(project.config, stored)
    earlier = () if stored_note is None else (_readable(project, stored_note.take),)
    try:
        fresh = Cassette() if note.take is None else store.read(project.root / note.take)
    except CassetteError as error:
        return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason.NOT_COMPARED, str(error)))
    if nights is not None:
        nights.see(note, stored, fresh)
    context = replace(
        context_for(project.config, note.cassette, stored, dt.datetime.now(dt.UTC).date()),
        test=note.test,
        # A test that was expected to fail broke off too, and says nothing of who is to blame.
        test_outcome="skipped" if note.outcome == "xfailed" else note.outcome,
    )
    return _Drafted(note, examine(stored, fresh, context, fresh_takes=earlier), context)


def _both(project: Project, note: Note) -> tuple[Cassette, Cassette]:
    """The stored cassette of a note and its take, which were readable a moment ago."""
    return comparable(project.config, _readable(project, note.cassette)), _readable(project, note.take)


def _readable(project: Project, path: str | None) -> Cassette:
    """A cassette, or an empty one where there is none to be read."""
    try:
        return Cassette() if path is None else store.read(project.root / path)
    except CassetteError:
        return Cassette()


def _unlooked(cassette: Path, note: Note) -> Checked | None:
    """A test that was skipped or failed before it sent anything: nobody looked."""
    if not note.reason and not (note.cassette and cassette.is_file()):
        # Nothing is stored: there was nothing to look at.
        return Checked(note) if note.outcome in _FAILED else None
    if note.reason:
        return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason(note.reason), note.detail))
    fared = _FARED.get(note.outcome, "failed before its first request")
    detail = f"The test {fared}: {note.detail}" if note.detail else f"The test {fared}."
    return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason.NOT_REACHED, detail))


def _without_cassette(note: Note) -> Checked:
    detail = f"There is no cassette to compare with. Record one: undrift record {note.test}"
    return Checked(note, problem=CouldNotCheck(note.cassette, note.test, Reason.NOT_COMPARED, detail))


def _result(found: Checked) -> CassetteResult:
    failed = found.note.outcome in _FAILED
    if found.comparison is None:
        verdict = Verdict.COULD_NOT_CHECK if found.problem is not None else Verdict.FAILED
    else:
        problems = bool(found.comparison.could_not_check)
        verdict = judge(found.comparison.findings, could_not_check=problems, failed=failed)
    return CassetteResult(found.note.cassette, found.note.test, found.note.outcome, verdict)
