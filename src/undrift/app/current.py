"""Which run of tests the running code is part of, if it is.

Nothing heavy is imported here: a run offers its session, and whoever asks first makes it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.app.session import Session

# A run within a run, as tests of plugins have it, comes later and ends earlier.
_offers: list[Callable[[], Session]] = []


@contextmanager
def offered(session: Callable[[], Session]) -> Iterator[None]:
    """Offer a run's session to ``use_cassette`` and ``credential`` for the length of the block."""
    _offers.append(session)
    try:
        yield
    finally:
        _offers.remove(session)


def running_session() -> Session | None:
    """The session of the run that this code is part of; None outside of one."""
    return _offers[-1]() if _offers else None
