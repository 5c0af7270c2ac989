"""What the plugin remembers: of a run, and of each test."""

from __future__ import annotations

import datetime as dt
import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.outcomes import Skipped  # pytest.skip.Exception, for whoever reads types

from undrift.app.current import offered
from undrift.app.project import Project, project_of_run
from undrift.config import Config, Mode, mode_named
from undrift.errors import CassetteError, CredentialError, UsageError

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from contextlib import ExitStack

    from undrift.app.open_deck import Closed, OpenDeck
    from undrift.app.session import Session
    from undrift.credentials import Answered
    from undrift.drift.results import Report
    from undrift.errors import UndriftError
    from undrift.store.workspace import Note, Workspace

NOTE = "undrift"
ANSWERS = "undrift_answers"


class SkippedForCredential(Skipped):
    """A test is skipped because a credential is missing; a fixture of wider scope may raise it for many."""

    def __init__(self, message: str) -> None:
        super().__init__(message, _use_item_location=True)


class TestState:
    """One test on its way: its deck, and how its phases went."""

    __test__ = False

    def __init__(self) -> None:
        self.deck: OpenDeck | None = None
        self.closed: Closed | None = None
        self.missing_credential = ""
        self.trouble: UndriftError | None = None
        self.warnings: tuple[str, ...] = ()
        self._outcomes: dict[str, str] = {}
        self._detail = ""

    def see(self, report: pytest.TestReport) -> None:
        """Remember how a phase ended."""
        outcome = str(report.outcome)
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        elif report.failed and report.when != "call":
            outcome = "error"
        self._outcomes[str(report.when)] = outcome
        if outcome in {"failed", "error"}:
            crash = getattr(report.longrepr, "reprcrash", None)
            self._detail = crash.message.splitlines()[0] if crash else str(report.longrepr).strip().split("\n", 1)[0]
        elif outcome == "skipped" and isinstance(report.longrepr, tuple):
            self._detail = report.longrepr[2].removeprefix("Skipped: ")

    @property
    def has_passed(self) -> bool:
        """Whether all phases so far passed, the call among them, and none as expected failure."""
        return "call" in self._outcomes and set(self._outcomes.values()) == {"passed"}

    @property
    def outcome(self) -> str:
        """pytest's word for the whole test."""
        for phase in ("setup", "call", "teardown"):
            outcome = self._outcomes.get(phase, "passed")
            if outcome != "passed":
                return outcome
        return "passed"

    @property
    def has_news(self) -> bool:
        """Whether this test left more than that it played its cassette, which in a replay nobody has to be told."""
        closed = self.closed
        has_stored = closed is not None and bool(closed.take or closed.action)
        return has_stored or bool(self.warnings or self.missing_credential or self.trouble)

    def note(self, item: pytest.Item) -> dict[str, Any]:
        """What this test left, as plain data."""
        run = item.config.stash[RUN]
        closed = self.closed
        cassette = self._cassette(item)
        reason, detail = "", self._detail
        if self.missing_credential:
            reason, detail = "no-credential", self.missing_credential
        elif self.trouble is not None:
            # Ours, and not the test's: a cassette that is broken, or a take that could not be written.
            reason, detail = "not-compared", str(self.trouble)
        elif self.deck is not None and (unsent := self.deck.unsent):
            # A read-only check does not send what the test wants to.
            reason, detail = "not-reached", unsent
        return {
            "test": item.nodeid,
            "cassette": run.workspace.relative(cassette) if cassette is not None else "",
            "take": run.workspace.relative(closed.take) if closed is not None and closed.take is not None else None,
            "outcome": self.outcome,
            "reason": reason,
            "detail": run.scrubbed(detail),
            "digest": closed.digest if closed is not None else None,
            "action": closed.action if closed is not None else "",
            "warnings": list(self.warnings),
        }

    def _cassette(self, item: pytest.Item) -> Path | None:
        """The file of the test's cassette; None for a test that has no deck."""
        if self.deck is not None:
            return self.deck.spec.path
        if isinstance(self.trouble, CassetteError):
            return self.trouble.path
        if not has_deck(item):
            return None
        # The test broke off before its deck was opened, and fixtures cannot be asked any more.
        return Path(default_folder(item.config.stash[RUN], item.path), f"{default_name(item)}.yaml")


