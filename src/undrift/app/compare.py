"""``undrift diff``: two cassettes, or two folders of them, without tests and without network."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from undrift import __version__, store
from undrift.app.check import context_for, rules_used
from undrift.drift import Comparison, compare, merge
from undrift.drift.results import CassetteResult, CouldNotCheck, Reason, Report, Run, Verdict, judge
from undrift.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from undrift.app.project import Project
    from undrift.drift.results import FailOn
    from undrift.model import Cassette

_ENDINGS = {".yaml", ".yml", ".json"}


def diff(  # noqa: PLR0913 - the parts of the command
    project: Project,
    stored: Path,
    fresh: Path,
    fail_on: FailOn,
    *,
    stored_takes: Sequence[Path] = (),
    fresh_takes: Sequence[Path] = (),
) -> Report:
    """Compare two cassettes or two folders; the takes are evidence of noise.

    Raises UsageError where a path does not exist, or one is a folder and the other a file;
    CassetteError where one of two given files is no cassette.
    """
    started = dt.datetime.now(dt.UTC)
    _must_fit(stored, fresh)
    if not stored.is_dir():
        evidence = [store.read(path) for path in stored_takes], [store.read(path) for path in fresh_takes]
        name = stored.as_posix()
        compared = [(name, _compare(project, name, store.read(stored), store.read(fresh), evidence))]
        problems: list[CouldNotCheck] = []
    else:
        if stored_takes or fresh_takes:
            raise UsageError("--stored-take and --fresh-take go with two files, not with two folders.")
        compared, problems = _folders(project, stored, fresh)
    return _report(project, started, compared, problems, fail_on)


def _must_fit(stored: Path, fresh: Path) -> None:
    for path in (stored, fresh):
        if not path.exists():
            raise UsageError(f"{path} does not exist. Give two cassettes, or two folders of them.")
    if stored.is_dir() != fresh.is_dir():
        folder, file = (stored, fresh) if stored.is_dir() else (fresh, stored)
        raise UsageError(f"{folder} is a folder and {file} is a file. Give two cassettes, or two folders of them.")


def _folders(project: Project, stored: Path, fresh: Path) -> tuple[list[tuple[str, Comparison]], list[CouldNotCheck]]:
    old, new = set(_cassettes(stored)), set(_cassettes(fresh))
    compared: list[tuple[str, Comparison]] = []
    problems: list[CouldNotCheck] = []
    for name in sorted(old | new):
        if name not in old or name not in new:
            side = fresh if name in old else stored
            problems.append(CouldNotCheck(name, None, Reason.NOT_COMPARED, f"There is no such cassette in {side}."))
            continue
        try:
            both = store.read(stored / name), store.read(fresh / name)
        except CassetteError as error:
            problems.append(CouldNotCheck(name, None, Reason.NOT_COMPARED, str(error)))
            continue
        compared.append((name, _compare(project, name, *both, ([], []))))
    return compared, problems


def _cassettes(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.suffix in _ENDINGS and path.is_file():
            yield path.relative_to(folder).as_posix()


def _compare(
    project: Project, name: str, stored: Cassette, fresh: Cassette, evidence: tuple[list[Cassette], list[Cassette]]
) -> Comparison:
    context = context_for(project.config, name, stored, dt.datetime.now(dt.UTC).date())
    return compare(stored, fresh, context, stored_takes=evidence[0], fresh_takes=evidence[1])


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
        noise=sum(len(comparison.noise) for comparison in comparisons),
        rules=rules_used(project.config, comparisons),
    )
