"""Work on many files, spread over all cores."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

from undrift.app import cores
from undrift.app.cores import spread

if TYPE_CHECKING:
    import pytest


def who(number: int) -> tuple[int, int]:
    return number, os.getpid()


def fragile(number: int) -> int:
    """What another process does not survive."""
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return -number


def test_what_other_processes_do_not_survive_is_worked_on_here() -> None:
    assert list(spread(fragile, range(50), cores=2)) == [-number for number in range(50)]


def test_a_few_items_are_worked_on_here() -> None:
    assert list(spread(who, range(5), cores=2)) == [(number, os.getpid()) for number in range(5)]


def test_one_core_is_enough() -> None:
    assert list(spread(who, range(100), cores=1)) == [(number, os.getpid()) for number in range(100)]


def test_many_items_are_worked_on_by_other_processes_that_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_CREW_ITEMS", 60)
    found = list(spread(abs, range(-100, 0), cores=1))
    assert found == list(range(100, 0, -1))
    found = list(spread(abs, (-number for number in range(100)), cores=2))
    assert found == list(range(100))
