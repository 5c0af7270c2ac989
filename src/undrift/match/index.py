"""Looking up requests at a cost that does not depend on how many there are."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from undrift.match.settings import DEFAULT_RULES, TARGET_HEADER, CompiledRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from undrift.match.differences import MatchResult
    from undrift.match.keys import Reading, RequestKey
    from undrift.match.nearest import Neighbours
    from undrift.match.settings import MatchRules
    from undrift.model import Request


Fields: TypeAlias = tuple[tuple[str, str], ...]
_Exact: TypeAlias = tuple[str, str, Fields, bytes]
# A request as it stands, and the positions at which it stands so.
_Group: TypeAlias = tuple[_Exact, list[int]]

# URLs so written equal each other only letter for letter: nothing in them is normalised.
_PLAIN_URL: Final = re.compile(
    r"https?://[a-z0-9.-]+(?::(?!(?:80|443)/)[1-9][0-9]{0,4})?/[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:\?(?P<query>[\w.~:=&-]+))?",
    re.ASCII,
)


class RequestIndex:
    """Recorded requests, to be found by what counts of them.

    What it answers never changes, and many threads may ask at once. Positions are those in
    ``requests``. Requests are taken apart only where their letters do not tell enough: most
    are, letter for letter, what was recorded. What only a request without a match needs is
    worked out when the first such comes, since most runs never see one.
    """

    __slots__ = ("_by_exact", "_keys", "_neighbours", "_requests", "_rules", "counting")

    def __init__(self, requests: Sequence[Request], rules: MatchRules = DEFAULT_RULES) -> None:
        self._rules = CompiledRules.of(rules)
        self._requests = tuple(requests)
        self._neighbours: Neighbours | None = None
        self._keys: dict[RequestKey, tuple[int, ...]] | None = None
        self.counting = frozenset({"content-type", TARGET_HEADER, *self._rules.header_names})
        """The names of the header fields that count, in lower case."""
        groups: defaultdict[_Exact, list[int]] = defaultdict(list)
        for position, request in enumerate(self._requests):
            groups[self._exact(request)].append(position)
        self._by_exact = {
            exact: positions for alike in self._perhaps_equal(groups) for exact, positions in self._merged(alike)
        }

    def __len__(self) -> int:
        return len(self._requests)

    def exact(self, method: str, url: str, fields: Fields, body: bytes) -> tuple[int, ...]:
        """As ``matches``, for a request that stands here letter for letter; none for any other.

        ``fields`` are those of its header fields that count, in their order, their names in lower case.
        """
        return self._by_exact.get((method, url, fields, body), ())

    def matches(self, request: Request) -> tuple[int, ...]:
        """The positions of all equal requests, in recorded order."""
        found = self._by_exact.get(self._exact(request))
        return found or self._by_key().get(self._read(request).key, ())

    def _perhaps_equal(self, groups: Mapping[_Exact, list[int]]) -> Iterable[Sequence[_Group]]:
        """The groups, those together whose requests may be equal."""
        masks = self._rules.names or self._rules.pointers
        if masks or not all(_is_plain(url) for _, url, _, _ in groups):
            return (tuple(groups.items()),)
        by_place: defaultdict[tuple[str, str], list[_Group]] = defaultdict(list)
        for group in groups.items():
            by_place[group[0][:2]].append(group)
        return by_place.values()

    def _merged(self, alike: Sequence[_Group]) -> Iterable[tuple[_Exact, tuple[int, ...]]]:
        """Each request as it stands, with the positions of all that are equal to it."""
        if len(alike) == 1:
            exact, positions = alike[0]
            return ((exact, tuple(positions)),)
        by_key: defaultdict[RequestKey, list[_Group]] = defaultdict(list)
        for group in alike:
            by_key[self._key(group[1][0])].append(group)
        merged: list[tuple[_Exact, tuple[int, ...]]] = []
        for equal in by_key.values():
            together = tuple(sorted(position for _, positions in equal for position in positions))
            merged += [(exact, together) for exact, _ in equal]
        return merged

    def _by_key(self) -> Mapping[RequestKey, tuple[int, ...]]:
        if self._keys is None:
            self._keys = {self._key(positions[0]): positions for positions in self._by_exact.values()}
        return self._keys

    def _key(self, position: int) -> RequestKey:
        return self._read(self._requests[position]).key

    def _read(self, request: Request) -> Reading:
        from undrift.match.keys import read_request  # noqa: PLC0415 - most requests need not be taken apart

        return read_request(request, self._rules)

    def same_target(self, request: Request) -> tuple[int, ...]:
        """The positions of requests of the same method, URL and operation, in recorded order."""
        return self._others().same_target(self._read(request))

    def has_one_operation(self, request: Request) -> bool:
        """Whether all requests recorded of this method and URL are this very operation."""
        return self._others().has_one_operation(self._read(request))

    def nearest(self, request: Request) -> tuple[int, MatchResult] | None:
        """The recorded request that is most like this one, and in what they differ.

        It is a guess, made among a bounded number of requests: those of the same target first,
        then those that differ in the query, the method, an id in the path, the origin, or some
        letters of the path. None where nothing recorded is alike.
        """
        return self._others().nearest(self._read(request))

    def _exact(self, request: Request) -> _Exact:
        """All that counts, as it stands; what is equal so is equal under the rules too."""
        counting = self.counting
        fields = [(lower, value) for name, value in request.headers.fields if (lower := name.lower()) in counting]
        return request.method, request.url, tuple(fields), request.body

    def _others(self) -> Neighbours:
        # Two threads that come first at once both work it out, to the same result.
        if self._neighbours is None:
            from undrift.match.nearest import Neighbours  # noqa: PLC0415 - only for a request without a match

            self._neighbours = Neighbours(self._requests, self._rules)
        return self._neighbours


def _is_plain(url: str) -> bool:
    """Whether a URL equals another only where both are the same letters, if the other is plain too."""
    found = _PLAIN_URL.fullmatch(url)
    if found is None:
        return False
    query = found["query"]
    if query is None:
        return True
    names = [pair.partition("=")[:2] for pair in query.split("&")]
    # The order of different names does not count, and a name is one with an empty value.
    return all(sign for _, sign in names) and all(one < other for one, other in pairwise(names))
