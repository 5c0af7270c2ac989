"""What bad input gets: a sentence that says what, where and what to do now, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.pytest_plugin.conftest import Project

LIVE = ("record", "check", "missing")
MODES = ("replay", *LIVE)
REPAIR = "Repair the file, restore it from version control, or delete it and record it again."


def words(result: pytest.RunResult) -> str:
    """All that the user sees, in one line, once it is sure that nothing of our inside shows."""
    seen = f"{result.stdout.str()}\n{result.stderr.str()}"
    assert "Traceback" not in seen
    assert "INTERNALERROR" not in seen
    assert "src/undrift" not in seen
    return " ".join(seen.split())


@pytest.fixture
def recorded(project: Project) -> Project:
    project.write(
        "import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n"
        '    assert httpx.get("{url}/one", verify=False).json()["number"] == 7\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.server.hits.clear()
    return project


# Cassettes.


def truncated(content: bytes) -> bytes:
    return content[: content.index(b"headers:") + 12]


BROKEN = {
    "truncated": (truncated, f" {REPAIR}"),
    "no YAML": (lambda _: b"a: [b\nc: }", ": line 2: It is no valid YAML ("),
    "binary": (lambda _: bytes(range(256)), "The file is no UTF-8 text. Restore it from version control, or delete it"),
    "a list": (lambda _: b"- 1\n- 2\n", f": line 1: A cassette must be a mapping, not a list. {REPAIR}"),
    "empty": (lambda _: b"", f": The file is empty. {REPAIR}"),
    "of a newer format": (
        lambda content: content.replace(b"\n  format: 1\n", b"\n  format: 99\n"),
        "It is of format 99, and this undrift reads formats up to 1. Upgrade undrift, or record the cassette again",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_cassette_is_refused_in_every_mode_and_never_overwritten(recorded: Project, kind: str) -> None:
    breaking, sentence = BROKEN[kind]
    broken = breaking(recorded.cassette().read_bytes())
    recorded.cassette().write_bytes(broken)
    for mode in MODES:
        result = recorded.run(f"--undrift={mode}")
        assert f"{recorded.cassette()}: " in words(result), mode
        assert sentence in words(result), mode
        assert result.ret == (3 if mode == "check" else 1), mode
        assert recorded.cassette().read_bytes() == broken, mode
    assert recorded.server.hits == [], "it is found before the first request"


def test_a_broken_cassette_could_not_be_checked(recorded: Project) -> None:
    recorded.cassette().write_text("", "utf-8")
    result = recorded.run("--undrift=check")
    result.stdout.fnmatch_lines(["Could not be checked", "*not compared:*", "*- tests/test_it.py::test_one"])
    assert f"{recorded.cassette()}: The file is empty." in words(result)


def test_a_missing_cassette_names_the_command_that_records_it(recorded: Project) -> None:
    recorded.cassette().unlink()
    result = recorded.run()
    assert (
        "cannot be replayed: there is no cassette at cassettes/tests/test_it/test_one.yaml. "
        "E Record it: E undrift record tests/test_it.py::test_one"
    ) in words(result)
    assert result.ret == 1
    assert recorded.server.hits == []
    result = recorded.run("--undrift=check")
    assert "There is no cassette to compare with. Record one: undrift record tests/test_it.py::test_one" in words(
        result
    )
    assert result.ret == 3
    assert not recorded.cassette().exists()


def test_an_unmatched_request_names_the_nearest_and_what_differs(recorded: Project) -> None:
    before = recorded.cassette().read_bytes()
    recorded.write(
        "import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n"
        '    httpx.get("{url}/one", params={"page": 2}, verify=False)\n'
    )
    result = recorded.run()
    seen = words(result)
    assert "/one?page=2 cannot be replayed: no request in cassettes/tests/test_it/test_one.yaml equals it." in seen
    assert "The nearest is probably interaction 0, GET " in seen
    assert "record the test again: E undrift record tests/test_it.py::test_one" in seen
    assert recorded.cassette().read_bytes() == before
    assert recorded.server.hits == []


@pytest.mark.parametrize("mode", LIVE)
def test_a_server_that_is_down_costs_no_cassette(recorded: Project, mode: str) -> None:
    before = recorded.cassette().read_bytes()
    recorded.server.shutdown()
    recorded.server.server_close()
    if mode == "missing":
        recorded.cassette().unlink()
    result = recorded.run(f"--undrift={mode}", "--tb=line")
    seen = words(result)
    assert result.ret == (3 if mode == "check" else 1)
    if mode == "missing":
        assert not recorded.cassette().exists()
        assert "test_one failed, so no cassette was written. What it recorded is in .undrift/takes/" in seen
        return
    assert recorded.cassette().read_bytes() == before
    if mode == "record":
        assert "test_one failed, so its cassette stays as it was. What it recorded is in .undrift/takes/" in seen
    else:
        assert "connection refused: GET " in seen
        assert "/one: [Errno 111] Connection refused" in seen


# Options and configuration.


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--undrift=reply"], "argument --undrift: invalid choice: 'reply' (choose from"),
        (["--record-mode=every"], "argument --record-mode: invalid choice: 'every' (choose from"),
        (
            ["--undrift=check", "--record-mode=once"],
            "--undrift and --record-mode both say what to do; use one of them.",
        ),
    ],
)
def test_a_wrong_option_is_a_usage_error(project: Project, arguments: list[str], sentence: str) -> None:
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in words(result)


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        (
            'record_mode="every"',
            "record_mode is 'every', which is not valid. Valid are: none, once, rewrite, new_episodes",
        ),
        (
            'serializer="toml"',
            "Serializer toml doesn't exist or isn't registered. Register it in pytest_recording_configure",
        ),
    ],
)
def test_a_wrong_marker_is_an_error_of_its_test(project: Project, marker: str, sentence: str) -> None:
    project.write(f"import pytest\n@pytest.mark.vcr({marker})\ndef test_one():\n    pass\ndef test_two():\n    pass\n")
    result = project.run()
    result.assert_outcomes(errors=1, passed=1)
    assert sentence in words(result)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("[tool]\nundrift = 3", "pyproject.toml: tool.undrift must be a table."),
        ('[tool.undrift]\nmode = "reply"', "mode is 'reply', which is not valid. Did you mean 'replay'? Valid are:"),
        ("[[tool.undrift.ignore]]", "The ignore rule 1 needs an expiry date, such as expires = 2026-12-31."),
    ],
)
def test_a_wrong_configuration_is_a_usage_error(project: Project, table: str, sentence: str) -> None:
    project.configure(table)
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in words(result)


def test_an_unknown_credential_is_an_error_of_its_test(project: Project) -> None:
    project.write("import pytest\n@pytest.mark.vcr\ndef test_one(credentials):\n    credentials['SHOP_KEY']\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "names the credential SHOP_KEY. Known are: none." in words(result)


def test_a_credential_without_a_stand_in_ends_the_run(project: Project) -> None:
    project.configure(
        "[tool.undrift.services.shop]\norigins = ['https://shop.example']\ncredentials = { SHOP_KEY = '(a|b)\\1' }\n"
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "No stand-in can be made for the credential SHOP_KEY" in words(result)


@pytest.mark.parametrize("mode", ["record", "check"])
def test_a_live_key_ends_the_run_even_where_a_file_cannot_be_collected(
    project: Project, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    project.configure(
        "[tool.undrift.services.shop]\norigins = ['https://shop.example']\n"
        "credentials = { SHOP_KEY = 'sk_test_[a-z]+' }\n"
    )
    project.write("raise RuntimeError('sk_live_abc')\n", "tests/test_other.py")
    monkeypatch.setenv("SHOP_KEY", "sk_live_abc")
    result = project.run(f"--undrift={mode}", "--continue-on-collection-errors", "--tb=no", "-q", "--no-summary")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "The credential SHOP_KEY, found in the environment, does not match its pattern" in words(result)
    assert project.server.hits == []
    written = [path.read_bytes() for path in (project.root / ".undrift").rglob("*") if path.is_file()]
    assert not any(b"sk_live" in content for content in written)


# Fixtures with decks of their own.

WITH_FIXTURE = """
import httpx, pytest

