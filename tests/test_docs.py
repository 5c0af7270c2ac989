"""What the documents show is what happens.

The blocks of the README are run in order, in one folder, as a reader would: files are written
and changed as shown, and commands typed at one shell, whose output must be the one shown. What
cannot run inside of tests, such as installing or `make test` itself, stands in blocks of `sh`,
of which it is shown that the packages, extras and targets exist.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from tests.documents import Block, Document, Shell, anchor, commands, fits, read
from tests.ports import held
from tests.sandbox import KEY, NEW, OLD, ROOT, running

import undrift
from undrift import config, pytest_plugin
from undrift.cli import commands as cli
from undrift.drift.results import (
    Attribution,
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Finding,
    Kind,
    Occurrence,
    Reason,
    Report,
    Run,
    Severity,
    Verdict,
    Where,
)
from undrift.errors import ConfigError
from undrift.pytest_plugin.options import add_options
from undrift.report import render

if TYPE_CHECKING:
    from collections.abc import Iterator

README = read(ROOT / "README.md")
REFERENCE = read(ROOT / "docs" / "reference.md")
DOCUMENTS = (README, REFERENCE, read(ROOT / "CHANGELOG.md"), read(ROOT / "CONTRIBUTING.md"))
# Fewer blocks of commands than this are no ten minutes.
MANY = 7
REPORT_SECTION = "Reading a drift report"
# What is written into files, run, and looked at without running.
LANGUAGES = {"python", "toml", "yaml", "json", "diff", "console", "sh", "text"}


@dataclass
class Reader:
    """Somebody who does what a document says, and notes where something else happens."""

    shell: Shell
    port: int = 0
    surprises: list[str] = field(default_factory=list)

    def follow(self, blocks: list[Block]) -> None:
        for block in blocks:
            content = block.content.replace("8765", str(self.port))
            path = self.shell.folder / block.file
            if block.language == "console":
                self.type(block)
            elif not block.file:
                continue
            elif block.language == "diff":
                self.change(path, content)
            elif block.lead.endswith(", shortened:"):
                self.compare(f"line {block.line}", content, path.read_text("utf-8"))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")

    def type(self, block: Block) -> None:
        typed = commands(block)
        for command, following in zip(typed, [*typed[1:], None], strict=True):
            text = command.text.replace("8765", str(self.port))
            output, code = self.shell.run(text)
            where = f"line {block.line}, $ {command.text}"
            if code != 0 and (following is None or following.text != "echo $?"):
                self.surprises.append(f"{where}: exit code {code}, and the document does not say so.\n{output}")
            if command.shown:
                self.compare(where, "\n".join(command.shown), output)
            if command.text.endswith("&") or command.text.startswith("kill"):
                self.wait_for_server(up=command.text.endswith("&"))

    def change(self, path: Path, content: str) -> None:
        old = "".join(line[1:] for line in content.splitlines(keepends=True) if line.startswith("-"))
        new = "".join(line[1:] for line in content.splitlines(keepends=True) if line.startswith("+"))
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{path.name} does not have once:\n{old}"
        path.write_text(text.replace(old, new), "utf-8")

    def compare(self, where: str, shown: str, real: str) -> None:
        if not fits(shown, real):
            self.surprises.append(f"{where}:\n--- shown\n{shown.rstrip()}\n--- real\n{real.rstrip()}\n---")

    def wait_for_server(self, *, up: bool) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if (probe.connect_ex(("127.0.0.1", self.port)) == 0) is up:
                    return
            time.sleep(0.02)
        self.surprises.append(f"The server is not {'up' if up else 'down'}.")


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Give what a reader's shell has: their environment active, and nothing of this test run."""
    ours = ("STRIPE_", "UNDRIFT", "PYTEST", "COV", "GIT_", "COLUMNS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    author = {
        f"GIT_{role}_{part}": "reader@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    return {
        **inherited,
        **author,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_PAGER": "cat",
        "HOME": str(folder),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # These are in this environment for other tests, and not in that of a reader.
        "PYTEST_ADDOPTS": "-p no:recording -p no:cov -p no:hypothesispytest -p no:xdist -p no:anyio",
        **variables,
    }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader who has followed the ten minutes of the README to their end."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, and the README uses it")
    folder = tmp_path_factory.mktemp("shop")
    with held() as port, Shell(folder, environment(folder)) as shell:
        newcomer = Reader(shell, port)
        newcomer.follow([block for block in README.blocks if block.section != REPORT_SECTION])
        yield newcomer