TESTS = pytest.StashKey[TestState]()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an undrift command asks of the run of pytest that it starts; empty without one."""

    run: str = ""
    root: str = ""
    read_only: str = ""

    @classmethod
    def taken_from(cls, environment: MutableMapping[str, str]) -> Asked:
        """Take it out of the environment: a run of pytest within this one is not asked."""
        return cls(*(environment.pop(name, "") for name in ("UNDRIFT_RUN", "UNDRIFT_ROOT", "UNDRIFT_READ_ONLY")))


class Run:
    """One run of pytest: its mode, and what its tests left behind."""

    def __init__(self, project: Project, mode: Mode, asked: Asked, *, is_mode_explicit: bool, is_worker: bool) -> None:
        self.asked = asked
        self.project = project
        self.mode = mode
        self.is_mode_explicit = is_mode_explicit
        self.is_worker = is_worker
        self.is_child = bool(asked.run)
        self.started = dt.datetime.now(dt.UTC)
        self.run_id = asked.run or f"{self.started:%Y-%m-%dT%H-%M-%SZ}-{os.urandom(2).hex()}"
        self.current_item: pytest.Item | None = None
        self._notes: dict[tuple[str, str], Note] = {}
        self.report: Report | None = None
        self.trouble = ""
        self._session: Session | None = None
        self._interception: ExitStack | None = None
        self._offer = offered(lambda: self.session)
        self._offer.__enter__()
        self._expected: tuple[str, ...] = ()
        self._answers: list[list[Any]] | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> Run:
        """The run that a pytest configuration asks for; raises ConfigError where it is wrong."""
        from_controller: dict[str, Any] | None = getattr(config, "workerinput", None)
        asked = Asked.taken_from(os.environ) if from_controller is None else Asked(**from_controller.get(NOTE, {}))
        project = project_of_run(config.rootpath, asked.root or None)
        mode, is_explicit = _mode(config, project.config)
        run = cls(project, mode, asked, is_mode_explicit=is_explicit, is_worker=from_controller is not None)
        run._answers = (from_controller or {}).get(ANSWERS)
        return run

    def for_worker(self) -> dict[str, Any]:
        """What a worker of pytest-xdist has to know, as plain data."""
        answers = self.session.answers() if self.config.has_credentials else None
        return {
            NOTE: {"run": self.run_id, "root": self.asked.root, "read_only": self.asked.read_only},
            # Handed on in memory, so that secret managers are asked once and not by each worker.
            ANSWERS: None
            if answers is None
            else [[one.name, one.answer.remark, dict(one.answer.values)] for one in answers],
        }

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the tests and fixtures left so far."""
        return tuple(self._notes.values())

    @property
    def config(self) -> Config:
        """The project's configuration."""
        return self.project.config

    @property
    def workspace(self) -> Workspace:
        """The project's ``.undrift/`` folder."""
        from undrift.store.workspace import Workspace  # noqa: PLC0415 - not before a test has a deck

        return Workspace(self.project.root)

    @property
    def session(self) -> Session:
        """What all decks share, made when first needed."""
        if self._session is None:
            from undrift.app.session import Session  # noqa: PLC0415 - heavy, and not before a test has a deck

            self._session = Session(
                self.config,
                self.workspace,
                self.run_id,
                os.environ,
                mode=self.mode,
                is_mode_explicit=self.is_mode_explicit,
                guarded=self.config.is_explicit,
                read_only=bool(self.asked.read_only),
                is_one_of_many=self.is_worker,
                answered=self._answered(),
                leave=self._leave,
            )
        return self._session

    def _answered(self) -> tuple[Answered, ...] | None:
        """What remote providers of credentials told the controller of pytest-xdist; None where nobody was asked."""
        if self._answers is None:
            return None
        from undrift.credentials import Answer, Answered  # noqa: PLC0415 - only for a worker

        return tuple(Answered(name, Answer(values, remark)) for name, remark, values in self._answers)

    def scrubbed(self, text: str) -> str:
        """A text as it may be written down: a test's own error may quote a credential."""
        if not text:
            return text
        from undrift.scrub import scrub_text  # noqa: PLC0415 - not before a test with a deck has ended

        try:
            return scrub_text(text, self.session.secrets(self.mode))
        except CredentialError:
            # What must not be shown is not known.
            return ""

    def selected_tests(self) -> frozenset[str] | None:
        """The only tests that are wanted; None for all."""
        return self.workspace.selected_tests(self.run_id) if self.is_child else None

    def start(self, items: Sequence[pytest.Item]) -> None:
        """Make ready for tests that have decks: credentials first, then interception."""
        from contextlib import ExitStack  # noqa: PLC0415 - with what follows

        from undrift.engine import interception  # noqa: PLC0415 - heavy, and not before a test has a deck

        self._expected = tuple(item.nodeid for item in items if has_deck(item))
        if self.config.has_credentials:
            self.session.credentials(self.mode)
            if self.mode is not Mode.REPLAY:
                self.session.refuse_named_after(self._expected, self.mode)
        if self.mode is not Mode.REPLAY and not self.is_worker:
            self.workspace.start_run(self.run_id)
        if self.mode is Mode.CHECK and self.is_worker:
            # The controller collects nothing, and has to know what a worker that dies had to do.
            self.workspace.expect_tests(self.run_id, self._expected)
        self._interception = ExitStack()
        self._interception.enter_context(interception())

    def add(self, note: dict[str, Any]) -> None:
        """Take in what a test or a fixture left, and write it down where a check will look for it."""
        import msgspec  # noqa: PLC0415 - not before a test with a deck has ended

        from undrift.store.workspace import Note  # noqa: PLC0415 - as above

        # A rerun test reports more than once; its last word counts.
        found = msgspec.convert(note, Note)
        self._notes[found.test, found.cassette] = found
        if self.mode is Mode.CHECK and not self.is_worker:
            try:
                self.workspace.add_note(self.run_id, found)
            except UsageError as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)

    def _leave(self, note: dict[str, Any]) -> None:
        """Take in what ``use_cassette`` left; it counts for the test in which it was used."""
        item = self.current_item
        if note["take"] is None and not note["action"] and self.mode is not Mode.CHECK:
            return
        self.add(note if item is None else {**note, "test": item.nodeid})

    def notes_as_data(self) -> list[dict[str, Any]]:
        """The notes as plain data, to be handed from a worker of pytest-xdist to its controller."""
        if not self.notes:
            return []
        import msgspec  # noqa: PLC0415 - it is there, since there are notes

        data: list[dict[str, Any]] = msgspec.to_builtins(self.notes)
        return data

    def finish(self, exitstatus: int) -> int | None:
        """Close the run; for a check on its own, judge it and return the exit code."""
        if self.mode is not Mode.CHECK or exitstatus == pytest.ExitCode.USAGE_ERROR:
            return None
        seen = {note.test for note in self.notes}
        for test in self._expected or self.workspace.expected_tests(self.run_id):
            if test not in seen:
                detail = "The test was not run, or not to its end."
                self.add({"test": test, "cassette": "", "outcome": "not-run", "detail": detail})
        if self.is_child or exitstatus not in {0, 1}:
            return None
        from undrift.app.check import judge_single_pass  # noqa: PLC0415 - heavy, and only for a check on its own

        self.report = judge_single_pass(self.project, self.run_id, self.started)
        self._keep(self.report)
        return self.report.exit_code

    def _keep(self, report: Report) -> None:
        """Leave the report where ``undrift accept`` finds it; where it cannot be kept it is shown all the same."""
        from undrift.report import render  # noqa: PLC0415 - only for a check on its own

        try:
            self.workspace.keep_report(render(report, "json"))
        except UsageError as error:
            self.trouble = str(error)

    def close(self) -> None:
        """Take interception off again, and offer nothing more."""
        self._offer.__exit__(None, None, None)
        if self._interception is not None:
            self._interception.close()
            self._interception = None


