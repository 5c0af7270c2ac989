"""Which fresh interaction answers to which stored one."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from undrift.drift.correlate import Renaming
    from undrift.drift.traffic import Exchange


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs in stored order, and what is left on either side."""

    pairs: tuple[tuple[Exchange, Exchange], ...]
    missing: tuple[Exchange, ...]
    added: tuple[Exchange, ...]


def align(
    stored: Sequence[Exchange],
    fresh: Sequence[Exchange],
    renaming: Renaming,
    learn: Callable[[Exchange, Exchange], None],
) -> Alignment:
    """Pair the exchanges of two takes in linear time.

    Equal requests (up to the renaming so far) of one endpoint go together first, then those
    of one endpoint in order, then those of one path whatever their query. ``learn`` is told
    of each pair as soon as it is made, so that ids of its answer are known to the next.
    """
    pairs: dict[int, int] = {}
    for key in (_exact_key, _endpoint_key, _path_key):
        _pair_off(stored, fresh, pairs, key, renaming, learn)
    taken = set(pairs.values())
    return Alignment(
        tuple((stored[i], fresh[j]) for i, j in sorted(pairs.items())),
        tuple(exchange for exchange in stored if exchange.index not in pairs),
        tuple(exchange for exchange in fresh if exchange.index not in taken),
    )


def _pair_off(  # noqa: PLR0913, PLR0917 - one pass over two sides, with what it reads and what it fills
    stored: Sequence[Exchange],
    fresh: Sequence[Exchange],
    pairs: dict[int, int],
    key: Callable[[Exchange, Renaming | None], Hashable],
    renaming: Renaming,
    learn: Callable[[Exchange, Exchange], None],
) -> None:
    taken = set(pairs.values())
    waiting = _by_key((exchange for exchange in fresh if exchange.index not in taken), key)
    for exchange in stored:
        if exchange.index in pairs:
            continue
        candidates = waiting.get(key(exchange, renaming))
        if candidates:
            other = candidates.popleft()
            pairs[exchange.index] = other.index
            learn(exchange, other)


def _by_key(
    exchanges: Iterable[Exchange], key: Callable[[Exchange, Renaming | None], Hashable]
) -> dict[Hashable, deque[Exchange]]:
    queues: dict[Hashable, deque[Exchange]] = defaultdict(deque)
    for exchange in exchanges:
        queues[key(exchange, None)].append(exchange)
    return dict(queues)


def _exact_key(exchange: Exchange, renaming: Renaming | None) -> Hashable:
    _, path, query = exchange.split_url
    body = exchange.interaction.request.body
    if renaming is not None and renaming.forth:
        path, query = renaming.apply(path), renaming.apply(query)
        body = renaming.apply(body.decode("latin-1")).encode("latin-1")
    return exchange.method, path, query, exchange.operation, body


def _endpoint_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    return exchange.method, exchange.endpoint, tuple(sorted(exchange.query)), exchange.operation


def _path_key(exchange: Exchange, _renaming: Renaming | None) -> Hashable:
    return exchange.method, exchange.endpoint, exchange.operation