def test_a_newcomer_sees_what_the_readme_shows(reader: Reader) -> None:
    assert not reader.surprises, "\n".join(reader.surprises)
    assert sum(block.language == "console" for block in README.blocks) > MANY


def test_the_reference_goes_on_where_the_readme_ends(reader: Reader) -> None:
    before = len(reader.surprises)
    _, code = reader.shell.run("python shop_api.py &")
    reader.wait_for_server(up=True)
    reader.follow([block for block in REFERENCE.blocks if block.language in {"python", "console"}])
    reader.shell.run("kill $!")
    assert code == 0
    assert not reader.surprises[before:], "\n".join(reader.surprises)


def test_the_report_that_the_readme_shows(tmp_path: Path) -> None:
    blocks = [block for block in README.blocks if block.section == REPORT_SECTION]
    unwanted = shutil.ignore_patterns("__pycache__", ".undrift", ".*_cache", ".env*")
    shop = Path(shutil.copytree(ROOT / "examples" / "stripe", tmp_path / "shop", ignore=unwanted))
    key = {"STRIPE_TEST_KEY": KEY}
    with running(OLD) as old, Shell(shop, environment(shop, STRIPE_API_BASE=old.url, **key)) as shell:
        reader = Reader(shell)
        reader.follow([block for block in blocks if block.language == "python"])
        output, code = shell.run("pytest --undrift=record tests/test_declined_later.py")
        assert code == 0, output
    with running(NEW) as new, Shell(shop, environment(shop, STRIPE_API_BASE=new.url, **key)) as shell:
        reader = Reader(shell)
        reader.follow([block for block in blocks if block.language == "console"])
    assert not reader.surprises, "\n".join(reader.surprises)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)
def test_every_block_is_of_a_language_that_is_run_or_read(document: Document) -> None:
    assert {block.language for block in document.blocks} <= LANGUAGES
    for block in document.blocks:
        if block.language == "python":
            compile(block.content, block.file or document.path.name, "exec")
        if block.language == "json":
            json.loads(block.content)
        if block.language == "toml":
            tomllib.loads(block.content)
        if block.language == "yaml" and not block.lead.endswith(", shortened:"):
            assert yaml.safe_load(block.content)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)
def test_what_is_to_be_installed_and_made_exists(document: Document) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    shown = [line for block in document.blocks if block.language == "sh" for line in block.content.splitlines()]
    spans = re.findall(r"`(make [a-z]+|pip install [^`]+)`", document.text)
    for line in [part for text in (*shown, *spans) for part in text.split(" && ")]:
        program, *words = (word for word in shlex.split(line, comments=True) if not re.match("[A-Z_]+=", word))
        if program == "make":
            assert set(words) <= targets, line
        elif program == "pip":
            for package in (word for word in words[1:] if "undrift" in word):
                _, _, extra = package.rstrip("]").partition("[")
                assert not extra or extra in project["optional-dependencies"], line
        else:
            assert program in {"mkdir", "cd", "python3", ".", "git", ".venv/bin/python"}, line
    assert project["scripts"] == {"undrift": "undrift.cli:main"}
    assert project["requires-python"] == ">=3.11"


def test_the_workflows_run_what_exists() -> None:
    workflows = [yaml.safe_load(block.content) for block in README.blocks if "jobs:" in block.content]
    steps = [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]
    assert len(workflows) == 2
    lines = [shlex.split(step["run"]) for step in steps if "run" in step]
    assert all("run" in step or "uses" in step for step in steps)
    assert {line[0] for line in lines} == {"pip", "pytest", "undrift", "cat"}
    for _, verb, *arguments in (line for line in lines if line[0] == "undrift"):
        context = cli.commands[verb].make_context(verb, arguments)
        assert context.params["pytest_args"] == ()
        assert context.params["fmt"] == "markdown"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)
def test_every_link_leads_somewhere(document: Document) -> None:
    for link in (link for link in document.links if "://" not in link):
        place, _, fragment = link.partition("#")
        target = (document.path.parent / place).resolve() if place else document.path
        assert target.exists(), link
        if fragment:
            assert fragment in map(anchor, read(target).headings), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)
def test_every_option_that_is_named_exists(document: Document, pytestconfig: pytest.Config) -> None:
    own = {option for _, option in options_of_commands()}
    code = "\n".join([*re.findall(r"`[^`]+`", document.text), *(block.content for block in document.blocks)])
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)) - own:
        # Raises ValueError for an option that no plugin and not pytest itself has.
        pytestconfig.getoption(option)


