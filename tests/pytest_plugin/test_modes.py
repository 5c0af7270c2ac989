from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.cli import main

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project


def test_replay_without_a_cassette_says_how_to_record(project: Project) -> None:
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "E*undrift.NoCassetteError: GET */one cannot be replayed: there is no cassette at *test_one.yaml.",
        "E*Record it:",
        "E*undrift record tests/test_it.py::test_one",
    ])  # fmt: skip
    assert "src/undrift" not in result.stdout.str()
    assert project.server.hits == []


def test_the_way_out_is_written_for_the_folder_where_pytest_was_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "import httpx, pytest\n"
        "@pytest.fixture(scope='module')\ndef shared():\n    return httpx.get('{url}/shared')\n"
        "@pytest.mark.vcr\n@pytest.mark.parametrize('text', ['a b'])\ndef test_one(text):\n    httpx.get('{url}/one')\n"
        "@pytest.mark.vcr\ndef test_two(shared):\n    pass\n"
    )
    monkeypatch.chdir(project.root / "tests")
    result = project.run()
    result.stdout.fnmatch_lines(["E*undrift record 'test_it.py::test_one[[]a b[]]'"])
    result.stdout.fnmatch_lines(["E*undrift record test_it.py"])


def test_record_then_replay_offline(project: Project) -> None:
    project.run("--undrift=record").stdout.fnmatch_lines(
        ["*- undrift -*", "Recorded 1 cassette.", "  cassettes/tests/test_it/test_one.yaml"]
    )
    hits = len(project.server.hits)
    project.run().assert_outcomes(passed=1)
    assert len(project.server.hits) == hits == 1


def test_missing_records_only_what_has_no_cassette(project: Project) -> None:
    project.run("--undrift=record")
    before = project.cassette().read_bytes()
    project.write(
        'import httpx, pytest\npytestmark = pytest.mark.vcr\n'
        'def test_one():\n    httpx.get("{url}/one")\n'
        'def test_two():\n    httpx.get("{url}/two")\n'
    )  # fmt: skip
    project.run("--undrift=missing").assert_outcomes(passed=2)
    assert [path for _, path, _ in project.server.hits] == ["/one", "/two"]
    assert project.cassette().read_bytes() == before
    assert project.cassette("test_two").is_file()


def test_live_has_no_cassette_at_all(project: Project) -> None:
    project.run("--undrift=live").assert_outcomes(passed=1)
    assert not project.cassette().exists()
    assert not (project.root / ".undrift").exists()


@pytest.mark.parametrize(
    "body",
    [
        "    assert 0",
        "    pytest.skip('later')",
        "    pytest.xfail('known')",
    ],
)
def test_only_a_test_that_passed_replaces_its_cassette(project: Project, body: str) -> None:
    project.run("--undrift=record")
    before = project.cassette().read_bytes()
    project.write(f'import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n    httpx.get("{{url}}/two")\n{body}\n')
    result = project.run("--undrift=record")
    assert project.cassette().read_bytes() == before
    result.stdout.fnmatch_lines(["tests/test_it.py::test_one *, so its cassette stays as it was. *.undrift/takes/*"])
    (take,) = (project.root / ".undrift" / "takes").rglob("test_one.yaml")
    assert "/two" in take.read_text("utf-8")


def test_a_failing_teardown_is_no_passed_test(project: Project) -> None:
    project.write(
        'import httpx, pytest\n@pytest.fixture\ndef late():\n    yield\n    assert 0\n'
        '@pytest.mark.vcr\ndef test_one(late):\n    httpx.get("{url}/one")\n'
    )  # fmt: skip
    project.run("--undrift=record").assert_outcomes(passed=1, errors=1)
    assert not project.cassette().exists()


