from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PLAYERS = Path(__file__).with_name("play_cassettes.py")


@pytest.mark.skipif(importlib.util.find_spec("pytest_recording") is None, reason="pytest-recording is not installed")
def test_vcrpy_and_pytest_recording_play_every_cassette(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:undrift", "--noconftest", "-c", os.devnull]
    options = ["--rootdir", str(tmp_path), "--record-mode=none", "--block-network", "-p", "no:cacheprovider", "-q"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "UNDRIFT"))}
    run = subprocess.run(
        [*command, *options, str(PLAYERS)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    played = re.search(r"^(\d+) passed", run.stdout, re.MULTILINE)
    assert played is not None
    # Each of the flows over each client, and each test of the example; by two players.
    assert int(played[1]) >= 2 * (33 + 8)