class Collector:
    """Takes in what tests left. Reports carry no configuration, so a plugin object holds the run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Here the reports of all workers arrive."""
        note = getattr(report, NOTE, None)
        if note is not None and not self._run.is_worker:
            self._run.add(note)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Of a file that cannot be collected nobody knows what there was to check."""
        if report.failed and self._run.mode is Mode.CHECK and not self._run.is_worker:
            why = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            detail = f"It cannot be collected: {self._run.scrubbed(why)}"
            self._run.add({"test": report.nodeid, "cassette": "", "outcome": "not-run", "detail": detail})


RUN = pytest.StashKey[Run]()


def has_deck(item: pytest.Item) -> bool:
    """Whether a test has a deck: by marker, or because the configuration names it."""
    run = item.config.stash[RUN]
    if run.mode is Mode.LIVE or item.config.getoption("--disable-recording"):
        return False
    if item.get_closest_marker("vcr") is not None:
        return True
    globs = run.config.tests
    if not globs or not item.path.is_relative_to(run.project.root):
        return False
    path = item.path.relative_to(run.project.root).as_posix()
    return any(fnmatch.fnmatch(path, glob) or fnmatch.fnmatch(item.nodeid, glob) for glob in globs)


def default_folder(run: Run, path: Path) -> str:
    """The folder of a test file's cassettes, unless the suite says another."""
    if not run.config.is_explicit or not path.is_relative_to(run.project.root):
        return os.path.join(path.parent, "cassettes", path.stem)  # noqa: PTH118 - a text, as in pytest-recording
    return str(run.project.root / run.config.cassettes / path.relative_to(run.project.root).with_suffix(""))


def default_name(item: pytest.Item) -> str:
    """The name of a test's cassette, unless the suite says another."""
    owner: type | None = getattr(item, "cls", None)
    name = f"{owner.__name__}.{item.name}" if owner is not None else item.name
    if not has_deck(item):
        return name
    from undrift.store import cassette_name, recording_name  # noqa: PLC0415 - not before a test has a deck

    return cassette_name(name) if item.config.stash[RUN].config.is_explicit else recording_name(name)


def _mode(config: pytest.Config, settings: Config) -> tuple[Mode, bool]:
    """The run's mode, and whether the command line said it."""
    chosen, record_mode = config.getoption("--undrift"), config.getoption("--record-mode")
    if chosen is not None and record_mode is not None:
        raise pytest.UsageError("--undrift and --record-mode both say what to do; use one of them.")
    if chosen is not None:
        return Mode(chosen), True
    if os.environ.get("UNDRIFT"):
        return mode_named(os.environ["UNDRIFT"], "The environment variable UNDRIFT"), False
    return settings.mode, False
