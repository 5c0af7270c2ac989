"""Work on many files, spread over all cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

# Starting a process takes as long as comparing some dozens of cassettes.
_FEW = 40
# How many items a process is given at once, and how many one crew of processes works on.
_CHUNK = 8
_CREW_ITEMS = 4_000


def spread(function: Callable[[Item], Result], items: Iterable[Item], cores: int = 0) -> Iterator[Result]:
    """The results of a function, in the order of the items, worked out on all cores.

    ``function`` and its results must be picklable. A few items are worked on here. The
    processes are replaced now and then, so that whatever they gather never fills the memory.
    ``cores`` is how many processes to use; 0 means as many as this process may run on.
    """
    waiting = iter(items)
    first = list(islice(waiting, _FEW))
    cores = cores or _cores()
    if len(first) < _FEW or cores == 1:
        yield from map(function, first)
        yield from map(function, waiting)
        return
    crew = [*first, *islice(waiting, _CREW_ITEMS - _FEW)]
    while crew:
        yield from _by_crew(function, crew, cores)
        crew = list(islice(waiting, _CREW_ITEMS))


def _by_crew(function: Callable[[Item], Result], items: list[Item], cores: int) -> Iterator[Result]:
    done = 0
    # Processes are started anew rather than forked: a fork in the middle of a thread's work may hang.
    started = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(cores, mp_context=started, initializer=_begin) as pool:
            for result in pool.map(function, items, chunksize=_CHUNK):
                done += 1
                yield result
    except BrokenProcessPool:
        # One of them was killed, perhaps for want of memory: alone it takes longer, and less.
        yield from map(function, items[done:])


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - macOS and Windows cannot tell
        return os.cpu_count() or 1


def _begin() -> None:
    """Prepare a process for its work."""
    # Ctrl-C is for the command, which then ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What comparing leaves behind has no cycles to look for, and the process does not live long.
    gc.disable()
