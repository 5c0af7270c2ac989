"""Recorded requests that are like another one: of its operation, or as near as can be guessed."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from undrift.match.differences import match_readings
from undrift.match.keys import read_request
from undrift.match.operations import operation

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from undrift.match.differences import MatchResult
    from undrift.match.keys import Reading, Target
    from undrift.match.settings import CompiledRules
    from undrift.model import Request

# A best guess looks at this many candidates, and at this many bytes of their bodies.
_MOST_CANDIDATES: Final = 250
_MOST_BYTES: Final = 4_000_000
_ID_LIKE: Final = re.compile(r"[^/]*[0-9][^/]*")


class Neighbours:
    """Recorded requests by what they have in common with others that they do not equal."""

    __slots__ = ("_by_operation", "_near", "_operations", "_paths", "_requests", "_rules")

    def __init__(self, requests: Sequence[Request], rules: CompiledRules) -> None:
        self._requests = requests
        self._rules = rules
        by_operation: defaultdict[tuple[Target, str], list[int]] = defaultdict(list)
        operations: defaultdict[Target, set[str]] = defaultdict(set)
        near: defaultdict[Hashable, list[int]] = defaultdict(list)
        paths: defaultdict[Hashable, dict[str, None]] = defaultdict(dict)
        for position, request in enumerate(requests):
            reading = read_request(request, rules)
            target = reading.key.target
            name = operation(request)
            by_operation[target, name].append(position)
            operations[target].add(name)
            for neighbours in map(near.__getitem__, _neighbourhoods(reading)):
                if len(neighbours) < _MOST_CANDIDATES:
                    neighbours.append(position)
            similar = paths[target.place]
            if len(similar) < _MOST_CANDIDATES:
                similar[target.path] = None
        self._by_operation = {key: tuple(positions) for key, positions in by_operation.items()}
        self._operations = {target: frozenset(names) for target, names in operations.items()}
        self._near = {key: tuple(positions) for key, positions in near.items()}
        self._paths = {place: tuple(names) for place, names in paths.items()}

    def same_target(self, reading: Reading) -> tuple[int, ...]:
        """The positions of requests of the same method, URL and operation, in recorded order."""
        return self._by_operation.get((reading.key.target, operation(reading.request)), ())

    def has_one_operation(self, reading: Reading) -> bool:
        """Whether all requests recorded of this method and URL are this very operation."""
        return self._operations.get(reading.key.target) == frozenset((operation(reading.request),))

    def nearest(self, sent: Reading) -> tuple[int, MatchResult] | None:
        """The request with the fewest differences, the first of several, in the nearest neighbourhood."""
        candidates = next(filter(None, map(self._near.get, _neighbourhoods(sent))), ())
        if not candidates:
            candidates = self._near.get(self._similar_path(sent.key.target), ())
        guesses = (
            (position, match_readings(read_request(self._requests[position], self._rules), sent, self._rules))
            for position in self._affordable(candidates)
        )
        return min(guesses, key=lambda guess: (len(guess[1].reasons), guess[0]), default=None)

    def _affordable(self, candidates: Iterable[int]) -> Iterator[int]:
        size_bytes = 0
        for position in candidates:
            yield position
            size_bytes += len(self._requests[position].body)
            if size_bytes > _MOST_BYTES:
                return

    def _similar_path(self, target: Target) -> Hashable:
        similar = difflib.get_close_matches(target.path, self._paths.get(target.place, ()), n=1)
        return ("path", target.place, *similar)


def _neighbourhoods(reading: Reading) -> Iterator[Hashable]:
    """What requests that are alike have in common, the nearest first."""
    target = reading.key.target
    yield "operation", target, operation(reading.request)
    yield "target", target
    yield "query", target.method, target.place, target.path
    yield "path", target.place, target.path
    yield "id", target.method, target.place, _ID_LIKE.sub("*", target.path)
    yield "origin", target.method, target.path
