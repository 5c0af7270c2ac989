"""``.undrift/``: the takes of each run, what each test left, and the last report.

The folder ignores itself in git. Nothing in it is ever needed to replay.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from undrift.errors import UsageError
from undrift.store.replacing import replace_file

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ".undrift"
_JOURNAL = "run.jsonl"
_SELECTION = "tests.json"
_EXPECTED = "expected.json"
_RUNS_KEPT = 10


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What one deck left behind.

    ``test`` is a pytest node id, or names the fixture that the deck belonged to. ``cassette``
    and ``take`` are paths relative to the project's root, with slashes; ``take`` is None where
    nothing was recorded. ``outcome`` is pytest's word, or ``not-run``. ``digest`` is that of the
    stored cassette when the take was made. ``action`` says what became of the cassette:
    ``recorded``, ``kept``, or empty; ``reason`` why the test was skipped, if it is one of the
    report's reasons.
    """

    test: str
    cassette: str
    take: str | None = None
    outcome: str = "passed"
    reason: str = ""
    detail: str = ""
    digest: str | None = None
    action: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def is_fixture(self) -> bool:
        """Whether this is of a fixture's deck, not of a test's."""
        return "/_fixtures/" in self.cassette


@dataclass(frozen=True, slots=True)
class Workspace:
    """The ``.undrift/`` folder of a project whose root is ``root``."""

    root: Path

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.root / FOLDER

    @property
    def report(self) -> Path:
        """The last report of a check, as JSON."""
        return self.folder / "report.json"

    @property
    def history(self) -> Path:
        """What earlier nights showed, as an SQLite database."""
        return self.folder / "history.sqlite"

    def run_folder(self, run: str) -> Path:
        """Where the takes of a run lie; raises UsageError for a name that leads elsewhere."""
        if not run or run != run.strip(". ") or any(sign in run for sign in "/\\\0"):
            raise UsageError(f"{run!r} is no name of a run.")
        return self.folder / "takes" / run

    def take_path(self, run: str, cassette: Path) -> Path:
        """Where the take for a cassette belongs: under the same path, below the run's folder."""
        if cassette.is_relative_to(self.root):
            return self.run_folder(run) / cassette.relative_to(self.root)
        # A cassette outside the project still has its take inside.
        return self.run_folder(run) / "_outside" / cassette.relative_to(cassette.anchor)

    def claims_folder(self, run: str) -> Path:
        """Where the processes of a run tell each other what they wrote."""
        return self.run_folder(run) / "_claims"

    def ensure(self) -> None:
        """Make the folder, and make it ignore itself in git."""
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("# Made by undrift; nothing in here is needed to replay.\n*\n", "utf-8")

    def start_run(self, run: str) -> None:
        """Make room for a run, and forget the oldest ones."""
        self.ensure()
        with self._writing():
            self.run_folder(run).mkdir(parents=True, exist_ok=True)
            runs = sorted(path for path in (self.folder / "takes").iterdir() if path.is_dir())
        for old in runs[:-_RUNS_KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def add_note(self, run: str, note: Note) -> None:
        """Add one line to a run's journal."""
        folder = self.run_folder(run)
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / _JOURNAL).open("ab") as journal:
                journal.write(msgspec.json.encode(note) + b"\n")

    def notes(self, run: str) -> tuple[Note, ...]:
        """All that a run's tests left behind, in the order in which they ended.

        Of a test that was rerun, the last note counts.
        """
        journal = self.run_folder(run) / _JOURNAL
        if not journal.is_file():
            return ()
        lines = journal.read_bytes().splitlines()
        try:
            notes = [msgspec.json.decode(line, type=Note) for line in lines if line.strip()]
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise UsageError(f"{journal} is damaged: {error}. Check again, which writes a new one.") from error
        return tuple({(note.test, note.cassette): note for note in notes}.values())

    def select_tests(self, run: str, tests: Iterable[str]) -> None:
        """Leave word for a run that only these tests are wanted."""
        self._write_list(run, _SELECTION, tests)

    def selected_tests(self, run: str) -> frozenset[str] | None:
        """The only tests that a run is to take; None where all are wanted."""
        tests = self._read_list(run, _SELECTION)
        return None if tests is None else frozenset(tests)

    def expect_tests(self, run: str, tests: Iterable[str]) -> None:
        """Write down which tests a run is going to take, for whoever counts them afterwards."""
        self._write_list(run, _EXPECTED, tests)

    def expected_tests(self, run: str) -> tuple[str, ...]:
        """The tests that a run was going to take; none where nobody wrote them down."""
        return tuple(self._read_list(run, _EXPECTED) or ())

    def keep_report(self, text: str) -> None:
        """Keep a check's report, in JSON, for ``undrift accept`` and whoever reads it next."""
        self.ensure()
        with self._writing():
            write_text(self.report, text)

    def relative(self, path: Path) -> str:
        """A path as reports show it: relative to the root where it is below it, with slashes."""
        text, root = path.as_posix(), f"{self.root.as_posix()}/"
        if text.startswith(root):
            return text[len(root) :]
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else text

    def _write_list(self, run: str, name: str, tests: Iterable[str]) -> None:
        folder = self.run_folder(run)
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
            write_text(folder / name, msgspec.json.encode(list(tests)).decode())

    def _read_list(self, run: str, name: str) -> list[str] | None:
        try:
            return msgspec.json.decode((self.run_folder(run) / name).read_bytes(), type=list[str])
        except (FileNotFoundError, NotADirectoryError):
            return None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say in one sentence what is wrong where the folder cannot be written to."""
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"{error.filename2 or error.filename or self.folder} cannot be written: {error.strerror or error}. "
                f"undrift keeps takes and reports in {self.folder}; make that a writable folder, or replay, "
                f"which writes nothing."
            ) from error


def run_id(now: dt.datetime, token: str) -> str:
    """The name of a run: its start in UTC and a few characters that make it unique."""
    return f"{now:%Y-%m-%dT%H-%M-%SZ}-{token}"


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all; raises OSError where it cannot be."""
    replace_file(path, (text.encode(),))
