"""Decks for fixtures of wider scope than a test.

What such a fixture sends belongs to no single test: it is kept as ``_fixtures/NAME.yaml``
in the folder of the fixture's scope, neither lost nor mixed into the first test that
happens to use it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from undrift.config import Mode
from undrift.errors import UndriftError
from undrift.pytest_plugin.finishing import judge_client_drift
from undrift.pytest_plugin.record_command import RecordCommand
from undrift.pytest_plugin.state import RUN, has_deck

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from undrift.app.open_deck import OpenDeck
    from undrift.pytest_plugin.state import Run


@contextmanager
def opened_for(fixturedef: Any, request: Any) -> Generator[None, None, None]:
    """Open a deck around the setup and the teardown of a fixture of wider scope than a test, if it is to have one."""
    run: Run = request.config.stash[RUN]
    item = run.current_item
    if item is None or not run.config.is_explicit or not has_deck(item):
        yield
        return
    used = _FixtureDeck(run, fixturedef, request)
    # Finalizers run in reverse: closing was asked for first, so it comes last.
    fixturedef.addfinalizer(used.finish)
    with used.active():
        yield
    used.is_set_up = True
    fixturedef.addfinalizer(used.activate_again)


class _FixtureDeck:
    """The deck of one fixture from its setup to its teardown."""

    def __init__(self, run: Run, fixturedef: Any, request: Any) -> None:
        from undrift.app.open_deck import DeckSpec  # noqa: PLC0415 - heavy, and a test has a deck by now

        self._run = run
        self._owner = f"{fixturedef.baseid or '.'}::{fixturedef.argname}"
        path = _folder(run, request) / "_fixtures" / f"{_name(fixturedef, request)}.yaml"
        self._spec = DeckSpec(
            owner=self._owner,
            path=path,
            mode=run.mode,
            record_command=RecordCommand(
                request.config.invocation_params.dir, getattr(request.node, "path", run.project.root)
            ),
        )
        self._opened: OpenDeck | None = None
        self._again: Any = None
        self.is_set_up = False

    @contextmanager
    def active(self) -> Generator[None, None, None]:
        """Make the deck the current one."""
        if self._opened is None:
            try:
                self._opened = self._run.session.open(self._spec)
            except UndriftError as error:
                raise pytest.fail.Exception(str(error), pytrace=False) from None
        with self._opened as deck:
            yield
        # Open for the teardown, during which it becomes current again.
        deck.is_open = True

    def activate_again(self) -> None:
        """Make the deck current for the fixture's teardown."""
        self._again = self.active()
        self._again.__enter__()

    def finish(self) -> None:
        """Close the deck and store what was recorded."""
        if self._again is not None:
            self._again.__exit__(None, None, None)
            self._again = None
        if self._opened is None:
            return
        try:
            closed = self._opened.finish(passed=self.is_set_up)
        except UndriftError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        warnings = judge_client_drift(self._opened) if self.is_set_up else ()
        is_stored = self._spec.mode is Mode.CHECK and self._opened.stored is not None
        if closed.take is not None or closed.action or warnings or is_stored:
            workspace = self._run.workspace
            self._run.add(
                {
                    "test": self._owner,
                    "cassette": workspace.relative(self._spec.path),
                    "take": workspace.relative(closed.take) if closed.take is not None else None,
                    "outcome": "passed" if self.is_set_up else "error",
                    "digest": closed.digest,
                    "action": closed.action,
                    "warnings": list(warnings),
                }
            )


def _folder(run: Run, request: Any) -> Path:
    """Where the cassettes of a fixture's scope lie."""
    base = run.project.root / run.config.cassettes
    if request.scope == "session":
        return base
    path: Path = request.node.path
    place = (
        path.relative_to(run.project.root) if path.is_relative_to(run.project.root) else path.relative_to(path.anchor)
    )
    return base / place.with_suffix("")


def _name(fixturedef: Any, request: Any) -> str:
    from undrift.store import cassette_name  # noqa: PLC0415 - a test has a deck by now

    owner = f"{request.node.name}." if request.scope == "class" else ""
    parameter = getattr(request, "param_index", 0)
    suffix = f"-{parameter}" if getattr(fixturedef, "params", None) else ""
    return cassette_name(f"{owner}{fixturedef.argname}{suffix}")
