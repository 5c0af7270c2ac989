"""Nights after nights: what is remembered of them, what it changes, and what it never does."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from undrift.store.history import History

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stranger import Done, Stranger

PLAIN = {"number": 7, "name": "plain"}
LESS = {"number": 7}


def night(stranger: Stranger, answer: Any) -> Done:
    stranger.server.say("/two", answer)
    return stranger.undrift("check", "--format", "json", "-k", "two")


def ids(done: Done) -> list[tuple[str, str]]:
    return [(finding["id"], finding["severity"]) for finding in done.report["findings"]]


def history(stranger: Stranger) -> Path:
    return stranger.root / ".undrift" / "history.sqlite"


def test_drift_is_told_each_night_until_it_goes_and_what_comes_and_goes_is_nothing(stranger: Stranger) -> None:
    stranger.record()
    first, second = night(stranger, LESS), night(stranger, LESS)
    assert first.code == second.code == 1
    assert [severity for _, severity in ids(first)] == ["breaking"]
    assert ids(first) == ids(second)
    assert ids(night(stranger, PLAIN)) == []
    again = night(stranger, LESS)
    assert (again.code, ids(again)) == (0, [])
    assert "arlier nights" not in again.err


def test_a_value_that_no_night_knows_is_risky(stranger: Stranger) -> None:
    stranger.record()
    for _ in range(5):
        night(stranger, PLAIN)
    for _ in range(2):
        assert [severity for _, severity in ids(night(stranger, PLAIN | {"name": "fancy"}))] == ["risky"]


def test_a_check_that_saw_nothing_remembers_nothing(stranger: Stranger) -> None:
    assert stranger.undrift("check", "-k", "nothing").code == 3
    assert not history(stranger).exists()


def spoil(path: Path, how: str) -> None:
    if how == "damaged":
        path.write_bytes(b"nonsense" * 500)
        return
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE facts SET text = '[]'" if how == "not ours" else "PRAGMA user_version = 9")
        file.commit()


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("damaged", "Delete it; the next check starts a new one."),
        ("not ours", "holds what no check wrote. Delete it; the next check starts a new one."),
        ("newer", "was written by a newer undrift. Upgrade undrift, or delete the file."),
    ],
)
@pytest.mark.parametrize("answer", [PLAIN, LESS])
def test_a_history_that_cannot_be_used_is_told_in_one_sentence_and_changes_no_verdict(
    stranger: Stranger, how: str, what: str, answer: Any
) -> None:
    stranger.record()
    night(stranger, LESS)
    spoil(history(stranger), how)
    done = night(stranger, answer)
    assert done.code == (1 if answer is LESS else 0)
    told = done.err.count("Earlier nights could not be used or remembered")
    # What is spoiled within is seen by who reads it, and only a finding asks for that.
    assert told == (0 if how == "not ours" and answer is PLAIN else 1)
    assert told == 0 or what in done.err


def test_two_checks_at_once_both_end(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(History.__init__, "__defaults__", (0.01, 60))
    stranger.record()
    night(stranger, PLAIN)
    with closing(sqlite3.connect(history(stranger))) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = night(stranger, LESS)
    assert done.code == 1
    assert done.err.count("Another check was writing to it") == 1


def test_without_the_extra_a_check_says_how_to_get_it(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger.record()
    monkeypatch.setitem(sys.modules, "undrift.store.history", None)
    done = night(stranger, LESS)
    assert [severity for _, severity in ids(done)] == ["breaking"]
    assert done.err.count("pip install 'undrift[history]'") == 1
    assert not history(stranger).exists()


def test_a_name_that_no_file_can_hold_is_not_remembered(stranger: Stranger) -> None:
    stranger.record()
    done = night(stranger, PLAIN | {"half \ud800": 1})
    assert (done.code, [severity for _, severity in ids(done)]) == (0, ["additive"])
    assert done.err.count("a name that cannot be written") == 1
    assert not history(stranger).exists()
