"""Which deck a request belongs to.

A deck is current for the code that opened it, and for the tasks started from there, by
context variable. Threads do not inherit that: they find the innermost open deck.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from undrift.errors import StrayRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.engine.deck import Deck

_current: ContextVar[Deck | None] = ContextVar("undrift_deck", default=None)
_open: list[Deck] = []
_lock = threading.Lock()


def current_deck() -> Deck | None:
    """The deck that a request made here and now belongs to, or None where none is open.

    Raises StrayRequestError where it belongs to a deck that is closed: its test is over,
    and nothing may be sent in its name.
    """
    deck = _current.get()
    if deck is None:
        return _open[-1] if _open else None
    if not deck.is_open:
        raise StrayRequestError(
            f"A request was made after the test that it belongs to was over (cassette {deck.path}). "
            f"Wait for tasks and threads before the test ends."
        )
    return deck


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
