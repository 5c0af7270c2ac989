"""``use_cassette``: a deck for a block of code or a function, in a test or outside of one."""

from __future__ import annotations

import datetime as dt
import inspect
import os
import secrets
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from undrift.app.current import running_session
from undrift.app.project import load_project
from undrift.app.session import DeckSpec, Session, record_mode_named
from undrift.config import Mode, mode_named
from undrift.errors import ClientDriftError, UsageError
from undrift.store.workspace import Workspace, run_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.app.session import Closed, OpenDeck
    from undrift.engine import Deck

_Function = TypeVar("_Function", bound="Callable[..., Any]")


class use_cassette:  # noqa: N801 - used as a function, as vcrpy's is
    """Play the requests of a block from a cassette, or record them to it.

    A context manager, sync and async, and a decorator for functions of both kinds::

        with undrift.use_cassette("cassettes/pay.yaml"):
            pay()

    ``mode`` is replay, record, missing, check or live; None means the mode of the run, or
    replay where there is none. ``options`` are vcrpy's names and ours. Entering gives the
    deck, or None in live mode. A recording is stored when the block ends without an error.

    Raises UsageError for a mode that is none, CassetteError for a broken cassette, and
    ClientDriftError at the end of a replay whose requests are not those recorded, unless
    ``client_drift`` says otherwise.
    """

    def __init__(self, path: str | os.PathLike[str], mode: str | None = None, **options: Any) -> None:
        self._path = Path(path)
        self._mode = mode
        self._options = options
        self._opened: OpenDeck | None = None
        self._session: Session | None = None

    def __call__(self, function: _Function) -> _Function:
        """Run a function with the deck; each call has one of its own."""
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def with_deck_async(*args: Any, **kwargs: Any) -> Any:
                async with self._again():
                    return await function(*args, **kwargs)

            return cast("_Function", with_deck_async)

        @wraps(function)
        def with_deck(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return cast("_Function", with_deck)

    def __enter__(self) -> Deck | None:
        if self._opened is not None:
            raise UsageError(f"The cassette {self._path} is in use by this object already. Make another one.")
        session = running_session() or session_of_its_own()
        mode, record_mode = _modes(self._mode, self._options, session)
        if mode is Mode.LIVE:
            return None
        path = self._path.absolute()
        owner = session.workspace.relative(path)
        command = 'run the code once with mode="record"'
        spec = DeckSpec(owner, path, mode, self._options, record_mode=record_mode, record_command=command)
        self._opened, self._session = session.open(spec), session
        return self._opened.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        opened, self._opened = self._opened, None
        if opened is None:
            return
        opened.__exit__()
        closed = opened.finish(passed=kind is None)
        if self._session is not None:
            self._session.leave(_note(opened, closed, self._session, passed=kind is None))
        if kind is None:
            _judge(opened)

    async def __aenter__(self) -> Deck | None:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.__exit__(kind, *rest)

    def _again(self) -> Self:
        return type(self)(self._path, self._mode, **self._options)


def _note(opened: OpenDeck, closed: Closed, session: Session, *, passed: bool) -> dict[str, Any]:
    take = None if closed.take is None else session.workspace.relative(closed.take)
    return {
        "test": opened.spec.owner,
        "cassette": opened.spec.owner,
        "take": take,
        "outcome": "passed" if passed else "failed",
        "digest": closed.digest,
        "action": closed.action,
    }


def _judge(opened: OpenDeck) -> None:
    if not opened.deck.client_drift():
        return
    from undrift.app.client import changes_in_words  # noqa: PLC0415 - heavy, and rarely needed

    changes = changes_in_words(opened)
    if changes and opened.client_drift_policy == "fail":
        lines = "\n".join(f"  {change}" for change in changes)
        raise ClientDriftError(
            f"The code no longer sends what was recorded in {opened.deck.path}:\n{lines}\n"
            f'If that is meant, run it once with mode="record".'
        )


def _modes(mode: str | None, options: dict[str, Any], session: Session) -> tuple[Mode, str]:
    if mode is not None:
        return mode_named(mode, "The mode of use_cassette"), ""
    chosen = options.get("record_mode")
    if chosen is None or session.is_mode_explicit or session.mode is Mode.CHECK:
        # A check touches no cassette, whatever is said of recording.
        return session.mode, ""
    return record_mode_named(chosen)


def session_of_its_own() -> Session:
    """For code that no test run surrounds: the project is that of the working folder."""
    project = load_project(Path.cwd())
    chosen = os.environ.get("UNDRIFT")
    mode = mode_named(chosen, "The environment variable UNDRIFT") if chosen else project.config.mode
    run = run_id(dt.datetime.now(dt.UTC), secrets.token_hex(2))
    return Session(
        project.config, Workspace(project.root), run, os.environ, mode=mode, guarded=project.config.is_explicit
    )