def test_requests_of_fixtures_belong_to_the_test(project: Project) -> None:
    project.write(
        "import httpx, pytest\n"
        '@pytest.fixture\ndef thing():\n    yield httpx.post("{url}/made").json()\n    httpx.delete("{url}/made")\n'
        '@pytest.mark.vcr\ndef test_one(thing):\n    assert thing["id"]\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    assert [method for method, _, _ in project.server.hits] == ["POST", "DELETE"]


def test_fixtures_of_wider_scope_have_their_own_deck(project: Project) -> None:
    project.write(
        "import httpx, pytest\n"
        '@pytest.fixture(scope="module")\ndef account():\n'
        '    yield httpx.post("{url}/account").json()["id"]\n    httpx.delete("{url}/account")\n'
        '@pytest.fixture(scope="session")\ndef token():\n    return httpx.get("{url}/token").json()["id"]\n'
        "@pytest.mark.vcr\ndef test_one(account, token):\n    assert account and token\n"
        '@pytest.mark.vcr\ndef test_two(account):\n    httpx.get("{url}/two")\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=2)
    hits = len(project.server.hits)
    assert (project.root / "cassettes/tests/test_it/_fixtures/account.yaml").is_file()
    assert (project.root / "cassettes/_fixtures/token.yaml").is_file()
    assert not project.cassette("test_one").exists()
    project.run().assert_outcomes(passed=2)
    project.run("-k", "two").assert_outcomes(passed=1, deselected=1)
    assert len(project.server.hits) == hits
    report = project.run("--undrift=check")
    report.assert_outcomes(passed=2)
    report.stdout.fnmatch_lines(["Clean: no drift in 3 cassettes*"])


def test_the_mode_comes_from_the_option_the_environment_or_the_table(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("def test_mode(undrift_mode):\n    print(f'mode={undrift_mode}')\n")
    project.configure('[tool.undrift]\nmode = "missing"')
    project.run("-s").stdout.fnmatch_lines(["*mode=missing*"])
    monkeypatch.setenv("UNDRIFT", "live")
    project.run("-s").stdout.fnmatch_lines(["*mode=live*"])
    project.run("-s", "--undrift=check").stdout.fnmatch_lines(["*mode=check*"])
    monkeypatch.setenv("UNDRIFT", "reply")
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: The environment variable UNDRIFT is 'reply'*Did you mean 'replay'?*"])


def test_two_ways_of_saying_the_mode_are_one_too_many(project: Project) -> None:
    result = project.run("--undrift=record", "--record-mode=once")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --undrift and --record-mode both say what to do; use one of them."])


def test_a_wrong_configuration_is_one_sentence(project: Project) -> None:
    project.configure('[tool.undrift]\nmoode = "replay"')
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *pyproject.toml: *unknown key 'moode'. Did you mean 'mode'?*"])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize(
    ("record_mode", "hits"), [("none", 0), ("once", 1), ("rewrite", 1), ("all", 1), ("new_episodes", 1)]
)
def test_the_record_modes_of_vcrpy(project: Project, record_mode: str, hits: int) -> None:
    project.run(f"--record-mode={record_mode}")
    assert len(project.server.hits) == hits
    assert project.cassette().exists() is bool(hits)


def test_new_episodes_keep_what_is_there_and_all_renews_it(project: Project) -> None:
    project.run("--undrift=record")
    project.write(
        'import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n'
        '    httpx.get("{url}/one")\n    httpx.get("{url}/two")\n'
    )  # fmt: skip
    project.run("--record-mode=new_episodes").assert_outcomes(passed=1)
    assert [path for _, path, _ in project.server.hits] == ["/one", "/two"]
    assert project.cassette().read_text("utf-8").count("- request:") == 2
    project.run("--record-mode=all").assert_outcomes(passed=1)
    assert len(project.server.hits) == 4
    assert project.cassette().read_text("utf-8").count("- request:") == 2
    project.run().assert_outcomes(passed=1)


def test_a_check_on_its_own_reports_and_exits_by_the_contract(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("--undrift=record")
    result = project.run("--undrift=check")
    result.stdout.fnmatch_lines(["*undrift check*", "Clean: no drift in 1 cassette*"])
    assert result.ret == 0
    text = project.cassette().read_text("utf-8")
    project.cassette().write_text(text.replace('"number": 7', '"number": "7"'), "utf-8")
    result = project.run("--undrift=check")
    result.stdout.fnmatch_lines(["*type changed*/number*"])
    assert result.ret == 1
    assert '"verdict": "breaking"' in (project.root / ".undrift/report.json").read_text("utf-8")
    monkeypatch.chdir(project.root)
    assert main(["accept"]) == 0
    assert '"number": 7' in project.cassette().read_text("utf-8")


def test_the_table_above_the_root_of_pytest_counts(project: Project) -> None:
    project.write("[pytest]\n", "tests/pytest.ini")
    project.run("--undrift=record", "tests").assert_outcomes(passed=1)
    assert project.cassette().is_file()


def test_a_command_of_another_project_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDRIFT_ROOT", str(project.root.parent))
    result = project.run("--undrift=check")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: These tests belong to the project {project.root}, but undrift was started in*"]
    )
    project.configure("[project]\nname = 'x'")
    project.run("--undrift=live").assert_outcomes(passed=1)


USING = """
import httpx, undrift

def test_one():
    with undrift.use_cassette("tape.yaml"):
        assert httpx.get("{url}/one").json()["number"] == 7
"""


def test_a_used_cassette_follows_the_mode_of_the_run(project: Project) -> None:
    project.write(USING)
    project.run().stdout.fnmatch_lines(["E*undrift.NoCassetteError: GET */one cannot be replayed*tape.yaml.*"])
    project.run("--undrift=record").stdout.fnmatch_lines(["Recorded 1 cassette.", "  tape.yaml"])
    project.run().assert_outcomes(passed=1)
    assert len(project.server.hits) == 1


def test_a_used_cassette_is_checked_too(project: Project) -> None:
    project.write(USING)
    project.run("--undrift=record")
    result = project.run("--undrift=check")
    result.stdout.fnmatch_lines(["Clean: no drift in 1 cassette*"])
    tape = project.root / "tape.yaml"
    tape.write_text(tape.read_text("utf-8").replace('"number": 7', '"number": "7"'), "utf-8")
    result = project.run("--undrift=check")
    result.stdout.fnmatch_lines(["*type changed*/number*"])
    assert result.ret == 1


def test_a_run_within_a_run_is_not_asked_what_the_command_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDRIFT_ROOT", str(project.root))
    monkeypatch.setenv("UNDRIFT_RUN", "2026-11-20T02-00-00Z-7f3a")
    project.write("import os\ndef test_one():\n    assert not {'UNDRIFT_ROOT', 'UNDRIFT_RUN'} & set(os.environ)\n")
    project.run("--undrift=check").assert_outcomes(passed=1)
