from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from undrift.errors import CassetteNotWrittenError
from undrift.store.claims import Claims

if TYPE_CHECKING:
    from pathlib import Path

# Adds its number to a file, which without a lock others would write over meanwhile.
PROCESS = """
import pathlib, sys, time
from undrift.store.claims import Claims
folder, target, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
for turn in range(5):
    with Claims(folder).writing(target, f"test {number}.{turn}") as is_shared:
        before = target.read_text() if is_shared else ""
        time.sleep(0.005)
        target.write_text(f"{before}{number}.{turn} ")
"""


@pytest.mark.parametrize("folder", [None, "claims"])
def test_the_first_to_write_is_known(folder: str | None, tmp_path: Path) -> None:
    claims = Claims(None if folder is None else tmp_path / folder)

    def is_shared(name: str, owner: str) -> bool:
        with claims.writing(tmp_path / name, owner) as found:
            return found

    assert [is_shared("a", "one"), is_shared("a", "one"), is_shared("b", "two")] == [False, False, False]
    assert [is_shared("a", "two"), is_shared("a", "one"), is_shared("b", "two")] == [True, False, False]


@pytest.mark.parametrize("folder", [None, "claims"])
def test_who_failed_to_write_has_not_written(folder: str | None, tmp_path: Path) -> None:
    claims = Claims(None if folder is None else tmp_path / folder)
    with pytest.raises(OSError, match="full"), claims.writing(tmp_path / "a", "one"):
        raise OSError("full")
    with claims.writing(tmp_path / "a", "two") as is_shared:
        assert not is_shared


def test_where_nobody_can_be_told_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "claims").write_text("no folder")
    claims = Claims(tmp_path / "claims")
    with pytest.raises(CassetteNotWrittenError, match="cannot be told"), claims.writing(tmp_path / "a", "one"):
        pass


def test_processes_write_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "written"
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "claims"), str(target)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    expected = {f"{number}.{turn}" for number in range(3) for turn in range(5)}
    assert sorted(target.read_text().split()) == sorted(expected)
