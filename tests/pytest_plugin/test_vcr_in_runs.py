"""``VCR`` in a run of pytest: the run's mode beats its record mode, and a check touches no cassette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project

TEST = """
import httpx, undrift
recorder = undrift.VCR(cassette_library_dir="tapes", record_mode="new_episodes")
def test_one():
    with recorder.use_cassette("one.yaml"):
        assert httpx.get("{url}/one", verify=False).status_code == 200
"""


@pytest.fixture
def tape(project: Project) -> Project:
    project.write(TEST)
    return project


def test_without_a_mode_it_does_what_it_says(tape: Project) -> None:
    for _ in range(2):
        tape.run().assert_outcomes(passed=1)
    assert len(tape.server.hits) == 1


def test_replay_sends_nothing(tape: Project) -> None:
    result = tape.run("--undrift=replay")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*record_mode 'none' doesn't record new ones*"])
    assert tape.server.hits == []


def test_record_replaces_and_keeps_what_a_failed_test_would_spoil(tape: Project) -> None:
    tape.run("--undrift=record").stdout.fnmatch_lines(["Recorded 1 cassette.", "  tapes/one.yaml"])
    before = tape.root.joinpath("tapes/one.yaml").read_bytes()
    tape.run("--undrift=record").assert_outcomes(passed=1)
    assert len(tape.server.hits) == 2
    assert tape.root.joinpath("tapes/one.yaml").read_bytes() != before
    before = tape.root.joinpath("tapes/one.yaml").read_bytes()
    tape.write(TEST + "        assert False\n")
    tape.run("--undrift=record").assert_outcomes(failed=1)
    assert tape.root.joinpath("tapes/one.yaml").read_bytes() == before


def test_live_uses_no_cassette(tape: Project) -> None:
    tape.run("--undrift=live").assert_outcomes(passed=1)
    assert len(tape.server.hits) == 1
    assert not tape.root.joinpath("tapes").exists()


def test_missing_records_once(tape: Project) -> None:
    for _ in range(2):
        tape.run("--undrift=missing").assert_outcomes(passed=1)
    assert len(tape.server.hits) == 1


def test_check_compares_and_touches_nothing(tape: Project) -> None:
    tape.run("--undrift=record")
    before = tape.root.joinpath("tapes/one.yaml").read_bytes()
    tape.run("--undrift=check").stdout.fnmatch_lines(["Clean: no drift in 1 cassette (1 interaction)."])
    assert len(tape.server.hits) == 2
    assert tape.root.joinpath("tapes/one.yaml").read_bytes() == before
