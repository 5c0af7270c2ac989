"""Whole runs of pytest: a suite of 500 tests, and a run that plays nothing."""

from __future__ import annotations

import resource
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from benchmarks.environments import environment, python_of
from benchmarks.traffic import BODY, FIELDS, write_cassette

if TYPE_CHECKING:
    from pathlib import Path

_TESTS: Final = 500
_REQUESTS: Final = 5
_PLUGINS: Final = {"undrift": "undrift", "vcrpy": "recording", "cassetter": "cassetter"}
# pytest's own cache is no part of the comparison.
_PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:cacheprovider")

_PLAYED: Final = """\
import httpx
import pytest

pytestmark = pytest.mark.vcr
CLIENT = httpx.Client()
"""
_FLOOR: Final = f"""\
import httpx

ANSWER = httpx.MockTransport(lambda _: httpx.Response(200, headers={FIELDS!r}, content={BODY!r}))
CLIENT = httpx.Client(transport=ANSWER)
"""
_TEST: Final = """

def test_{number}():
    for at in range({first}, {last}):
        assert CLIENT.get(f"https://api.example.com/v1/customers/{{at}}").json()["object"] == "customer"
"""
_CONFTEST: Final = """\
import sys


def pytest_unconfigure():
    assert "undrift" not in sys.modules or "vcr" not in sys.modules
"""


def prepare(folder: Path) -> None:
    """Write the suites, and the run that plays nothing."""
    for kind, head in (("floor", _FLOOR), ("played", _PLAYED)):
        (folder / kind).mkdir()
        numbers = [range(number * _REQUESTS, (number + 1) * _REQUESTS) for number in range(_TESTS)]
        tests = (_TEST.format(number=number, first=at.start, last=at.stop) for number, at in enumerate(numbers))
        (folder / kind / "test_suite.py").write_text(head + "".join(tests), "utf-8")
        (folder / kind / "pytest.ini").write_text("[pytest]\n", "utf-8")
    for number, at in enumerate(numbers):
        write_cassette(folder / "played" / "cassettes" / "test_suite" / f"test_{number}.yaml", at)
    (folder / "empty").mkdir()
    (folder / "empty" / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (folder / "empty" / "test_nothing.py").write_text("def test_nothing():\n    pass\n", "utf-8")
    # With undrift's plugin alone, vcrpy must not be imported by the time that everything is over.
    (folder / "empty" / "conftest.py").write_text(_CONFTEST, "utf-8")


def suite_run(folder: Path, who: str, kind: str) -> float:
    """Seconds of the processor that a suite takes by a contender: ``floor``, ``played`` or ``uncached``."""
    place = folder / ("floor" if kind == "floor" else "played")
    if kind == "uncached":
        shutil.rmtree(place / ".undrift", ignore_errors=True)
    options = ("-p", f"no:{_PLUGINS[who]}") if kind == "floor" else ()
    return _run(place, who, *options, passed=_TESTS)


def empty_run(folder: Path, who: str, *, bare: bool = False) -> float:
    """Seconds of the processor that a run takes that plays nothing, with the contender's plugin or without it."""
    return _run(folder / "empty", who, *(("-p", f"no:{_PLUGINS[who]}") if bare else ()), passed=1)


def _run(place: Path, who: str, *options: str, passed: int) -> float:
    command = [str(python_of(who)), *_PYTEST, *options]
    before = _spent_by_children()
    done = subprocess.run(command, cwd=place, env=environment(), capture_output=True, text=True, check=False)
    spent = _spent_by_children() - before
    if done.returncode or f"{passed} passed" not in done.stdout:
        raise SystemExit(f"{' '.join(command)} in {place} failed:\n{done.stdout}{done.stderr}")
    return spent


def _spent_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
