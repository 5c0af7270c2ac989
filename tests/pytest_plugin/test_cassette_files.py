"""Where cassettes lie, in which form, and who may share one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from undrift.store import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pytest_plugin.conftest import Project

GET = '    httpx.get("{url}/%s", verify=False)\n'


@pytest.fixture
def taken_over(project: Project) -> Project:
    """A suite written for pytest-recording: no table of ours."""
    project.configure("[project]\nname = 'theirs'\n")
    return project


def cassettes(project: Project) -> Path:
    return project.root / "tests" / "cassettes" / "test_it"


def test_a_long_name_is_the_one_that_pytest_recording_would_give(taken_over: Project) -> None:
    taken_over.write(
        "import httpx, pytest\n@pytest.mark.vcr\n@pytest.mark.parametrize('text', ['abcdefghij' * 30], ids=str)\n"
        "def test_long(text):\n" + GET % "one"
    )
    taken_over.run("--record-mode=once").assert_outcomes(passed=1)
    (path,) = cassettes(taken_over).iterdir()
    name = f"test_long[{'abcdefghij' * 30}]"
    assert path.name.startswith(f"{name[:215]}...")
    assert len(path.name) == 255


def test_json_lies_where_pytest_recording_puts_it(taken_over: Project) -> None:
    taken_over.write('import httpx, pytest\n@pytest.mark.vcr(serializer="json")\ndef test_one():\n' + GET % "one")
    for mode in ("all", "none"):
        taken_over.run(f"--record-mode={mode}").assert_outcomes(passed=1)
    assert len(taken_over.server.hits) == 1
    stored = json.loads((cassettes(taken_over) / "test_one.json").read_text("utf-8"))
    assert stored["interactions"][0]["response"]["status"]["code"] == 200


def test_another_ending_than_yaml_gets_it_as_in_pytest_recording(taken_over: Project) -> None:
    taken_over.write(
        'import httpx, pytest\n@pytest.mark.vcr\n@pytest.mark.default_cassette("pay.yml")\ndef test_one():\n'
        + GET % "one"
    )
    taken_over.run("--record-mode=once").assert_outcomes(passed=1)
    assert [path.name for path in cassettes(taken_over).iterdir()] == ["pay.yml.yaml"]


def test_the_hook_may_bring_a_serializer_and_a_persister(project: Project) -> None:
    project.write(
        "import json\nfrom pathlib import Path\n"
        "from vcr.persisters.filesystem import CassetteNotFoundError\n"
        "from vcr.serialize import deserialize, serialize\n"
        "class Shelf:\n"
        "    @staticmethod\n"
        "    def load_cassette(cassette_path, serializer):\n"
        "        path = Path('shelf', Path(cassette_path).name)\n"
        "        if not path.exists():\n            raise CassetteNotFoundError\n"
        "        return deserialize(path.read_text(), serializer)\n"
        "    @staticmethod\n"
        "    def save_cassette(cassette_path, cassette_dict, serializer):\n"
        "        Path('shelf').mkdir(exist_ok=True)\n"
        "        Path('shelf', Path(cassette_path).name).write_text(serialize(cassette_dict, serializer))\n"
        "class Compact:\n    serialize, deserialize = staticmethod(json.dumps), staticmethod(json.loads)\n"
        "def pytest_recording_configure(config, vcr):\n"
        "    vcr.register_persister(Shelf)\n    vcr.register_serializer('compact', Compact)\n",
        "conftest.py",
    )
    project.write('import httpx, pytest\n@pytest.mark.vcr(serializer="compact")\ndef test_one():\n' + GET % "one")
    for mode in ("record", "replay"):
        project.run(f"--undrift={mode}").assert_outcomes(passed=1)
    assert len(project.server.hits) == 1
    assert (project.root / "shelf" / "test_one.compact").read_text("utf-8").startswith('{"version": 1, "interactions"')
    assert not (project.root / "cassettes").exists()


def test_tests_that_share_a_cassette_record_one_behind_the_other(project: Project) -> None:
    project.write(
        "import httpx, pytest\npytestmark = [pytest.mark.vcr, pytest.mark.default_cassette('shared')]\n"
        f"def test_one():\n{GET % 'one'}def test_two():\n{GET % 'two'}"
    )
    for _ in range(2):
        project.run("--undrift=record").assert_outcomes(passed=2)
        stored = read(project.cassette("shared"))
        assert [one.request.url[-4:] for one in stored.interactions] == ["/one", "/two"]
    project.run().assert_outcomes(passed=2)
    assert len(project.server.hits) == 4


def test_an_extra_cassette_that_is_named_twice_is_played_once(project: Project) -> None:
    project.run("--undrift=record")
    project.write(
        "import httpx, pytest\npytestmark = pytest.mark.vcr('test_one.yaml')\n"
        "@pytest.mark.vcr('test_one.yaml', 'test_one.yaml')\ndef test_two(vcr):\n    assert len(vcr) == 1\n"
        + GET
        % "one"
    )
    project.run().assert_outcomes(passed=1)


def test_an_unknown_option_is_an_error_here_and_a_warning_in_a_suite_of_pytest_recording_s(project: Project) -> None:
    project.write("import pytest\n@pytest.mark.vcr(match_onn=['uri'])\ndef test_one():\n    pass\n")
    result = project.run()
    result.assert_outcomes(errors=1)
    sentence = "*has the option 'match_onn', which is not known. Did you mean 'match_on'?"
    result.stdout.fnmatch_lines([sentence])
    project.configure("[project]\nname = 'theirs'\n")
    result = project.run("-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines([f"*PytestWarning: {sentence}"])
