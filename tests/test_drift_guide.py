"""docs/drift.md shows what happens: its files are written, its commands run, its tables true."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from tests.documents import commands, fits, read
from tests.stripe_sandbox import DATES

from undrift import cli

GUIDE = read(Path(__file__).parents[1] / "docs" / "drift.md")


def test_the_commands_show_what_the_guide_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for block in GUIDE.blocks:
        if block.language == "yaml":
            Path(block.file).write_text(block.content, "utf-8")
    code, ran = 0, 0
    for command in (command for block in GUIDE.blocks if block.language == "console" for command in commands(block)):
        if command.text == "echo $?":
            assert command.shown == (str(code),)
            continue
        program, *arguments = shlex.split(command.text)
        assert program == "undrift"
        code, ran = cli.main(arguments), ran + 1
        assert fits("\n".join(command.shown), capsys.readouterr().out), command.text
    assert ran > 1


@pytest.mark.skipif(not DATES, reason="the history of Stripe's examples is not here")
def test_the_table_has_every_step_between_two_dates() -> None:
    *steps, total = GUIDE.table("**A real API over four years.**").rows
    assert [(row[0], row[1]) for row in steps] == [(one.stem, other.stem) for one, other in pairwise(DATES)]
    sums = [sum(int(row[column]) for row in steps) for column in (2, 3, 4)]
    assert [int(cell.replace(",", "")) for cell in total[2:]] == sums
