"""What becomes of a deck when its test is over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from undrift import store
from undrift.config import Mode
from undrift.engine.deck import Send
from undrift.errors import (
    CassetteNotWrittenError,
    LeakError,
)
from undrift.model import Request, Response
from undrift.scrub import Secrets
from undrift.scrub import scrub as real_scrub

if TYPE_CHECKING:
    from pathlib import Path

from tests.shop import KEY, RUN, get, keep, opened, opened_in, session, stored


def test_a_passed_test_stores_its_cassette(tmp_path: Path) -> None:
    closed = keep(opened(tmp_path), "a").finish(passed=True)
    assert (closed.action, closed.take) == ("recorded", None)
    cassette = store.read(tmp_path / "tapes" / "y.yaml")
    assert cassette.test == "tests/test_x.py::test_y[a b]"
    assert cassette.interactions[0].recorded_at == "2026-11-20T02:00:00Z"
    assert KEY not in (tmp_path / "tapes" / "y.yaml").read_text("utf-8")


def test_any_other_leaves_a_take_and_the_cassette_as_it_was(tmp_path: Path) -> None:
    assert keep(opened(tmp_path), "a").finish(passed=False).action == ""
    assert not (tmp_path / "tapes").exists()
    keep(opened(tmp_path), "a").finish(passed=True)
    closed = keep(opened(tmp_path), "b").finish(passed=False)
    assert closed.action == "kept"
    assert closed.take == tmp_path / ".undrift" / "takes" / RUN / "tapes" / "y.yaml"
    assert stored(tmp_path) == [("a", b"new")]
    assert opened(tmp_path).finish(passed=False).take is None, "what sent nothing leaves no take"


def test_a_check_leaves_a_take_and_the_digest_of_the_cassette(tmp_path: Path) -> None:
    first = keep(opened(tmp_path, Mode.CHECK), "a").finish(passed=True)
    assert (first.digest, first.action) == (None, "")
    keep(opened(tmp_path), "a").finish(passed=True)
    closed = keep(opened(tmp_path, Mode.CHECK), "b").finish(passed=True)
    assert closed.take is not None
    assert re.fullmatch("[0-9a-f]{64}", closed.digest or "")
    assert stored(tmp_path) == [("a", b"new")]


def test_a_test_that_sends_nothing_any_more_empties_its_cassette_only_when_recorded(tmp_path: Path) -> None:
    assert opened(tmp_path).finish(passed=True).action == ""
    keep(opened(tmp_path), "a").finish(passed=True)
    assert opened(tmp_path, record_mode="new_episodes").finish(passed=True).action == ""
    assert opened(tmp_path, Mode.REPLAY).finish(passed=True).action == ""
    assert stored(tmp_path) == [("a", b"new")]
    assert opened(tmp_path).finish(passed=True).action == "recorded"
    assert stored(tmp_path) == []


def test_vcrpys_mode_all_renews_what_was_asked_again_and_keeps_the_rest(tmp_path: Path) -> None:
    keep(opened(tmp_path, record_mode="all"), "a", "b", text=b"old").finish(passed=True)
    keep(opened(tmp_path, record_mode="all"), "b", "c").finish(passed=True)
    assert stored(tmp_path) == [("a", b"old"), ("b", b"new"), ("c", b"new")]


def test_two_tests_at_once_extend_one_cassette_and_neither_loses_what_it_recorded(tmp_path: Path) -> None:
    keep(opened(tmp_path), "old", "unused").finish(passed=True)
    run = session(tmp_path)
    one, other = (opened_in(run, name, record_mode="new_episodes") for name in ("one", "other"))
    keep(one, "a").finish(passed=True)
    keep(other, "b").finish(passed=True)
    assert [path for path, _ in stored(tmp_path)] == ["old", "unused", "a", "b"]
    run = session(tmp_path)
    one, other = (
        opened_in(run, name, record_mode="new_episodes", drop_unused_requests=True) for name in ("one", "other")
    )
    for deck in (one, other):
        for path in ("old", "a", "b"):
            assert not isinstance(deck.deck.answer(get(path)), Send)
    keep(one, "c").finish(passed=True)
    keep(other, "d").finish(passed=True)
    assert [path for path, _ in stored(tmp_path)] == ["old", "a", "b", "c", "d"]


def test_two_tests_at_once_renew_one_cassette(tmp_path: Path) -> None:
    keep(opened(tmp_path), "old", "a").finish(passed=True)
    run = session(tmp_path)
    one, other = (opened_in(run, name, record_mode="all") for name in ("one", "other"))
    keep(one, "a", "b").finish(passed=True)
    keep(other, "b", "c", text=b"newest").finish(passed=True)
    assert stored(tmp_path) == [("old", b"new"), ("a", b"new"), ("b", b"newest"), ("c", b"newest")]


def test_a_cassette_that_cannot_be_written_has_its_take_kept(tmp_path: Path) -> None:
    (tmp_path / "tapes").write_text("in the way", "utf-8")
    recording = keep(opened(tmp_path), "a")
    with pytest.raises(CassetteNotWrittenError) as caught:
        recording.finish(passed=True)
    take = f".undrift/takes/{RUN}/tapes/y.yaml"
    assert str(caught.value).endswith(f" mend this and run again. What was recorded is in {take}.")
    assert len(store.read(tmp_path / take)) == 1


def test_where_nothing_can_be_written_the_first_reason_stands(tmp_path: Path) -> None:
    for name in ("tapes", ".undrift"):
        (tmp_path / name).write_text("in the way", "utf-8")
    recording = keep(opened(tmp_path), "a")
    with pytest.raises(CassetteNotWrittenError, match=r"tapes/y\.yaml: .* mend this and run again\.$"):
        recording.finish(passed=True)


def test_a_recording_that_would_leak_is_kept_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The scrubber is made to know one secret less than the last look at the file does.
    monkeypatch.setattr("undrift.scrub.scrub", lambda cassette, _secrets: real_scrub(cassette, Secrets()))
    recording = opened(tmp_path)
    recording.deck.keep(Request("GET", "https://shop.example/a"), Response(200, body=KEY.encode()))
    with pytest.raises(LeakError):
        recording.finish(passed=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
