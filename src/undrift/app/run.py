"""Running tests in a mode, as a child process: record, replay, check, missing, live."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

from undrift.app.check import Checked, check_notes, confirmed, report_of, unsettled
from undrift.config import Mode
from undrift.drift.results import CouldNotCheck, Reason, Report
from undrift.errors import UsageError
from undrift.store.workspace import Workspace, run_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undrift.app.project import Project
    from undrift.drift.results import FailOn

# pytest's exit codes, as its reference gives them.
_PASSED, _FAILED, _USAGE_ERROR, _NO_TESTS = 0, 1, 4, 5


def run_tests(mode: Mode, arguments: Sequence[str], *, run: str = "", quiet_stdout: bool = False) -> int:
    """Run pytest in a mode with the interpreter that runs undrift; returns pytest's status.

    With ``quiet_stdout``, what pytest prints goes to standard error. Raises UsageError for
    arguments that ask pytest for a mode of their own.
    """
    for argument in arguments:
        if argument.partition("=")[0] == "--undrift":
            raise UsageError(f"{argument} and the command {mode.value} both say what to do; leave out {argument}.")
    environment = dict(os.environ)
    if run:
        environment["UNDRIFT_RUN"] = run
    command = [sys.executable, "-m", "pytest", f"--undrift={mode.value}", *arguments]
    output = sys.stderr if quiet_stdout else None
    return subprocess.run(command, env=environment, stdout=output, check=False).returncode  # noqa: S603 - no shell


def check(project: Project, arguments: Sequence[str], fail_on: FailOn, *, quiet_stdout: bool = False) -> Report:
    """Run the tests live, compare, confirm what was found by a second pass, and report.

    Raises UsageError where pytest could not make sense of its arguments.
    """
    started = dt.datetime.now(dt.UTC)
    run = run_id(started, secrets.token_hex(2))
    workspace = Workspace(project.root)
    workspace.start_run(run)
    status = run_tests(Mode.CHECK, arguments, run=run, quiet_stdout=quiet_stdout)
    if status == _USAGE_ERROR:
        raise UsageError("pytest could not start; what it said is above.")
    checked = check_notes(project, workspace.notes(run))
    checked = _second_pass(project, workspace, run, checked, arguments, quiet_stdout=quiet_stdout)
    return report_of(project, run, started, checked, fail_on, _cut_short(status))


def _second_pass(  # noqa: PLR0913 - what both passes share
    project: Project,
    workspace: Workspace,
    run: str,
    checked: tuple[Checked, ...],
    arguments: Sequence[str],
    *,
    quiet_stdout: bool,
) -> tuple[Checked, ...]:
    tests = unsettled(checked)
    if not tests:
        return checked
    again = f"{run}-2"
    # The same arguments, and a list for the plugin: thousands of node ids do not fit a command line.
    workspace.select_tests(again, tests)
    run_tests(Mode.CHECK, arguments, run=again, quiet_stdout=quiet_stdout)
    return confirmed(project, checked, workspace.notes(again))


def _cut_short(status: int) -> tuple[CouldNotCheck, ...]:
    """What pytest's own exit code says of tests that nobody heard of."""
    if status in {_PASSED, _FAILED}:
        return ()
    if status == _NO_TESTS:
        return (CouldNotCheck("", None, Reason.NOT_REACHED, "pytest collected no tests."),)
    # Interrupted, an error of its own, a signal, or a code that a test or a plugin chose.
    detail = f"pytest ended early (exit code {status}), so tests may be missing; what it said is above."
    return (CouldNotCheck("", None, Reason.NOT_REACHED, detail),)
