"""Which fresh interaction answers to which stored one.

Requests that are repeated without anything in between, as polling and retrying do, form a
run. Runs are paired; within a pair the last answers go together, so that it does not matter
how often the same was asked before.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.drift.frames import Frames
from undrift.drift.traffic import PAGING
from undrift.values import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from undrift.drift.correlate import Renaming
    from undrift.drift.traffic import Exchange

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_RETRIED = frozenset({408, 425, 429})
_SERVER_ERROR = 5
_NUMBERED = re.compile(r"/(?!v\d+(?:/|$))(?=[^/]*\d)[^/]+")

_WORD = re.compile(r"[0-9A-Za-z_-]{8,}")

_Run = tuple["Exchange", ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs in stored order, and what is left on either side.

    ``repeats`` are further polls, retries and pages of what is among the pairs: the exchange,
    its stored and its fresh index, -1 where that side has none, and what it repeats.
    """

    pairs: tuple[tuple[Exchange, Exchange], ...]
    missing: tuple[Exchange, ...]
    added: tuple[Exchange, ...]
    repeats: tuple[tuple[Exchange, int, int, str], ...] = ()


def align(
    stored: Sequence[Exchange],
    fresh: Sequence[Exchange],
    renaming: Renaming,
    learn: Callable[[Exchange, Exchange], None],
) -> Alignment:
    """Pair the exchanges of two takes in linear time.

    Equal requests (up to the renaming so far) of one endpoint go together first, then those
    that are equal but for ids, those of one endpoint in order, those of one path whatever
    their query, those of paths that differ in parts with digits, and at last those of paths
    that differ in what answers handed out. ``learn`` is told of each pair as soon as it is
    made, so that ids of its answer are known to the next.
    """
    old, new = _runs(stored), _runs(fresh)
    frame = Frames(stored, fresh).key
    pairs: list[tuple[Exchange, Exchange]] = []
    repeats: list[tuple[Exchange, int, int, str]] = []
    for key in (_exact_key, _masked_key, _endpoint_key, _path_key, _numbered_key, frame):
        for one, other in _pair_off(old, new, key, renaming):
            for pair in zip(_ends(one, len(other)), _ends(other, len(one)), strict=True):
                pairs.append(pair)
                learn(*pair)
            repeats.extend((exchange, exchange.index, -1, "repeats a request") for exchange in _rest(one, len(other)))
            repeats.extend((exchange, -1, exchange.index, "repeats a request") for exchange in _rest(other, len(one)))
    seen = {(one.method, one.endpoint, one.operation) for one, _ in pairs}
    missing, pages = _without_pages(old.values(), seen)
    repeats.extend((exchange, exchange.index, -1, "is another page of a list") for exchange in pages)
    added, pages = _without_pages(new.values(), seen)
    repeats.extend((exchange, -1, exchange.index, "is another page of a list") for exchange in pages)
    return Alignment(tuple(sorted(pairs, key=lambda pair: pair[0].index)), missing, added, tuple(repeats))


def _runs(exchanges: Sequence[Exchange]) -> dict[int, _Run]:
    """The runs of one side, by the index of their first exchange."""
    runs: dict[int, list[Exchange]] = {}
    current: dict[Hashable, list[Exchange]] = {}
    for exchange in exchanges:
        key = _exact_key(exchange, None)
        run = current.get(key)
        if run is not None and (exchange.method in _SAFE or _was_refused(run[-1])):
            run.append(exchange)
            continue
        if exchange.method not in _SAFE:
            # The state may be another one now: what is asked again is asked anew.
            current.clear()
        current[key] = runs[exchange.index] = [exchange]
    return {index: tuple(run) for index, run in runs.items()}


def _was_refused(exchange: Exchange) -> bool:
    return exchange.family == _SERVER_ERROR or exchange.interaction.response.status in _RETRIED


def _pair_off(
    old: dict[int, _Run],
    new: dict[int, _Run],
    key: Callable[[Exchange, Renaming | None], Hashable],
    renaming: Renaming,
) -> Iterator[tuple[_Run, _Run]]:
    """Take runs of one key off both sides, in order."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, run in new.items():
        waiting[key(run[0], None)].append(index)
    for index in list(old):
        candidates = waiting.get(key(old[index][0], renaming))
        if candidates:
            yield old.pop(index), new.pop(candidates.popleft())


def _ends(run: _Run, others: int) -> _Run:
    """As many exchanges of a run as the other run has: the first ones, and always the last."""
    count = min(len(run), others)
    return (*run[: count - 1], run[-1])


def _rest(run: _Run, others: int) -> _Run:
    return run[min(len(run), others) - 1 : -1]


def _without_pages(
    runs: Iterable[_Run], seen: set[tuple[str, str, str]]
) -> tuple[tuple[Exchange, ...], tuple[Exchange, ...]]:
    """What is left of one side, apart from further pages of lists that both sides asked for."""
    left: list[Exchange] = []
    pages: list[Exchange] = []
    for run in runs:
        for exchange in run:
            is_page = exchange.method in _SAFE and any(name.lower() in PAGING for name in exchange.query)
            known = (exchange.method, exchange.endpoint, exchange.operation) in seen
            (pages if is_page and known else left).append(exchange)
    return tuple(left), tuple(pages)


def _exact_key(exchange: Exchange, renaming: Renaming | None) -> Hashable:
    _, path, query = exchange.split_url
    body = exchange.interaction.request.body
    if renaming is not None and renaming.forth:
        path, query = renaming.apply(path), renaming.apply(query)
        body = renaming.apply(body.decode("latin-1")).encode("latin-1") if body else body
    return exchange.method, path, query, exchange.operation, body


def _masked_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    query = exchange.split_url[2]
    body = exchange.interaction.request.body.decode("latin-1")
    return exchange.method, exchange.endpoint, exchange.operation, _masked(query), _masked(body)


def _masked(text: str) -> str:
    return _WORD.sub(lambda match: "{id}" if is_id(match[0]) else match[0], text)


def _endpoint_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    return exchange.method, exchange.endpoint, tuple(sorted(exchange.query)), exchange.operation


def _path_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    return exchange.method, exchange.endpoint, exchange.operation


def _numbered_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    """The path without what may be an id, short and odd as it is; version parts such as ``v1`` stay."""
    return exchange.method, _NUMBERED.sub("/{id}", exchange.endpoint), exchange.operation
