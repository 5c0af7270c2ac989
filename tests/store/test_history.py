"""The history file: nights in, nights out, and one sentence for whatever is wrong with it."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from undrift.errors import HistoryError
from undrift.store.history import History, Sighting

if TYPE_CHECKING:
    from pathlib import Path


def seen(facts: str, endpoint: str = "GET /one", cassette: str = "a.yaml") -> Sighting:
    return Sighting(cassette, "0", endpoint, facts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def test_nights_come_back_oldest_first_and_the_oldest_are_dropped(path: Path) -> None:
    history = History(path, nights_kept=2)
    assert history.earlier(["GET /one"]) == ()
    for at, facts in enumerate(("x", "y", "y")):
        history.append(f"run {at}", [seen(facts), seen(facts, "GET /two"), seen(facts, cassette="b.yaml")])
    assert history.earlier(["GET /one"]) == (
        seen("y"),
        seen("y", cassette="b.yaml"),
        seen("y"),
        seen("y", cassette="b.yaml"),
    )
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT text FROM facts").fetchall() == [("y",)]
        assert file.execute("SELECT run FROM nights").fetchall() == [("run 1",), ("run 2",)]


def test_a_night_is_there_wholly_or_not_at_all(path: Path) -> None:
    History(path).append("one", [seen("x")])
    with pytest.raises(HistoryError, match="cannot be used"):
        History(path).append("two", [seen("y", "GET /two"), seen("y"), seen("z")])
    assert History(path).earlier(["GET /one", "GET /two"]) == (seen("x"),)


def test_an_empty_file_is_an_empty_history(path: Path) -> None:
    path.touch()
    assert History(path).earlier(["GET /one"]) == ()
    History(path).append("one", [seen("x")])
    assert History(path).earlier(["GET /one"]) == (seen("x"),)


def spoil(path: Path, how: str) -> None:
    if how == "damaged":
        path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 500)
    elif how == "a folder":
        path.mkdir()
    else:
        with closing(sqlite3.connect(path)) as file:
            if how == "foreign":
                file.execute("CREATE TABLE songs (name TEXT)")
            else:
                file.execute(f"PRAGMA application_id = {0x75647266}")
                file.execute(f"PRAGMA user_version = {99 if how == 'newer' else 1}")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("damaged", "Delete it; the next check starts a new one"),
        ("without tables", "Delete it; the next check starts a new one"),
        ("foreign", "is a database of something else. Move it away, or delete it"),
        ("newer", "was written by a newer undrift. Upgrade undrift, or delete the file"),
        ("a folder", "See that the file and its folder can be written"),
    ],
)
def test_what_is_no_history_of_ours_is_left_as_it_is(path: Path, how: str, what: str) -> None:
    spoil(path, how)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(HistoryError, match=what) as caught:
        History(path).earlier(["GET /one"])
    assert str(path) in str(caught.value)
    with pytest.raises(HistoryError, match=what):
        History(path).append("one", [seen("x")])
    assert (path.read_bytes() if path.is_file() else None) == before


def test_another_check_that_writes_is_waited_for_and_then_left_alone(path: Path) -> None:
    History(path).append("one", [seen("x")])
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryError, match=r"locked\. Another check was writing to it"):
            History(path, patience=0.01).append("two", [seen("y")])
    assert History(path).earlier(["GET /one"]) == (seen("x"),)


def test_a_full_disk_leaves_what_was_there(path: Path) -> None:
    History(path).append("one", [seen("x")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        with pytest.raises(HistoryError, match="the disk has room"):
            History(path).append("two", [seen("y" * 100_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert History(path).earlier(["GET /one"]) == (seen("x"),)
