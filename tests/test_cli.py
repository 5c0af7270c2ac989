"""The command line: what goes in, what comes out where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from tests.stranger import TABLE, TESTS, Stranger

import undrift
from undrift import cli, store
from undrift.model import Cassette, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from pathlib import Path

VERBS = ["record", "replay", "check", "accept", "convert", "diff", "doctor", "scan", "missing", "live"]
RUNS_TESTS = ["record", "replay", "missing", "live"]


@pytest.fixture
def drifted(stranger: Stranger) -> Stranger:
    """Give a project one field of whose server is gone since the recording."""
    stranger.record()
    stranger.server.say("/two", {"name": "plain"})
    return stranger


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments)
    written = capsys.readouterr()
    return code, written.out, written.err


# Help and usage.


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"undrift {undrift.__version__}\n", "")


def test_help_shows_the_verbs_in_the_order_of_use_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--help")
    assert (code, err) == (0, "")
    commands = out.partition("Commands:\n")[2]
    assert [line.split()[0] for line in commands.splitlines() if line.startswith("  ")] == VERBS
    assert "Examples:" in out


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_each_verb_has_an_example_of_it(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, err = run(capsys, verb, "--help")
    assert (code, err) == (0, "")
    examples = out.partition("Example")[2]
    assert f"\n    undrift {verb}" in examples
    assert ("go to pytest" in " ".join(out.split())) is (verb not in {"accept", "convert", "diff", "doctor", "scan"})


def test_no_command_is_wrong_usage_and_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: undrift [OPTIONS] COMMAND")


WRONG = {
    ("chek",): "No such command 'chek'",
    ("--strange",): "No such option",
    ("check", "--fail-on", "bad"): "'bad' is not one of 'additive', 'risky', 'breaking', 'never'.",
    ("check", "--format", "yaml"): "'yaml' is not one of 'text', 'json', 'junit', 'markdown', 'html'.",
    ("check", "--output"): "Option '--output' requires an argument.",
    ("diff", "one.yaml"): "Missing argument 'FRESH'.",
    ("diff", "one.yaml", "--strange", "two.yaml"): "No such option",
    ("diff", "--fail-on=none", "a", "b"): "'none' is not one of",
    ("accept", "--all"): "No such option",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_is_code_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert WRONG[arguments] in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("verb", "more"), [(verb, ()) for verb in VERBS if verb != "diff"] + [("diff", ("a", "b"))])
def test_a_wrong_configuration_is_code_2_for_every_verb(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    more: tuple[str, ...],
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.undrift]\nmoode = "replay"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, verb, *more)
    assert (code, out) == (2, "")
    assert err.startswith(f"undrift: {tmp_path / 'pyproject.toml'}: [tool.undrift] has the unknown key 'moode'.")


def test_an_interrupted_command_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("undrift.app.accept.accept", interrupted)
    assert run(capsys, "accept") == (130, "", "\nundrift: interrupted.\n")


# What goes to pytest, and what comes back.


@pytest.mark.parametrize("verb", RUNS_TESTS)
def test_whatever_a_verb_does_not_know_goes_to_pytest(stranger: Stranger, verb: str) -> None:
    done = stranger.undrift(verb, "-k", "nothing", "--maxfail=1", "tests", "--", "-q", "--tb=short")
    assert done.code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert stranger.commands == [(f"--undrift={verb}", "-k", "nothing", "--maxfail=1", "tests", "-q", "--tb=short")]


def test_check_takes_its_own_options_from_among_those_of_pytest(stranger: Stranger) -> None:
    done = stranger.undrift(
        "check", "-q", "--format", "json", "-k", "nothing", "--fail-on=never", "--", "--fail-on", "x"
    )
    assert stranger.commands == [("--undrift=check", "-q", "-k", "nothing", "--fail-on", "x")]
    assert done.code == 2, "pytest does not know --fail-on"


def test_pytests_own_status_comes_back(stranger: Stranger) -> None:
    assert stranger.undrift("record").code == pytest.ExitCode.OK
    assert stranger.undrift("replay", "-k", "nothing").code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert stranger.undrift("replay", "--strange").code == pytest.ExitCode.USAGE_ERROR
    stranger.cassette().unlink()
    assert stranger.undrift("replay").code == pytest.ExitCode.TESTS_FAILED
    assert stranger.undrift("missing", "-k", "one or two").code == pytest.ExitCode.OK
    hits = len(stranger.server.hits)
    assert stranger.undrift("live", "-k", "one").code == pytest.ExitCode.OK
    assert len(stranger.server.hits) == hits + 1


@pytest.mark.parametrize(
    ("options", "tests"),
    [
        (("-k", "one or two"), ["one", "two"]),
        (("tests/test_it.py::test_three",), ["three"]),
        (("--deselect", "tests/test_it.py::test_one", "tests"), ["two", "three"]),
    ],
)
def test_tests_are_chosen_by_the_options_of_pytest(
    drifted: Stranger, options: tuple[str, ...], tests: list[str]
) -> None:
    done = drifted.check(*options)
    assert [one["test"] for one in done.report["cassettes"]] == [f"tests/test_it.py::test_{name}" for name in tests]
    assert done.code == int("two" in tests)


# Reports.


def rendered(fmt: str, text: str) -> bool:
    """Whether a text is, from its first character to its last, a report of that format."""
    if fmt == "json":
        return bool(json.loads(text)["schema"] == "undrift.report/1")
    if fmt == "junit":
        return ET.fromstring(text).tag == "testsuites"  # noqa: S314 - written by ourselves
    starts = {"markdown": "#", "html": "<!doctype html>"}
    return text.lower().startswith(starts[fmt]) and "test session starts" not in text


@pytest.mark.parametrize("fmt", ["json", "junit", "markdown", "html"])
def test_standard_output_is_the_report_and_nothing_else(drifted: Stranger, fmt: str) -> None:
    done = drifted.undrift("check", "--format", fmt)
    assert done.code == 1
    assert rendered(fmt, done.out)
    assert done.err.count("test session starts") == 2, "what pytest says is on standard error"


def test_a_text_report_comes_after_what_pytest_says(drifted: Stranger) -> None:
    done = drifted.undrift("check")
    pytest_says, _, report = done.out.rpartition(" deselected in ")
    assert pytest_says.count("test session starts") == 2
    assert "Breaking drift: 1 breaking in 3 cassettes" in report
    assert (done.code, done.err) == (1, "undrift: 1 test with findings once more, to see whether they stay:\n")


def test_it_is_the_same_in_processes_of_their_own(drifted: Stranger) -> None:
    done = drifted.process("check", "--format", "json")
    assert (done.code, done.report["verdict"]) == (1, "breaking")
    (finding,) = done.report["findings"]
    assert finding["confirmed"] is True
    assert done.err.count("test session starts") == 2


def test_a_report_may_go_to_a_file(drifted: Stranger) -> None:
    done = drifted.check("--output", "drift.json")
    report = json.loads((drifted.root / "drift.json").read_text("utf-8"))
    assert (done.code, done.out, report["verdict"]) == (1, "", "breaking")
    assert done.err.endswith("undrift: breaking; the report is in drift.json.\n")
    assert drifted.kept_report() == report
    text = drifted.undrift("check", "--output", "drift.txt")
    assert "test session starts" in text.out
    assert "Breaking drift" not in text.out
    assert (drifted.root / "drift.txt").read_text("utf-8").startswith("Breaking drift")


@pytest.mark.parametrize("output", ["nowhere/drift.json", ".", "x" * 300])
def test_a_report_that_cannot_be_written_is_refused_before_the_tests_run(drifted: Stranger, output: str) -> None:
    hits = len(drifted.server.hits)
    done = drifted.check("-k", "two", "--output", output)
    assert (done.code, done.out) == (2, "")
    assert f"undrift: The report cannot be written to {output}: " in done.err
    assert "Traceback" not in done.err
    assert len(drifted.server.hits) == hits


def test_a_report_that_cannot_be_kept_is_shown_all_the_same(drifted: Stranger) -> None:
    (drifted.root / ".undrift" / "report.json").mkdir(parents=True)
    done = drifted.check("-k", "two")
    assert (done.code, done.report["verdict"]) == (2, "breaking")
    assert "report.json cannot be written: Is a directory." in done.err


# Diff alone needs no tests, and so is quick.


@pytest.fixture
def two_cassettes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in (("old.yaml", b'{"name": "Ann"}'), ("new.yaml", '{"name": "Bj\u00f6rn \u2192"}'.encode())):
        exchange = Interaction(Request("GET", "https://a.example/"), Response(200, body=content))
        store.write(tmp_path / name, scrub(Cassette((exchange,)), Secrets()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("is_terminal", [False, True])
@pytest.mark.usefixtures("two_cassettes")
def test_color_is_for_terminals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    monkeypatch.delenv("NO_COLOR", raising=False)
    code, out, _ = run(capsys, "diff", "old.yaml", "new.yaml")
    assert (code, "\x1b[" in out) == (0, is_terminal)


@pytest.mark.usefixtures("two_cassettes")
@pytest.mark.parametrize("output", ["nowhere/drift.json", ".", "x" * 300])
def test_a_report_of_diff_that_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str], output: str
) -> None:
    code, out, err = run(capsys, "diff", "old.yaml", "new.yaml", "--output", output)
    assert (code, out) == (2, "")
    assert err.startswith(f"undrift: The report cannot be written to {output}: ")


@pytest.mark.usefixtures("two_cassettes")
def test_diff_tells_of_noise_and_of_one_finding(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "diff", "old.yaml", "new.yaml", "-v")
    assert code == 0
    finding = re.search(r"^ +([0-9a-f]{12}) ", out, re.MULTILINE)
    assert finding is not None
    code, out, _ = run(capsys, "diff", "old.yaml", "new.yaml", "--explain", finding[1])
    assert code == 0
    assert "How it was judged" in out
    code, out, err = run(capsys, "diff", "old.yaml", "new.yaml", "--explain", "nothing")
    assert (code, out) == (2, "")
    assert "There is no finding 'nothing'" in err


@pytest.mark.usefixtures("two_cassettes")
@pytest.mark.parametrize("option", ["--verbose", "--explain=1234"])
def test_only_text_tells_more(capsys: pytest.CaptureFixture[str], option: str) -> None:
    code, out, err = run(capsys, "diff", "old.yaml", "new.yaml", "--format", "json", option)
    assert (code, out, err) == (2, "", "undrift: --verbose and --explain go with --format text.\n")


@pytest.mark.parametrize("is_terminal", [False, True])
def test_folders_show_a_bar_at_a_terminal_alone(
    two_cassettes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    for side in ("old", "new"):
        (two_cassettes / side).mkdir()
        (two_cassettes / f"{side}.yaml").rename(two_cassettes / side / "a.yaml")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    monkeypatch.setenv("TERM", "xterm")
    code, out, err = run(capsys, "diff", "old", "new")
    assert (code, "Comparing" in err) == (0, is_terminal)
    assert "Comparing" not in out


def process(folder: Path, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "undrift", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def test_a_terminal_of_few_letters_gets_numbers_for_the_others(two_cassettes: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    with process(two_cassettes, "diff", "old.yaml", "new.yaml", env=environment) as done:
        out, err = done.communicate()
    assert (done.returncode, err) == (0, b"")
    assert "Bj\u00f6rn \\u2192".encode("latin-1") in out


def test_a_reader_that_goes_away_is_no_error_of_ours(two_cassettes: Path) -> None:
    with process(two_cassettes, "diff", "old.yaml", "new.yaml", "--format", "html") as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        err = done.stderr.read()
    assert b"Traceback" not in err


# Credentials.

KEY = "sk_test_abcdef123456"
WITH_KEY = TABLE + 'credentials = { SHOP_KEY = "sk_test_[a-z0-9]{12}" }\n'
ASKING = TESTS.replace(
    "def test_one():",
    "def test_one(credentials):\n"
    '    headers = {"Authorization": "Bearer " + credentials["SHOP_KEY"]}\n'
    '    answer = httpx.get("{url}/auth", headers=headers, verify=False)\n'
    "    assert answer.status_code == 200, f\"{credentials['SHOP_KEY']} was refused\"\n",
).replace("def test_two():", 'def test_two(credentials):\n    assert 0, credentials["SHOP_KEY"]\n')


def test_no_take_and_no_report_holds_a_credential(stranger: Stranger) -> None:
    stranger.configure(WITH_KEY)
    stranger.write(ASKING)
    stranger.monkeypatch.setenv("SHOP_KEY", KEY)
    stranger.undrift("record")
    for answer, status in (({"key": KEY, "more": 1}, 200), ({"key": KEY}, 402)):
        stranger.server.say("/auth", answer, status=status)
        done = stranger.check()
        assert KEY not in done.out
        # The take of a test that failed is left where it is.
        assert stranger.undrift("accept").code == (0 if status == 200 else 1)
    files = [path for path in stranger.root.rglob("*") if path.is_file()]
    assert any(path.name == "run.jsonl" for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_live_key_is_refused_before_any_request(stranger: Stranger) -> None:
    stranger.configure(WITH_KEY)
    stranger.monkeypatch.setenv("SHOP_KEY", "sk_live_abcdef123456")
    for verb, code in (("record", 4), ("live", 4), ("check", 2)):
        done = stranger.undrift(verb)
        assert done.code == code
        assert "The credential SHOP_KEY, found in the environment, does not match its pattern" in done.both
        assert "sk_live" not in done.both
    assert stranger.server.hits == []


def test_a_missing_key_skips_and_says_where_it_was_looked_for(stranger: Stranger) -> None:
    stranger.configure(WITH_KEY)
    stranger.write(ASKING)
    stranger.monkeypatch.delenv("SHOP_KEY", raising=False)
    done = stranger.check("-k", "one")
    assert (done.code, done.report["verdict"]) == (3, "could-not-check")
    (one,) = done.report["could_not_check"]
    assert one["reason"] == "no-credential"
    assert one["detail"].startswith(
        "The credential SHOP_KEY is missing. It was looked for in the environment, .env.test."
    )