def options_of_commands() -> set[tuple[str, str]]:
    """Give each command with each of its options but --help, as a reader types them."""
    found = {
        (f"undrift {name}", option)
        for name, command in cli.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    return found | {("undrift", option) for parameter in cli.params for option in parameter.opts}


def test_the_reference_has_every_option_of_every_command() -> None:
    rows = REFERENCE.table("Command line").rows
    assert {(row[0].strip("`"), row[1].strip("`").split()[0]) for row in rows} == options_of_commands()


def test_the_readme_has_every_command() -> None:
    named = {name.split()[1] for table in README.tables if table.section == "The commands" for name in table.names()}
    assert named == set(cli.commands)


class OptionNames:
    """Takes the place of pytest's parser, and of an option group, to hear which options there are."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def getgroup(self, *_: str) -> OptionNames:
        return self

    def addoption(self, name: str, **_: Any) -> None:
        self.names.append(name)


def test_the_reference_has_every_option_of_the_plugin() -> None:
    known = OptionNames()
    add_options(known)  # type: ignore[arg-type] # it listens where the parser would
    documented = [name.partition("=")[0] for name in REFERENCE.tables[index_of("`--undrift=")].names()]
    assert [name for name in documented if name.startswith("--")] == known.names


def test_the_reference_has_every_marker(pytestconfig: pytest.Config) -> None:
    documented = REFERENCE.tables[index_of("`vcr(")].names()
    signatures = [name for name in documented if "(" in name]
    assert signatures == [marker.partition(":")[0] for marker in pytest_plugin._MARKERS]
    assert set(signatures) <= {marker.partition(":")[0] for marker in pytestconfig.getini("markers")}


def test_the_reference_has_every_fixture() -> None:
    rows = REFERENCE.tables[index_of("`credentials`")].rows
    assert sorted(row[0].strip("`") for row in rows) == sorted(pytest_plugin.__all__)


def index_of(first: str) -> int:
    """Give the number of the table of the reference whose first row begins so."""
    return next(number for number, table in enumerate(REFERENCE.tables) if table.rows[0][0].startswith(first))


def test_the_reference_has_every_public_name() -> None:
    functions, errors = REFERENCE.tables[index_of("`use_cassette(")], REFERENCE.table("Errors,")
    documented = [name.partition("(")[0] for name in functions.names() if name[0].islower() or name[0] in "_V"]
    classes = [row[0].strip("· `") for row in errors.rows]
    assert set(undrift.__all__) <= {*documented, *classes}
    assert set(classes) <= set(undrift.__all__)


def test_the_reference_draws_the_tree_of_errors_as_it_is() -> None:
    above: list[type] = [Exception]
    for row in REFERENCE.table("Errors,").rows:
        depth = row[0].count("·")
        error = getattr(undrift, row[0].strip("· `"))
        del above[depth + 1 :]
        assert error.__base__ is above[-1], row[0]
        above.append(error)


def accepted_keys(table: dict[str, Any]) -> set[str]:
    """Give the keys that the configuration accepts where the key "?" stands, as its error lists them."""
    with pytest.raises(ConfigError) as refused:
        config.parse(table)
    return set(str(refused.value).partition("Valid are: ")[2].rstrip(".").split(", "))


@pytest.mark.parametrize(
    ("lead", "table"),
    [
        ("`[tool.undrift]`:", {"?": 1}),
        ("`[tool.undrift.services.NAME]`:", {"services": {"shop": {"?": 1}}}),
        ("`[tool.undrift.providers.keyring]`", {"providers": {"keyring": {"?": 1}}}),
        ("`[tool.undrift.providers.aws]`", {"providers": {"aws": {"?": 1}}}),
        ("`[tool.undrift.providers.vault]`", {"providers": {"vault": {"?": 1}}}),
        ("`[[tool.undrift.ignore]]`", {"ignore": [{"?": 1}]}),
    ],
)
def test_the_reference_has_every_key_of_the_configuration(lead: str, table: dict[str, Any]) -> None:
    documented = [key.strip("`") for row in REFERENCE.table(lead).rows for key in row[0].split(", ")]
    assert sorted(documented) == sorted(accepted_keys(table))


def test_the_reference_has_every_ready_made_service() -> None:
    (row,) = (row for row in REFERENCE.table("`[tool.undrift.services.NAME]`:").rows if row[0] == "`preset`")
    assert set(re.findall(r'`"(\w+)"`', row[2])) == set(config.PRESETS)


def test_the_defaults_of_the_configuration_are_those_documented() -> None:
    defaults = config.parse({})
    for name, default, _ in REFERENCE.table("`[tool.undrift]`:").rows:
        value = getattr(defaults, name.strip("`"))
        if default == "none":
            assert value in ((), config.Providers()), name
            continue
        shown = json.loads(default.strip("`")) if default.startswith("`") else None
        assert (list(value) if isinstance(value, tuple) else value) == shown, name


def test_the_example_of_a_configuration_uses_every_key() -> None:
    blocks = [block for block in REFERENCE.blocks if block.language == "toml"]
    table = tomllib.loads(blocks[0].content)["tool"]["undrift"]
    assert config.parse(table).is_explicit
    assert set(table) == accepted_keys({"?": 1})
    assert set(table["services"]["stripe"]) == accepted_keys({"services": {"shop": {"?": 1}}})
    assert set(table["ignore"][0]) == accepted_keys({"ignore": [{"?": 1}]})


def test_the_exit_codes_are_those_that_the_help_tells() -> None:
    told = set(re.findall(r"^ +(\d) ", cli.commands["check"].help or "", re.MULTILINE))
    for document, lead in (
        (README, "`undrift check` and `undrift diff` end"),
        (REFERENCE, "`undrift record`, `replay`"),
    ):
        assert {row[0] for row in document.table(lead).rows} == told


def test_the_modes_are_those_of_the_command_line() -> None:
    documented = [row[0].strip("`") for row in REFERENCE.table("`pytest --undrift=MODE`").rows]
    assert documented == [mode.value for mode in config.Mode]
    assert set(documented) <= set(cli.commands)


def test_the_words_of_the_report_are_all_there() -> None:
    rows = {row[0].strip("`").partition("`")[0]: row[1] for row in REFERENCE.tables[index_of("`verdict`")].rows}
    words = {name: re.findall(r"`([^`]+)`", text) for name, text in rows.items()}
    assert words == {
        "verdict": list(Verdict),
        "severity": [severity.label for severity in reversed(Severity)],
        "kind": list(Kind),
        "where": list(Where),
        "attribution": list(Attribution),
        "reason": list(Reason),
    }


def test_the_example_of_a_report_has_the_members_of_a_real_one() -> None:
    example = json.loads(next(block.content for block in REFERENCE.blocks if block.language == "json"))
    finding = Finding(
        Severity.BREAKING, Kind.FIELD_REMOVED, Where.BODY, "shop", "GET", "/orders/{id}", "/currency", "eur", None,
        occurrences=(Occurrence("a.yaml", 1, 1, "/currency"),),
    )  # fmt: skip
    report = Report(
        undrift.__version__,
        Run("id", "2026-11-20T02:00:00Z", "check"),
        FailOn.BREAKING,
        findings=(finding,),
        cassettes=(CassetteResult("a.yaml", "test_a", "passed", Verdict.BREAKING),),
        could_not_check=(CouldNotCheck("b.yaml", "test_b", Reason.NO_CREDENTIAL, "It is missing."),),
    )
    assert members(example) == members(json.loads(render(report, "json")))
    assert (example["schema"], example["exit_code"]) == ("undrift.report/1", report.exit_code)


def members(value: Any, place: str = "") -> set[str]:
    """Give every member of a JSON value, those of an array's elements together."""
    match value:
        case dict():
            inner = (members(item, f"{place}.{name}".lstrip(".")) for name, item in value.items())
            return {f"{place}.{name}".lstrip(".") for name in value}.union(*inner)
        case list():
            return set().union(*(members(item, place) for item in value))
        case _:
            return set()


def test_the_version_is_in_the_changelog() -> None:
    changelog = next(document for document in DOCUMENTS if document.path.name == "CHANGELOG.md")
    assert any(heading.lstrip("[").startswith(undrift.__version__) for heading in changelog.headings)


@pytest.mark.parametrize(
    ("shown", "real", "expected"),
    [
        ("one\n…\nfour", "one\ntwo\nthree\nfour\n", True),
        ("one\n…\nfour", "one\nfour", True),
        ("one … four", "one two four", True),
        ("one … four", "one two\nfour", False),
        ("…\nfour", "four and more", False),
        ("a.c", "abc", False),
    ],
)
def test_an_ellipsis_stands_for_anything_and_nothing_else_does(shown: str, real: str, *, expected: bool) -> None:
    assert fits(shown, real) is expected
