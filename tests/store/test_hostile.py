"""A little of what ``tests/fuzz_loader.py`` does at length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "fuzz_loader.py"


def test_hostile_input_is_read_or_refused_and_nothing_is_done() -> None:
    command = [sys.executable, str(SCRIPT), "--inputs", "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("300 inputs of seed 1: ")
    assert "CassetteUnreadableError" in done.stdout
    assert " read" in done.stdout
