"""Looking up requests at a cost that does not depend on how many there are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from undrift.match.keys import DEFAULT_RULES, TARGET_HEADER, read_request
from undrift.match.nearest import Neighbours
from undrift.match.settings import CompiledRules, MatchRules

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from undrift.match.differences import MatchResult
    from undrift.match.keys import RequestKey
    from undrift.model import Request


class RequestIndex:
    """Recorded requests, to be found by what counts of them.

    What it answers never changes, and many threads may ask at once. Positions are those in
    ``requests``. What only a request without a match needs is worked out when the first such
    comes, since most runs never see one.
    """

    __slots__ = ("_by_exact", "_by_key", "_neighbours", "_relevant", "_requests", "_rules")

    def __init__(self, requests: Sequence[Request], rules: MatchRules = DEFAULT_RULES) -> None:
        self._rules = CompiledRules.of(rules)
        self._relevant = frozenset({"content-type", TARGET_HEADER, *self._rules.header_names})
        self._requests = tuple(requests)
        self._neighbours: Neighbours | None = None
        by_key: defaultdict[RequestKey, list[int]] = defaultdict(list)
        keys: dict[Hashable, RequestKey] = {}
        for position, request in enumerate(self._requests):
            exact = self._exact(request)
            key = keys.get(exact)
            if key is None:
                key = keys[exact] = read_request(request, self._rules).key
            by_key[key].append(position)
        self._by_key = {key: tuple(positions) for key, positions in by_key.items()}
        self._by_exact = {exact: self._by_key[key] for exact, key in keys.items()}

    def __len__(self) -> int:
        return len(self._requests)

    def matches(self, request: Request) -> tuple[int, ...]:
        """The positions of all equal requests, in recorded order."""
        # Most requests are, letter for letter, what was recorded, and need no taking apart.
        found = self._by_exact.get(self._exact(request))
        return self._by_key.get(read_request(request, self._rules).key, ()) if found is None else found

    def same_target(self, request: Request) -> tuple[int, ...]:
        """The positions of requests of the same method, URL and operation, in recorded order."""
        return self._others().same_target(read_request(request, self._rules))

    def has_one_operation(self, request: Request) -> bool:
        """Whether all requests recorded of this method and URL are this very operation."""
        return self._others().has_one_operation(read_request(request, self._rules))

    def nearest(self, request: Request) -> tuple[int, MatchResult] | None:
        """The recorded request that is most like this one, and in what they differ.

        It is a guess, made among a bounded number of requests: those of the same target first,
        then those that differ in the query, the method, an id in the path, the origin, or some
        letters of the path. None where nothing recorded is alike.
        """
        return self._others().nearest(read_request(request, self._rules))

    def _exact(self, request: Request) -> Hashable:
        """All that counts, as it stands; what is equal so is equal under the rules too."""
        relevant = self._relevant
        fields = [field for field in request.headers.fields if field[0].lower() in relevant]
        return request.method, request.url, request.body, *fields

    def _others(self) -> Neighbours:
        # Two threads that come first at once both work it out, to the same result.
        if self._neighbours is None:
            self._neighbours = Neighbours(self._requests, self._rules)
        return self._neighbours
