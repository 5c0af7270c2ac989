"""Running tests in a mode, as a child process: record, replay, check, missing, live."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from undrift.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undrift.app.project import Project
    from undrift.config import Mode

# pytest's exit codes, as its reference gives them.
PASSED, FAILED, USAGE_ERROR, NO_TESTS = 0, 1, 4, 5


def run_tests(  # noqa: PLR0913 - each is one thing that is asked for
    project: Project,
    mode: Mode,
    arguments: Sequence[str],
    *,
    run: str = "",
    quiet_stdout: bool = False,
    read_only: bool = False,
) -> int:
    """Run pytest in a mode with the interpreter that runs undrift; returns pytest's status.

    With ``quiet_stdout``, what pytest prints goes to standard error. With ``read_only``, nothing
    but GET and HEAD is sent, and to read-only origins alone. Raises UsageError for
    arguments that ask pytest for a mode of their own.
    """
    for argument in arguments:
        if argument.partition("=")[0] == "--undrift":
            raise UsageError(f"{argument} and the command {mode.value} both say what to do; leave out {argument}.")
    # The plugin has to find the same project, whichever folder pytest takes for its root.
    environment = {**os.environ, "UNDRIFT_ROOT": str(project.root)}
    if run:
        environment["UNDRIFT_RUN"] = run
    if read_only:
        environment["UNDRIFT_READ_ONLY"] = "1"
    command = [sys.executable, "-m", "pytest", f"--undrift={mode.value}", *arguments]
    output = sys.stderr if quiet_stdout else None
    return subprocess.run(command, env=environment, stdout=output, check=False).returncode  # noqa: S603 - no shell
