"""What suites written for pytest-recording may also use, beside the rest in test_fixtures."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from undrift.pytest_plugin import options

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project


def test_markers_come_nearest_first(project: Project) -> None:
    project.write(
        "import pytest\npytestmark = pytest.mark.vcr(client_drift='warn')\n"
        "@pytest.mark.vcr(allow_playback_repeats=True)\n"
        "def test_one(vcr_markers):\n"
        "    assert [list(mark.kwargs) for mark in vcr_markers] == [['allow_playback_repeats'], ['client_drift']]\n"
    )
    project.run().assert_outcomes(passed=1)


def test_the_fixture_record_mode_may_be_overridden(project: Project) -> None:
    project.write(
        "import httpx, pytest\n@pytest.fixture(scope='session')\ndef record_mode():\n    return 'once'\n"
        '@pytest.mark.vcr\ndef test_one():\n    httpx.get("{url}/one", verify=False)\n'
    )
    for _ in range(2):
        project.run().assert_outcomes(passed=1)
    assert len(project.server.hits) == 1


def test_recording_may_be_disabled(project: Project) -> None:
    project.write(
        "import pytest\n@pytest.mark.vcr\n"
        "def test_one(vcr, disable_recording, default_cassette_name, recorded):\n"
        "    assert (vcr, disable_recording, default_cassette_name) == (None, True, 'test_one')\n"
        "    assert recorded('made up', lambda: 7) == 7\n"
    )
    project.run("--disable-recording").assert_outcomes(passed=1)


def test_another_cassette_plugin_is_one_too_many() -> None:
    if importlib.util.find_spec("pytest_recording") is None:
        pytest.skip("pytest-recording is not installed")
    manager = pytest.PytestPluginManager()
    with pytest.raises(pytest.UsageError) as caught:
        options.refuse_other_plugins(manager)
    assert str(caught.value) == (
        "undrift takes the place of pytest-recording, and both are installed: "
        "uninstall pytest-recording, or run pytest with -p no:recording."
    )
    manager.set_blocked("recording")
    options.refuse_other_plugins(manager)


def test_alone_in_its_environment_it_looks_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    manager = pytest.PytestPluginManager()
    options.refuse_other_plugins(manager)
    assert not manager.is_blocked("recording")


@pytest.mark.parametrize("marker", ['record_mode="rewrite"', 'record_mode="all"', 'record_mode="none"'])
def test_what_a_suite_says_of_recording_touches_no_cassette_in_a_check(
    project: Project, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    project.run("--undrift=record")
    before = project.cassette().read_bytes()
    project.write(
        f"import httpx, pytest\n@pytest.mark.vcr({marker})\ndef test_one():\n"
        '    httpx.get("{url}/one", verify=False)\n'
    )
    monkeypatch.setenv("UNDRIFT", "check")
    project.run().stdout.fnmatch_lines(["Clean: no drift in 1 cassette*"])
    assert project.cassette().read_bytes() == before
    assert len(project.server.hits) == 2
