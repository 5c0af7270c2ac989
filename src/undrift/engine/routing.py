"""Which deck a request belongs to.

A deck is current for the code that opened it, and for the tasks started from there, by
context variable. Threads do not inherit that: a thread remembers the deck that was current
where it was started, and a call submitted to a pool that where it was submitted. Whoever
knows of no deck, such as a thread older than any, belongs to the only one that is open.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from undrift.errors import StrayRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.engine.deck import Deck


@dataclass(frozen=True, slots=True)
class _Gone:
    """A deck that nothing holds any more, and so is closed; ``path`` is its cassette's."""

    path: str


class _Nobody:
    """Stands for no deck, in a call that was submitted where none was current."""


_NOBODY = _Nobody()
# What a thread remembers: a weak reference to its deck, and the path of the deck's cassette.
_REMEMBERED = "_undrift_deck"

_current: ContextVar[Deck | _Gone | _Nobody | None] = ContextVar("undrift_deck", default=None)
_open: list[Deck] = []
_lock = threading.Lock()


def current_deck() -> Deck | None:
    """The deck that a request made here and now belongs to, or None where none is open.

    Raises StrayRequestError where it belongs to a deck that is closed, as its test is over
    and nothing may be sent in its name; and where it could belong to any of several.
    """
    deck = _owner()
    if isinstance(deck, _Nobody):
        return _only_open()
    if isinstance(deck, _Gone):
        raise _too_late(deck.path)
    if not deck.is_open:
        raise deck.refuse(_too_late(deck.path))
    return deck


def _only_open() -> Deck | None:
    with _lock:
        decks = tuple(_open)
    if len(decks) < 2:  # noqa: PLR2004 - no more than one
        return decks[0] if decks else None
    raise decks[-1].refuse(
        StrayRequestError(
            f"A request was made by a thread that belongs to none of the {len(decks)} cassettes in use "
            f"({', '.join(deck.path for deck in decks)}).\n"
            f"Start the thread where the cassette that it shall use is open, or run what it does in a copy of "
            f"that context (contextvars.copy_context)."
        )
    )


@contextmanager
def current(deck: Deck) -> Iterator[Deck]:
    """Make a deck the current one for the length of the block."""
    with _lock:
        _open.append(deck)
    token = _current.set(deck)
    try:
        yield deck
    finally:
        deck.is_open = False
        with _lock:
            _open.remove(deck)
        try:
            _current.reset(token)
        except ValueError:
            # Left from another context than entered, as async fixtures may be.
            _current.set(None)


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    yield threading.Thread, "start", _starting


def rows_of_executors() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """The same, for pools of threads."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - where somebody has imported it

    yield ThreadPoolExecutor, "submit", _submitting


def rows_of_pools() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """The same, for multiprocessing's pools of threads."""
    from multiprocessing.pool import ThreadPool  # noqa: PLC0415 - where somebody has imported it

    # A pool of multiprocessing's has no common door: these four hand a function to it.
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        yield ThreadPool, name, _handing_over


def _starting(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def start(self: threading.Thread) -> None:
        owner = _owner()
        if isinstance(owner, _Gone):
            setattr(self, _REMEMBERED, (lambda: None, owner.path))
        elif not isinstance(owner, _Nobody):
            # Weakly: a pool's thread may live as long as the run, and holds no cassette for that.
            setattr(self, _REMEMBERED, (weakref.ref(owner), owner.path))
        original(self)

    return start


def _submitting(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def submit(self: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return original(self, _carried(function), *args, **kwargs)

    return submit


def _handing_over(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def hand_over(self: Any, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return original(self, _carried(func), *args, **kwargs)

    return hand_over


def _carried(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs with the deck that is current here, wherever it is called."""
    owner = _owner()

    @wraps(function, updated=())
    def carried(*args: Any, **kwargs: Any) -> Any:
        token = _current.set(owner)
        try:
            return function(*args, **kwargs)
        finally:
            _current.reset(token)

    return carried


def _owner() -> Deck | _Gone | _Nobody:
    """Whose a request made here and now is: by context, else by the thread."""
    deck = _current.get()
    if deck is not None:
        return deck
    remembered = getattr(threading.current_thread(), _REMEMBERED, None)
    if remembered is None:
        return _NOBODY
    reference, path = remembered
    found: Deck | None = reference()
    return found if found is not None else _Gone(path)


def _too_late(path: str) -> StrayRequestError:
    return StrayRequestError(
        f"A request was made after the test that it belongs to was over (cassette {path}). "
        f"Wait for tasks and threads before the test ends."
    )
