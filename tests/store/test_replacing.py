"""A file is replaced in one step, and nothing is left behind for long."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from undrift.store.replacing import remove_stale, replace_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("lasting", [True, False])
def test_the_parts_stand_one_after_the_other(tmp_path: Path, *, lasting: bool) -> None:
    path = tmp_path / "x"

    replace_file(path, (b"one ", memoryview(b"two")), lasting=lasting)

    assert path.read_bytes() == b"one two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_what_need_not_last_is_its_owner_s_alone(tmp_path: Path) -> None:
    replace_file(tmp_path / "x", (b"",), lasting=False)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


@pytest.mark.parametrize("lasting", [True, False])
def test_an_empty_folder_is_not_replaced(tmp_path: Path, *, lasting: bool) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path / "x", (b"",), lasting=lasting)
    assert (tmp_path / "x").is_dir()


def test_what_killed_writers_left_goes_and_all_else_stays(tmp_path: Path) -> None:
    old = time.time() - 2 * 3600
    stale, fresh = ".undrift-17-0123456789ab.tmp", ".undrift-18-0123456789ab.tmp"
    others = ["x.yaml", ".undrift-note.tmp", ".undrift-1-0123456789ab.tmp.yaml"]
    for name in (stale, fresh, *others):
        (tmp_path / name).write_text(name)
    for name in (stale, *others):
        os.utime(tmp_path / name, (old, old))

    remove_stale(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {fresh, *others}


def test_a_folder_that_is_not_there_has_nothing_stale(tmp_path: Path) -> None:
    remove_stale(tmp_path / "missing")
    (tmp_path / ".undrift-17-0123456789ab.tmp").mkdir()
    os.utime(tmp_path / ".undrift-17-0123456789ab.tmp", (0, 0))
    remove_stale(tmp_path)
    assert list(tmp_path.iterdir())
