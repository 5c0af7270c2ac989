"""What is measured, each as rows of one table: rounds of all contenders in turn, and their medians.

A machine whose speed drifts treats all contenders of a round alike, so it is the ratios that tell.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from benchmarks.suites import empty_run, suite_run
from benchmarks.traffic import write_cassette

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.contender import Contender

SIZES: Final = (10, 1_000, 10_000)
_LOADED: Final = 3_000
_LARGE_BODY: Final = 10_000_000
_FLAT: Final = 1.25
_MOST: Final = {"httpx": 1.15, "requests": 1.30}

_Name = TypeVar("_Name", bound="Hashable")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    ``figures`` are medians by contender, in ``unit``. ``value`` is what the bar ``most`` (or, for
    a speed-up, ``least``) is set for, and ``of`` says what it is.
    """

    work: str
    unit: str
    figures: Mapping[str, float]
    of: str = ""
    value: float | None = None
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.value is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)


def medians(rounds: int, runs: Mapping[_Name, Callable[[], float]]) -> dict[_Name, float]:
    """The median of each run, all of them once in each round."""
    taken: dict[_Name, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return {name: statistics.median(times) for name, times in taken.items()}


def requests(workers: Mapping[str, Contender], folder: Path, rounds: int) -> Iterator[Row]:
    """One replayed GET, its JSON read, for each client and size of cassette."""
    paths = {size: str(write_cassette(folder / f"{size}.yaml", range(size))) for size in SIZES}
    for client, peers in (
        ("httpx", ("floor", "undrift", "cassetter", "vcrpy")),
        ("requests", ("floor", "undrift", "cassetter", "vcrpy")),
        ("aiohttp", ("undrift", "vcrpy")),
        ("urllib3", ("undrift", "vcrpy")),
        ("boto3", ("floor", "undrift", "vcrpy")),
    ):
        runs = {
            (size, who): _requesting(workers[_home(who)], client, who, paths[size], size)
            for size in SIZES
            for who in peers
            # vcrpy would take minutes for the largest, and cassetter refuses a file of more than 250,000 nodes.
            if who in {"floor", "undrift"} or size < SIZES[-1]
        }
        found = medians(rounds, runs)
        for size in SIZES:
            yield _request_row(client, size, {who: found[at, who] * 1e6 for at, who in found if at == size})
        times = [found[size, "undrift"] for size in SIZES]
        yield Row(
            f"{client}: the slowest of these to the fastest", "µs", {}, "undrift", max(times) / min(times), most=_FLAT
        )


def _requesting(worker: Contender, client: str, who: str, path: str, size: int) -> Callable[[], float]:
    # With a large cassette one request takes vcrpy long: a few tell.
    count = 10 if who == "vcrpy" else min(size, 300)
    numbers = [number * size // count for number in range(count)]
    turns = 1 if size > SIZES[0] else 30
    return lambda: float(worker.do("requesting", client, who, path, numbers, turns))


def _request_row(client: str, size: int, found: Mapping[str, float]) -> Row:
    work = f"{client}: a GET from {size:,}"
    if client in _MOST:
        ratio = found["undrift"] / found["floor"]
        return Row(work, "µs", found, "undrift to floor", ratio, most=_MOST[client])
    if size == SIZES[0]:
        return Row(work, "µs", found, "undrift to vcrpy", found["undrift"] / found["vcrpy"], most=0.5)
    return Row(work, "µs", found)


def suites(folder: Path, rounds: int) -> Iterator[Row]:
    """A suite of 500 tests with five httpx requests each, each test with its cassette; whole runs of pytest."""
    runs = {
        "floor": lambda: suite_run(folder, "undrift", "floor"),
        "undrift": lambda: suite_run(folder, "undrift", "played"),
        "undrift, nothing cached": lambda: suite_run(folder, "undrift", "uncached"),
        "pytest-recording": lambda: suite_run(folder, "vcrpy", "played"),
        "cassetter": lambda: suite_run(folder, "cassetter", "played"),
    }
    found = medians(rounds, runs)
    floor = found["floor"]
    work = "500 tests of 5 requests"
    yield Row(f"{work}, cached", "s", found, "undrift to floor", found["undrift"] / floor, most=1.5)
    uncached = found["undrift, nothing cached"] / floor
    yield Row(f"{work}, nothing cached", "s", {}, "undrift to floor", uncached, most=2.0)
    for peer in ("pytest-recording", "cassetter"):
        yield Row(f"{work}, by {peer}", "s", {}, f"{peer} to floor", found[peer] / floor)


def plugin(folder: Path, rounds: int) -> Iterator[Row]:
    """What a plugin adds to a run of pytest with one test that plays nothing."""
    found = {}
    for who in ("undrift", "vcrpy", "cassetter"):
        runs = {"with": partial(empty_run, folder, who), "without": partial(empty_run, folder, who, bare=True)}
        taken = medians(rounds, runs)
        found[who] = (taken["with"] - taken["without"]) * 1000
    yield Row("an empty run of pytest", "ms", found, "undrift adds, ms", found["undrift"], most=20)


def loading(workers: Mapping[str, Contender], folder: Path, rounds: int) -> Iterator[Row]:
    """Loading 3,000 interactions, with nothing cached and from the cache."""
    path = write_cassette(folder / f"{_LOADED}.yaml", range(_LOADED))
    runs = {
        who: _loading(workers[home], who, str(path))
        for who, home in (
            ("undrift", "undrift"),
            ("PyYAML", "undrift"),
            ("cassetter", "cassetter"),
            ("cached", "undrift"),
        )
    }
    found = {who: seconds * 1000 for who, seconds in medians(rounds, runs).items()}
    work = f"loading {_LOADED:,} ({path.stat().st_size / 1e6:.1f} MB)"
    yield Row(
        f"{work}, nothing cached",
        "ms",
        found,
        "undrift to PyYAML's parse",
        found["undrift"] / found["PyYAML"],
        most=1.2,
    )
    yield Row(
        f"{work}, nothing cached", "ms", {}, "undrift to cassetter", found["undrift"] / found["cassetter"], most=1.2
    )
    yield Row(f"{work}, cached", "ms", {}, "times as fast as cassetter", found["cassetter"] / found["cached"], least=5)
    parsed, cached = (size / path.stat().st_size for size in workers["undrift"].do("kept_bytes", str(path)))
    yield Row(
        f"{work}: memory kept",
        "× the file",
        {"parsed": parsed, "cached": cached},
        "the larger",
        max(parsed, cached),
        most=4,
    )


def _loading(worker: Contender, who: str, path: str) -> Callable[[], float]:
    return lambda: float(worker.do("loading", who, path))


def large_body(workers: Mapping[str, Contender], folder: Path) -> Iterator[Row]:
    """The most memory in use while a body of 10 MB is replayed from the cache, as text and as bytes."""
    text = b'{"text": "' + b"x" * _LARGE_BODY + b'"}'
    binary = bytes(range(256)) * (_LARGE_BODY // 256)
    found = {}
    for name, body in (("text", text), ("binary", binary)):
        path = write_cassette(folder / f"large-{name}.yaml", range(1), body)
        found[name] = workers["undrift"].do("peak_bytes", str(path)) / len(body)
    yield Row("a body of 10 MB from the cache: peak", "× the body", found, "the larger", max(found.values()), most=4)


def _home(who: str) -> str:
    return "undrift" if who == "floor" else who
