"""``undrift accept``: the takes of the last check become the cassettes."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from undrift import store
from undrift.drift.results import Severity
from undrift.errors import CassetteError, CassetteNotFoundError, UsageError
from undrift.model import Cassette
from undrift.scrub import Secrets, scrub
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from undrift.app.project import Project
    from undrift.store.workspace import Note


_GONE = "its take is gone; it was accepted already, or cleaned up"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A cassette that a take replaced, and how many findings of each severity it settles."""

    cassette: str
    interactions_before: int
    interactions_after: int
    settled: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A cassette that was left as it is, and why.

    ``is_refused`` where its take may not be accepted; ``has_failed`` where accepting it was
    tried in vain.
    """

    cassette: str
    why: str
    is_refused: bool = False
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What ``accept`` did; ``has_gaps`` where the check could not look at everything."""

    accepted: tuple[Accepted, ...]
    left: tuple[Left, ...]
    has_gaps: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether a take that might have been accepted could not be."""
        return any(cassette.has_failed for cassette in self.left)


class _Occurrence(msgspec.Struct):
    cassette: str


class _Finding(msgspec.Struct):
    severity: str
    occurrences: list[_Occurrence]


class _Run(msgspec.Struct):
    id: str


class _Report(msgspec.Struct):
    run: _Run
    findings: list[_Finding]
    could_not_check: list[Any] = []


def accept(project: Project, names: Sequence[str], secrets: Secrets) -> Acceptance:
    """Replace cassettes by the takes of the last check.

    Without names, every cassette that the check had a finding for; names are cassettes,
    tests, or patterns of either, and take what they name in any case. A take of a test that
    failed live, and one whose cassette changed since the check, is left. Raises UsageError
    where there is no check to accept, or a name fits nothing.
    """
    workspace = Workspace(project.root)
    report = _last_report(workspace)
    settled = _settled(report)
    notes = [note for note in workspace.notes(report.run.id) if note.cassette]
    chosen = _named(notes, names) if names else [note for note in notes if note.cassette in settled]
    accepted: list[Accepted] = []
    left: list[Left] = []
    for note in chosen:
        why = _why_not(project.root, note)
        if why:
            left.append(Left(note.cassette, why, is_refused=why != _GONE))
            continue
        try:
            accepted.append(_take_over(project, note, settled.get(note.cassette, {}), secrets))
        except CassetteError as error:
            # What was taken over before stays so, and has to be told.
            left.append(Left(note.cassette, str(error).rstrip("."), has_failed=True))
    return Acceptance(tuple(accepted), tuple(left), has_gaps=bool(report.could_not_check))


def in_words(done: Acceptance) -> str:
    """What became of each cassette, a line each, and what to do now."""
    lines = []
    for cassette in done.accepted:
        worst_first = sorted(cassette.settled, key=lambda pair: Severity[pair[0].upper()], reverse=True)
        settled = ", ".join(f"{count} {severity}" for severity, count in worst_first) or "no findings"
        before, after = cassette.interactions_before, cassette.interactions_after
        number = f"{after} {'interaction' if after == 1 else 'interactions'}"
        if before != after:
            number = f"{before} {'interaction' if before == 1 else 'interactions'} before, {after} now"
        lines.append(f"Accepted {cassette.cassette}: {number}; settles {settled}.")
    lines += [f"Left {cassette.cassette}: {cassette.why}." for cassette in done.left]
    if not lines:
        if done.has_gaps:
            return "There is nothing to accept: the last check could not look at everything, and found no change."
        return "There is nothing to accept: the last check found no change."
    if done.accepted:
        lines.append("Review the changes with `git diff`, and commit them.")
    return "\n".join(lines)


def _last_report(workspace: Workspace) -> _Report:
    try:
        return msgspec.json.decode(workspace.report.read_bytes(), type=_Report)
    except FileNotFoundError:
        raise UsageError(
            f"There is no check to accept: {workspace.report} does not exist. Run `undrift check` first."
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{workspace.report} cannot be read: {error}. Run `undrift check` again.") from error


def _settled(report: _Report) -> dict[str, dict[str, int]]:
    """How many findings of each severity each cassette has."""
    counts: dict[str, dict[str, int]] = {}
    for finding in report.findings:
        for cassette in {occurrence.cassette for occurrence in finding.occurrences}:
            found = counts.setdefault(cassette, {})
            found[finding.severity] = found.get(finding.severity, 0) + 1
    return counts


def _named(notes: Sequence[Note], names: Sequence[str]) -> list[Note]:
    chosen: dict[str, Note] = {}
    for name in names:
        found = [note for note in notes if _fits(name, note)]
        if not found:
            known = ", ".join(sorted(note.cassette for note in notes)) or "none"
            raise UsageError(f"{name!r} names nothing in the last check. Its cassettes are: {known}.")
        chosen |= {note.cassette: note for note in found}
    return list(chosen.values())


def _fits(name: str, note: Note) -> bool:
    texts = (note.cassette, note.test)
    ends, starts = (f"/{name}", f"::{name}"), (f"{name.rstrip('/')}/", f"{name}::")
    return any(
        text == name or text.endswith(ends) or text.startswith(starts) or fnmatch.fnmatchcase(text, name)
        for text in texts
    )


def _why_not(root: Path, note: Note) -> str:
    """Why a take may not become the cassette; an empty text where it may."""
    if note.take is None:
        return "the check left no take of it"
    if not (root / note.take).is_file():
        return _GONE
    if note.outcome != "passed":
        return (
            f"its test {'was ' if note.outcome == 'skipped' else ''}{note.outcome} live; mend the test and check again"
        )
    if note.digest != store.digest(root / note.cassette):
        return "the cassette changed since the check; check again"
    return ""


def _take_over(project: Project, note: Note, counts: dict[str, int], secrets: Secrets) -> Accepted:
    path = project.root / note.cassette
    take_path = project.root / str(note.take)
    take = store.read(take_path)
    try:
        before = store.read(path)
    except CassetteNotFoundError:
        before = Cassette()
    store.write(path, scrub(take, secrets), secrets, not_secret=project.config.not_secret)
    take_path.unlink()
    return Accepted(note.cassette, len(before), len(take), tuple(sorted(counts.items())))
