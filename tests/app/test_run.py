from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from undrift.app.project import Project
from undrift.app.run import run_tests
from undrift.config import Config, Mode
from undrift.errors import UsageError

if TYPE_CHECKING:
    from tests.stranger import Stranger


@pytest.mark.parametrize("argument", ["--undrift", "--undrift=record", "--undrift="])
def test_the_command_says_the_mode_and_nobody_else(argument: str) -> None:
    with pytest.raises(UsageError, match=f"^{argument} and the command check both say what to do; leave out"):
        run_tests(Project(Path(), Config()), Mode.CHECK, ["-k", "one", argument])


def test_pytest_runs_with_the_interpreter_that_runs_undrift(stranger: Stranger) -> None:
    stranger.write("import sys\ndef test_it():\n    print(f'interpreter={sys.executable}')\n")
    status = run_tests(Project(stranger.root, Config()), Mode.REPLAY, ["-s"])
    written = stranger.capfd.readouterr()
    assert (status, f"interpreter={sys.executable}" in written.out) == (0, True)
