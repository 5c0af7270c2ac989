from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from undrift.errors import UsageError
from undrift.store.workspace import Note, Workspace, run_id, write_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUN = "2026-11-20T02-00-00Z-7f3a"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def note(test: str = "tests/test_it.py::test_one", outcome: str = "passed") -> Note:
    return Note(test=test, cassette="cassettes/one.yaml", outcome=outcome)


def test_the_folder_ignores_itself_in_git(workspace: Workspace) -> None:
    workspace.ensure()
    ignore = workspace.folder / ".gitignore"
    assert ignore.read_text("utf-8").splitlines()[-1] == "*"
    ignore.write_text("# changed by hand\n", "utf-8")
    workspace.ensure()
    assert ignore.read_text("utf-8") == "# changed by hand\n"


def test_the_name_of_a_run_sorts_by_time() -> None:
    started = dt.datetime(2026, 11, 20, 2, 0, 0, tzinfo=dt.UTC)
    assert run_id(started, "7f3a") == RUN
    assert run_id(started + dt.timedelta(seconds=9), "0000") > RUN


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "..\\a", "a\0b", ".hidden", "dots.", " x"])
def test_no_name_of_a_run_leads_elsewhere(workspace: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a run"):
        workspace.run_folder(name)


def test_takes_lie_under_the_path_of_their_cassette(workspace: Workspace) -> None:
    root = workspace.root
    takes = root / ".undrift" / "takes" / RUN
    assert workspace.take_path(RUN, root / "cassettes" / "a" / "b.yaml") == takes / "cassettes" / "a" / "b.yaml"
    outside = root.parent / "elsewhere" / "b.yaml"
    assert workspace.take_path(RUN, outside) == takes / "_outside" / outside.relative_to(outside.anchor)


def test_paths_are_shown_from_the_root(workspace: Workspace) -> None:
    assert workspace.relative(workspace.root / "a" / "b.yaml") == "a/b.yaml"
    assert workspace.relative(workspace.root.parent / "b.yaml") == (workspace.root.parent / "b.yaml").as_posix()


def test_only_the_newest_runs_are_kept(workspace: Workspace) -> None:
    runs = [f"2026-11-{day:02}T02-00-00Z-0000" for day in range(1, 14)]
    for run in runs:
        workspace.start_run(run)
    (workspace.folder / "takes" / "a file").write_text("", "utf-8")
    workspace.start_run(runs[-1])
    kept = sorted(path.name for path in (workspace.folder / "takes").iterdir() if path.is_dir())
    assert kept == runs[-10:]


def test_notes_come_back_in_order_and_the_last_of_a_test_counts(workspace: Workspace) -> None:
    assert workspace.notes(RUN) == ()
    for one in (note(outcome="failed"), note("tests/test_it.py::test_two"), note(outcome="passed")):
        workspace.add_note(RUN, one)
    assert [(one.test, one.outcome) for one in workspace.notes(RUN)] == [
        ("tests/test_it.py::test_one", "passed"),
        ("tests/test_it.py::test_two", "passed"),
    ]


def test_a_note_knows_a_fixture_by_its_cassette() -> None:
    assert not note().is_fixture
    assert Note(test="tests::token", cassette="cassettes/_fixtures/token.yaml").is_fixture


@pytest.mark.parametrize("line", [b'{"test": "a', b"[]", b'{"test": 1, "cassette": ""}', b"\xff"])
def test_a_damaged_journal_is_one_sentence(workspace: Workspace, line: bytes) -> None:
    workspace.add_note(RUN, note())
    journal = workspace.run_folder(RUN) / "run.jsonl"
    journal.write_bytes(journal.read_bytes() + line + b"\n")
    with pytest.raises(UsageError, match=r"run\.jsonl is damaged: .* Check again, which writes a new one\.$"):
        workspace.notes(RUN)


def test_word_is_left_of_the_tests_that_are_wanted(workspace: Workspace) -> None:
    assert workspace.selected_tests(RUN) is None
    workspace.select_tests(RUN, ["a::b[ü]", "a::c", "a::c"])
    assert workspace.selected_tests(RUN) == frozenset({"a::b[ü]", "a::c"})
    workspace.select_tests(RUN, [])
    assert workspace.selected_tests(RUN) == frozenset()


def test_word_is_left_of_the_tests_that_are_expected(workspace: Workspace) -> None:
    assert workspace.expected_tests(RUN) == ()
    workspace.expect_tests(RUN, ["a::c", "a::b"])
    assert workspace.expected_tests(RUN) == ("a::c", "a::b")


def test_the_report_is_kept_whole(workspace: Workspace) -> None:
    workspace.keep_report('{"one": 1}')
    workspace.keep_report('{"two": 2}')
    assert workspace.report.read_text("utf-8") == '{"two": 2}'
    assert sorted(path.name for path in workspace.folder.iterdir()) == [".gitignore", "report.json"]


@pytest.mark.parametrize("blocked", [".undrift", ".undrift/takes", f".undrift/takes/{RUN}"])
def test_a_file_where_a_folder_is_needed_is_one_sentence(workspace: Workspace, blocked: str) -> None:
    (workspace.root / blocked).parent.mkdir(parents=True, exist_ok=True)
    (workspace.root / blocked).write_text("mine", "utf-8")
    acts: tuple[Callable[[], None], ...] = (
        lambda: workspace.start_run(RUN),
        lambda: workspace.add_note(RUN, note()),
        lambda: workspace.select_tests(RUN, []),
    )
    for act in acts:
        with pytest.raises(UsageError) as caught:
            act()
        words = str(caught.value)
        assert words.startswith(str(workspace.root / ".undrift"))
        assert f"undrift keeps takes and reports in {workspace.folder}; make that a writable folder" in words
        assert words.endswith("or replay, which writes nothing.")
    assert (workspace.root / blocked).read_text("utf-8") == "mine"


def test_a_report_that_cannot_be_kept_leaves_nothing_behind(workspace: Workspace) -> None:
    workspace.report.mkdir(parents=True)
    with pytest.raises(UsageError, match=r"report\.json cannot be written: Is a directory\."):
        workspace.keep_report("{}")
    assert sorted(path.name for path in workspace.folder.iterdir()) == [".gitignore", "report.json"]


def test_a_text_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("old", "utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_text(file, "new \ud800")
    assert file.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]
    write_text(file, "new")
    assert file.read_text("utf-8") == "new"
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path, "new")
