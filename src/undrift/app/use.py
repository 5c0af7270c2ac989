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
from undrift.app.deck_options import endings, placed, unknown_in_words
from undrift.app.open_deck import DeckSpec
from undrift.app.project import load_project
from undrift.app.session import Session, record_mode_named
from undrift.config import Mode, mode_named
from undrift.errors import ClientDriftError, UsageError
from undrift.store.workspace import Workspace, run_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.app.open_deck import Closed, OpenDeck
    from undrift.engine import Deck

_Function = TypeVar("_Function", bound="Callable[..., Any]")


class use_cassette:  # noqa: N801 - used as a function, as vcrpy's is
    """Play the requests of a block from a cassette, or record them to it.

    A context manager, sync and async, and a decorator for functions, generators and coroutines::

        with undrift.use_cassette("cassettes/pay.yaml"):
            pay()

    ``path`` may be left out by a decorator; the cassette is then named after the function, and
    lies beside its file. ``mode`` is replay, record, missing, check or live; None means the mode
    of the run, or replay where there is none. ``options`` are vcrpy's names and ours. Entering
    gives the deck, or None in live mode. A recording is stored when the block ends without an
    error; with ``record_on_exception=True`` after one too.

    Raises UsageError for a mode or an option that is none, CassetteError for a broken cassette,
    and ClientDriftError at the end of a replay whose requests are not those recorded, unless
    ``client_drift`` says otherwise.
    """

    def __new__(cls, path: Any = None, mode: str | None = None, **options: Any) -> Any:
        """Make one, or decorate the function that is given in place of a path."""
        if path is None or isinstance(path, (str, os.PathLike)):
            return super().__new__(cls)
        return cls(None, mode, **options)(path)

    def __init__(
        self, path: str | os.PathLike[str] | Callable[..., Any] | None = None, mode: str | None = None, **options: Any
    ) -> None:
        unknown = unknown_in_words(options, "use_cassette")
        if unknown:
            raise UsageError(unknown)
        self._path = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
        self._mode = mode
        self._options = options
        self._opened: OpenDeck | None = None
        self._session: Session | None = None

    def __call__(self, function: _Function) -> _Function:
        """Run a function with the deck; each call has one of its own."""
        is_given = bool(self._options.get("inject_cassette"))

        def given(deck: Deck | None, args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (deck, *args) if is_given else args

        @wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            async with self._for(function) as deck:
                return await function(*given(deck, args), **kwargs)

        @wraps(function)
        async def async_generator(*args: Any, **kwargs: Any) -> Any:
            async with self._for(function) as deck:
                async for value in function(*given(deck, args), **kwargs):
                    yield value

        @wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            with self._for(function) as deck:
                return (yield from function(*given(deck, args), **kwargs))

        @wraps(function)
        def plain(*args: Any, **kwargs: Any) -> Any:
            with self._for(function) as deck:
                return function(*given(deck, args), **kwargs)

        kinds = (
            (inspect.iscoroutinefunction, coroutine),
            (inspect.isasyncgenfunction, async_generator),
            (inspect.isgeneratorfunction, generator),
        )
        return cast("_Function", next((made for is_kind, made in kinds if is_kind(function)), plain))

    def __enter__(self) -> Deck | None:
        if self._opened is not None:
            raise UsageError(f"The cassette {self._path} is in use by this object already. Make another one.")
        if self._path is None:
            raise UsageError(
                "use_cassette needs a path as a context manager; a decorator alone can do without. "
                "Give it the path of a cassette."
            )
        session = running_session() or session_of_its_own()
        mode, record_mode = _modes(self._mode, self._options, session)
        if mode is Mode.LIVE:
            return None
        path = Path(placed(self._options, self._path, None)).absolute()
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
        closed = opened.finish(passed=kind is None or bool(self._options.get("record_on_exception", False)))
        if self._session is not None:
            self._session.leave(_note(opened, closed, self._session, passed=kind is None))
        if kind is None:
            _judge(opened)

    async def __aenter__(self) -> Deck | None:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.__exit__(kind, *rest)

    def _for(self, function: Callable[..., Any]) -> Self:
        path = named_after(function, self._options) if self._path is None else self._path
        return type(self)(path, self._mode, **self._options)


def named_after(function: Callable[..., Any], options: dict[str, Any]) -> str:
    """The path of a function's cassette, as vcrpy makes it, and with an ending where there is none of that name."""
    generator = options.get("func_path_generator")
    if generator is not None:
        return str(os.fspath(generator(function)))
    if options.get("cassette_library_dir"):
        path = Path(options["cassette_library_dir"], function.__name__)
    else:
        path = Path(inspect.getfile(function)).parent / function.__name__
    ending = next(iter(endings(options.get("serializer") or "yaml")))
    return str(path if path.exists() or options.get("path_transformer") else path.with_name(f"{path.name}{ending}"))


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
    if opened.client_drift_policy != "fail" or not opened.deck.client_drift():
        return
    from undrift.app.client import changes_in_words  # noqa: PLC0415 - heavy, and rarely needed

    changes = changes_in_words(opened)
    if changes:
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
