"""``undrift check``: one pass of live tests, a second one to confirm, and the report."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from undrift.app.check import check_notes, confirmed, report_of, unsettled
from undrift.app.nights import Nights
from undrift.app.run import FAILED, NO_TESTS, PASSED, USAGE_ERROR, run_tests
from undrift.config import Mode
from undrift.drift.results import CouldNotCheck, Reason, Report
from undrift.errors import ConfigError, UsageError
from undrift.store.workspace import Workspace, run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from undrift.app.project import Project
    from undrift.drift.results import FailOn


def check(  # noqa: PLR0913 - each is one thing that is asked for
    project: Project,
    arguments: Sequence[str],
    fail_on: FailOn,
    *,
    quiet_stdout: bool = False,
    read_only: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Run the tests live, compare, confirm what was found by a second pass, and report.

    ``tell`` gets a line for people before the second pass, and where the history of earlier nights
    cannot be used. Raises UsageError where pytest
    could not make sense of its arguments, ConfigError for a ``read_only`` check of a project that
    has no read-only origin.
    """
    if read_only and not any(service.read_only for service in project.config.services):
        raise ConfigError(
            "A read-only check goes to origins with read_only = true alone, and no service has one. Add it, such as "
            'origins = [{ url = "https://api.example.com", read_only = true }].'
        )
    started = dt.datetime.now(dt.UTC)
    run = run_id(started, secrets.token_hex(2))
    workspace = Workspace(project.root)
    workspace.start_run(run)
    status = run_tests(project, Mode.CHECK, arguments, run=run, quiet_stdout=quiet_stdout, read_only=read_only)
    if status == USAGE_ERROR:
        raise UsageError("pytest could not start; what it said is above.")
    nights = Nights(workspace, tell)
    checked = check_notes(project, workspace.notes(run), nights)
    tests = unsettled(checked)
    if tests:
        number = "1 test" if len(tests) == 1 else f"{len(tests)} tests"
        tell(f"{number} with findings once more, to see whether they stay:")
        again = f"{run}-2"
        # The same arguments, and a list for the plugin: thousands of node ids do not fit a command line.
        workspace.select_tests(again, tests)
        run_tests(project, Mode.CHECK, arguments, run=again, quiet_stdout=quiet_stdout, read_only=read_only)
        checked = confirmed(project, checked, workspace.notes(again), nights)
    nights.remember(run)
    return report_of(project, run, started, checked, fail_on, _cut_short(status))


def _cut_short(status: int) -> tuple[CouldNotCheck, ...]:
    """What pytest's own exit code says of tests that nobody heard of."""
    if status in {PASSED, FAILED}:
        return ()
    if status == NO_TESTS:
        return (CouldNotCheck("", None, Reason.NOT_REACHED, "pytest collected no tests."),)
    # Interrupted, an error of its own, a signal, or a code that a test or a plugin chose.
    detail = f"pytest ended early (exit code {status}), so tests may be missing; what it said is above."
    return (CouldNotCheck("", None, Reason.NOT_REACHED, detail),)
