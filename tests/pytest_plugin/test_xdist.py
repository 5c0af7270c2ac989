"""Many workers see and leave what one process does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from undrift.store import read
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project

    from undrift.store.workspace import Note

pytest.importorskip("xdist")

TESTS = """
import httpx, os, pytest

pytestmark = pytest.mark.vcr

@pytest.fixture(scope="session")
def token():
    return httpx.get("{url}/token", verify=False).json()["id"]

@pytest.mark.parametrize("number", range(4))
def test_it(number, token):
    if number == int(os.environ.get("DIES", "-1")):
        os._exit(7)
    assert httpx.get("{url}/numbers", params={"n": number}, verify=False).json()["number"] == 7
"""
FOUR = [f"tests/test_it.py::test_it[{number}]" for number in range(4)]


@pytest.fixture
def many(project: Project) -> Project:
    project.write(TESTS)
    return project


def check(project: Project, monkeypatch: pytest.MonkeyPatch, run: str, *options: str) -> list[Note]:
    """Give the notes that a check of this name leaves, as undrift's own command would find them."""
    with monkeypatch.context() as patched:
        patched.setenv("UNDRIFT_RUN", run)
        project.run("--undrift=check", *options)
    return sorted(Workspace(project.root).notes(run), key=lambda note: note.test)


def plain(notes: list[Note], run: str) -> str:
    """Leave away what differs from run to run: the name of the run, in the path of the take."""
    return str(notes).replace(f"takes/{run}/", "takes/RUN/")


def test_workers_record_replay_and_check_as_one_process_does(many: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = many.run("--undrift=record", "-n", "2")
    recorded.assert_outcomes(passed=4)
    recorded.stdout.fnmatch_lines(
        ["Recorded 5 cassettes.", "  cassettes/tests/test_it/*", "  cassettes/_fixtures/token.yaml"]
    )
    assert {path.name for path in (many.root / "cassettes").rglob("*.yaml")} == {
        "token.yaml",
        *(f"test_it[{number}].yaml" for number in range(4)),
    }
    hits = len(many.server.hits)
    many.run().assert_outcomes(passed=4)
    assert len(many.server.hits) == hits
    alone, together = check(many, monkeypatch, "alone"), check(many, monkeypatch, "together", "-n", "2")
    assert plain(together, "together") == plain(alone, "alone")
    assert [note.test for note in alone] == [*FOUR, "tests/test_it.py::token"]


SHARED = """
import httpx, pytest

pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("shared")]

@pytest.mark.parametrize("number", range(4))
def test_it(number):
    httpx.get("{url}/numbers", params={"n": number}, verify=False)
"""


def test_workers_record_to_one_cassette(project: Project) -> None:
    project.write(SHARED)
    # The second time what was there is replaced, and not added to.
    for _ in range(2):
        recorded = project.run("--undrift=record", "-n", "2")
        recorded.assert_outcomes(passed=4)
        recorded.stdout.fnmatch_lines(["Recorded 1 cassette.", "  cassettes/tests/test_it/shared.yaml"])
        stored = read(project.cassette("shared")).interactions
        assert sorted(one.request.url[-4:] for one in stored) == [f"?n={number}" for number in range(4)]
    project.run().assert_outcomes(passed=4)
    assert len(project.server.hits) == 8


def test_a_check_says_the_same_of_drift(many: Project) -> None:
    many.run("--undrift=record")
    cassette = many.cassette("test_it[2]")
    cassette.write_text(cassette.read_text("utf-8").replace('"number": 7', '"number": "7"'), "utf-8")
    before = {path: path.read_bytes() for path in (many.root / "cassettes").rglob("*.yaml")}
    result = many.run("--undrift=check", "-n", "2")
    result.stdout.fnmatch_lines(["*type changed*/number*"])
    result.stdout.fnmatch_lines(["Exit code 1: *"])
    assert result.ret == 1
    assert {path: path.read_bytes() for path in (many.root / "cassettes").rglob("*.yaml")} == before


def test_a_worker_that_dies_leaves_nothing_clean(many: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many.run("--undrift=record")
    monkeypatch.setenv("DIES", "2")
    notes = {note.test: note for note in check(many, monkeypatch, "died", "-n", "2", "--max-worker-restart=0")}
    assert (notes[FOUR[2]].outcome, notes[FOUR[2]].detail) == ("not-run", "The test was not run, or not to its end.")
    assert set(FOUR) <= set(notes)


def test_a_live_key_ends_the_run_before_it_begins(many: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many.configure(
        "[tool.undrift.services.shop]\norigins = ['https://shop.example']\n"
        "credentials = { SHOP_KEY = 'sk_test_[a-z]+' }\n"
    )
    monkeypatch.setenv("SHOP_KEY", "sk_live_abc")
    result = many.run("--undrift=record", "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: The credential SHOP_KEY, found in the environment, does not match its pattern*"]
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert many.server.hits == []


# What pytest-xdist does with a worker, as far as undrift sees of it.
AS_WORKER = """
import json, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.workerinput = {"undrift": {"run": "theirs", "root": ""}}
    config.workeroutput = {}

def pytest_unconfigure(config):
    with open("workeroutput.json", "w") as file:
        json.dump(config.workeroutput, file)
"""


@pytest.mark.parametrize("chosen", ["test_it", "nothing"])
def test_a_worker_hands_over_what_its_fixtures_left_and_writes_no_journal(many: Project, chosen: str) -> None:
    many.run("--undrift=record")
    many.write(AS_WORKER, "conftest.py")
    many.run("--undrift=check", "-p", "no:xdist", "-k", chosen)
    output = json.loads((many.root / "workeroutput.json").read_text("utf-8"))
    assert [note["test"] for note in output["undrift"]] == (["tests/test_it.py::token"] if chosen == "test_it" else [])
    workspace = Workspace(many.root)
    assert workspace.notes("theirs") == ()
    assert workspace.expected_tests("theirs") == (tuple(FOUR) if chosen == "test_it" else ())