@pytest.fixture(scope="session")
def token():
    return httpx.get("{url}/token", verify=False).json()["id"]

@pytest.mark.vcr
def test_one(token):
    pass
"""


def test_a_broken_cassette_of_a_fixture(project: Project) -> None:
    project.write(WITH_FIXTURE)
    cassette = project.root / "cassettes" / "_fixtures" / "token.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text("- 1\n", "utf-8")
    for mode in MODES:
        result = project.run(f"--undrift={mode}")
        result.assert_outcomes(errors=1)
        assert f"{cassette}: line 1: A cassette must be a mapping, not a list. {REPAIR}" in words(result), mode
    assert cassette.read_text("utf-8") == "- 1\n"
    assert project.server.hits == []


def test_a_file_in_the_way_of_a_cassette_of_a_fixture(project: Project) -> None:
    project.write(WITH_FIXTURE)
    (project.root / "cassettes").write_text("mine", "utf-8")
    result = project.run("--undrift=record")
    result.assert_outcomes(passed=1, errors=1)
    assert "cassettes/_fixtures/token.yaml: The cassette cannot be written (Not a directory)." in words(result)
    assert "What was recorded is in .undrift/takes/" in words(result)


# Folders that cannot be written to, and disks that are full.


def test_a_file_in_the_way_of_the_cassettes(recorded: Project) -> None:
    shutil.rmtree(recorded.root / "cassettes")
    (recorded.root / "cassettes").write_text("mine", "utf-8")
    for mode in ("record", "missing"):
        result = recorded.run(f"--undrift={mode}")
        result.assert_outcomes(passed=1, errors=1)
        sentence = (
            f"{recorded.cassette()}: The cassette cannot be written (Not a directory). What was there is unchanged;"
        )
        assert sentence in words(result)
        assert "mend this and run again. What was recorded is in .undrift/takes/" in words(result)
    assert (recorded.root / "cassettes").read_text("utf-8") == "mine"


def test_a_file_in_the_way_of_the_takes(recorded: Project) -> None:
    before = recorded.cassette().read_bytes()
    shutil.rmtree(recorded.root / ".undrift", ignore_errors=True)
    for name in (".undrift", ".undrift/takes"):
        (recorded.root / name).parent.mkdir(exist_ok=True)
        (recorded.root / name).write_text("mine", "utf-8")
        for mode in LIVE:
            result = recorded.run(f"--undrift={mode}")
            assert result.ret == pytest.ExitCode.USAGE_ERROR
            sentence = f"undrift keeps takes and reports in {recorded.root / '.undrift'}; make that a writable folder,"
            assert sentence in words(result)
        recorded.run().assert_outcomes(passed=1)
        assert (recorded.root / name).read_text("utf-8") == "mine"
        (recorded.root / name).unlink()
    assert recorded.cassette().read_bytes() == before
    assert recorded.server.hits == [], "it is found before the first request"


def limited(
    project: Project, before: str, mode: str, *, command: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the tests in a process of their own that does something before."""
    code = f"import sys, pytest; {before}; sys.exit(pytest.main(sys.argv[1:]))"
    blocked = [
        part for name in ("recording", "cacheprovider", "hypothesispytest", "anyio") for part in ("-p", f"no:{name}")
    ]
    arguments = [*command, sys.executable, "-B", "-c", code, f"--undrift={mode}", *blocked]
    done = subprocess.run(arguments, cwd=project.root, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr
    return done


def without_privilege() -> list[str]:
    """What makes permissions bind where the tests are run by root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may write anywhere, and there is no setpriv to make it less than that")
    return [setpriv, "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_a_folder_that_is_read_only(recorded: Project) -> None:
    before = recorded.cassette().read_bytes()
    recorded.cassette().parent.chmod(0o555)
    try:
        done = limited(recorded, "pass", "record", command=without_privilege())
    finally:
        recorded.cassette().parent.chmod(0o755)
    assert done.returncode == 1
    assert (
        f"{recorded.cassette()}: The cassette cannot be written (Permission denied). What was there is" in done.stdout
    )
    assert "What was recorded is in .undrift/takes/" in done.stdout
    assert recorded.cassette().read_bytes() == before
    assert [path.name for path in recorded.cassette().parent.iterdir()] == ["test_one.yaml"]


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


def test_a_disk_that_is_full_for_the_cassette(recorded: Project) -> None:
    before = recorded.cassette().read_bytes()
    done = limited(recorded, FULL.format(size=300), "record")
    assert done.returncode == 1
    assert f"{recorded.cassette()}: The cassette cannot be written (File too large). What was there is" in done.stdout
    assert recorded.cassette().read_bytes() == before
    assert [path.name for path in recorded.cassette().parent.iterdir()] == ["test_one.yaml"]


def test_a_disk_that_is_full_for_the_journal_of_a_check(recorded: Project) -> None:
    before = recorded.cassette().read_bytes()
    done = limited(recorded, FULL.format(size=100), "check")
    assert done.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert ".undrift cannot be written: File too large. undrift keeps takes and reports in" in done.stdout + done.stderr
    assert recorded.cassette().read_bytes() == before
