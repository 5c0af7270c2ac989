"""``undrift diff``: two cassettes, or two folders of them, without tests and without network."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from undrift import __version__, store
from undrift.app.check import context_for, rules_used
from undrift.app.comparable import comparable
from undrift.app.folders import compare_folders, unwatched
from undrift.drift import compare, merge, merge_noise
from undrift.drift.results import CassetteResult, Report, Run, Verdict, judge
from undrift.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from undrift.app.folders import Watch
    from undrift.app.project import Project
    from undrift.drift import Comparison
    from undrift.drift.results import CouldNotCheck, FailOn
    from undrift.model import Cassette


def diff(  # noqa: PLR0913 - the parts of the command
    project: Project,
    stored: Path,
    fresh: Path,
    fail_on: FailOn,
    *,
    stored_takes: Sequence[Path] = (),
    fresh_takes: Sequence[Path] = (),
    watch: Watch = unwatched,
) -> Report:
    """Compare two cassettes or two folders; the takes are evidence of noise.

    ``watch`` is told how far the work on folders has come.

    Raises UsageError where a path does not exist, or one is a folder and the other a file;
    CassetteError where one of two given files is no cassette.
    """
    started = dt.datetime.now(dt.UTC)
    _must_fit(stored, fresh)
    problems: list[CouldNotCheck] = []
    if not stored.is_dir():
        name, old, new = stored.as_posix(), *(_read(project, path) for path in (stored, fresh))
        takes = [[_read(project, path) for path in paths] for paths in (stored_takes, fresh_takes)]
        context = context_for(project.config, name, old, started.date())
        compared = [(name, compare(old, new, context, stored_takes=takes[0], fresh_takes=takes[1]))]
    else:
        if stored_takes or fresh_takes:
            raise UsageError("--stored-take and --fresh-take go with two files, not with two folders.")
        compared, problems = compare_folders(project.config, stored, fresh, started.date(), watch)
    return _report(project, started, compared, problems, fail_on)


def _read(project: Project, path: Path) -> Cassette:
    return comparable(project.config, store.read(path))


def _must_fit(stored: Path, fresh: Path) -> None:
    for path in (stored, fresh):
        if not path.exists():
            raise UsageError(f"{path} does not exist. Give two cassettes, or two folders of them.")
    if stored.is_dir() != fresh.is_dir():
        folder, file = (stored, fresh) if stored.is_dir() else (fresh, stored)
        raise UsageError(f"{folder} is a folder and {file} is a file. Give two cassettes, or two folders of them.")


def _report(
    project: Project,
    started: dt.datetime,
    compared: list[tuple[str, Comparison]],
    problems: list[CouldNotCheck],
    fail_on: FailOn,
) -> Report:
    comparisons = [comparison for _, comparison in compared]
    results = [
        CassetteResult(
            name, None, "compared", judge(found.findings, could_not_check=bool(found.could_not_check), failed=False)
        )
        for name, found in compared
    ]
    results += [CassetteResult(problem.cassette, None, "compared", Verdict.COULD_NOT_CHECK) for problem in problems]
    return Report(
        tool_version=__version__,
        run=Run("diff", f"{started:%Y-%m-%dT%H:%M:%SZ}", "diff"),
        fail_on=fail_on,
        findings=merge(finding for comparison in comparisons for finding in comparison.findings),
        cassettes=tuple(results),
        could_not_check=(*problems, *(problem for found in comparisons for problem in found.could_not_check)),
        checked_cassettes=len(comparisons),
        checked_interactions=sum(comparison.interactions for comparison in comparisons),
        noise=sum(comparison.noise_count for comparison in comparisons),
        rules=rules_used(project.config, comparisons),
        noise_seen=merge_noise(one for comparison in comparisons for one in comparison.noise),
    )
