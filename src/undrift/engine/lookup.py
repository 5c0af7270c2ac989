"""Which recorded answer belongs to a request, and which were given already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from undrift.engine.matchers import matching_key
from undrift.match import RequestIndex
from undrift.model import Failure, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from undrift.engine.deck import DeckOptions
    from undrift.engine.hooks import Hooks
    from undrift.match import MatchResult
    from undrift.match.index import Fields
    from undrift.model import Cassette
    from undrift.scrub import Fit, Key

# One of these is in a header with a secret that no credential names, or that nobody can read at a glance.
_SIGNS_OF_SECRETS: Final = ("secret", "basic ", "eyj")


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded request and what came of it; ``index`` counts its cassette's interactions."""

    index: int
    request: Request
    outcome: Response | Failure
    belongs_to_test: bool


class Lookup:
    """The recorded answers in order, and which of them were played."""

    def __init__(self, entries: tuple[Entry, ...], options: DeckOptions, custom: Hooks | None) -> None:
        self.entries = entries
        # How often each entry was played, of those that were.
        self._played: dict[int, int] = {}
        # Where to go on looking among equal requests, so that many of them cost no more each.
        self._cursors: dict[tuple[str, int], int] = {}
        # Which equal entries, by the first and the number of them, were recorded with different keys.
        self._keys: dict[tuple[int, int], Mapping[Key, tuple[int, ...]]] = {}
        self._custom = custom
        self._options = options

    @classmethod
    def over(cls, cassette: Cassette | None, extra: tuple[Cassette, ...], options: DeckOptions) -> Lookup:
        """A look-up over a cassette and the extra ones behind it."""
        entries = list(_entries(cassette, belongs_to_test=not extra)) if cassette is not None else []
        for other in extra:
            entries += _entries(other, belongs_to_test=False)
        custom = options.hooks if options.hooks is not None and options.hooks.has_matchers else None
        return cls(tuple(entries), options, custom)

    def of(self, entries: Sequence[Entry]) -> Lookup:
        """A look-up over other entries, by the same rules."""
        return Lookup(tuple(entries), self._options, self._custom)

    # Worked out when first needed, which for most tests is with their first request, and for
    # those that use a cassette and make none is never.

    @cached_property
    def _index(self) -> RequestIndex:
        return RequestIndex([entry.request for entry in self.entries], self._options.rules)

    @cached_property
    def _by_custom_key(self) -> Mapping[Hashable, tuple[int, ...]]:
        found: defaultdict[Hashable, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            found[matching_key(entry.request, self._keyed)].append(number)
        return {key: tuple(numbers) for key, numbers in found.items()}

    @property
    def _keyed(self) -> frozenset[str]:
        return self._custom.keyed if self._custom is not None else frozenset()

    def equal(self, request: Request) -> tuple[int, ...]:
        """The entries whose request equals this one, in recorded order."""
        if self._custom is None:
            return self._index.matches(request)
        candidates = self._by_custom_key.get(matching_key(request, self._keyed), ())
        if self._custom.is_keyed:
            return candidates
        matches = self._custom.matches
        return tuple(number for number in candidates if matches(request, self.entries[number].request))

    @property
    def counting(self) -> frozenset[str]:
        """The header fields, in lower case, that count when requests are compared here."""
        return self._index.counting if self._custom is None else frozenset()

    @property
    def is_ready(self) -> bool:
        """Whether ``take_ready`` can ever answer; a user's own matcher must be asked about each request."""
        return self._custom is None or self._custom.is_keyed

    def take_ready(self, method: str, url: str, fields: Fields, body: bytes, *, repeats: bool) -> Response | None:
        """The next unplayed response to a request that stands in the cassette letter for letter.

        ``fields`` are those of its header fields that are ``counting``. None, and nothing changed,
        where there is none such, or more counts: a failure is due, an answer that may hold what was
        sent, or that to another key.
        """
        if self._custom is None:
            candidates = self._index.exact(method, url, fields, body)
        else:
            candidates = self.equal(Request(method, url, body=body))
        if not candidates or self._by_key(candidates):
            return None
        number = self._next("equal", candidates)
        if number is None and repeats:
            number = candidates[-1]
        if number is None:
            return None
        entry = self.entries[number]
        if not isinstance(entry.outcome, Response) or _may_echo(entry.request, entry.outcome):
            return None
        self._play(number)
        return entry.outcome

    def has_equal(self, request: Request) -> bool:
        """Whether the request was ever recorded, played already or not."""
        return bool(self.equal(request))

    def was_played(self, number: int) -> bool:
        """Whether an entry was played."""
        return number in self._played

    @property
    def play_count(self) -> int:
        """How many answers were played."""
        return sum(self._played.values())

    def plays(self, number: int) -> int:
        """How often an entry was played."""
        return self._played.get(number, 0)

    def take_equal(
        self, request: Request, *, repeats: bool, fits: Callable[[], Callable[[Key], Fit]] | None = None
    ) -> Entry | None:
        """The next unplayed entry that equals the request; with repeats, then the last one again.

        Of entries that were recorded with different keys, those that ``fits`` says to fit come first.
        """
        candidates = self.equal(request)
        parted = self._by_key(candidates) if fits is not None else {}
        if fits is not None and parted:
            number = self._fitting(parted, fits(), repeats=repeats)
        else:
            number = self._next("equal", candidates)
            if number is None and candidates and repeats:
                number = candidates[-1]
        return None if number is None else self._play(number)

    def _fitting(
        self, parted: Mapping[Key, tuple[int, ...]], fits: Callable[[Key], Fit], *, repeats: bool
    ) -> int | None:
        """The next unplayed entry of the keys that fit best; with repeats, then the last of those."""
        fitting = {key: fits(key) for key in parted}
        unplayed = ((fitting[key], self._next("key", numbers)) for key, numbers in parted.items())
        due = min(((how, number) for how, number in unplayed if number is not None), default=None)
        if due is not None or not repeats:
            return None if due is None else due[1]
        best = min(fitting.values())
        return max(numbers[-1] for key, numbers in parted.items() if fitting[key] is best)

    def _by_key(self, candidates: tuple[int, ...]) -> Mapping[Key, tuple[int, ...]]:
        """Equal entries by the keys that they were recorded with; empty where that was one, or none."""
        if len(candidates) < 2 or self._custom is not None:  # noqa: PLR2004 - two make a difference
            return {}
        asked = candidates[0], len(candidates)
        if asked not in self._keys:
            from undrift.scrub import key_of  # noqa: PLC0415 - few requests are made twice

            found: defaultdict[Key, list[int]] = defaultdict(list)
            for number in candidates:
                found[key_of(self.entries[number].request)].append(number)
            parted = {key: tuple(numbers) for key, numbers in found.items()}
            self._keys[asked] = parted if len(parted) > 1 else {}
        return self._keys[asked]

    def take_same_target(self, request: Request) -> Entry | None:
        """The next unplayed entry of the same method, URL and operation, whatever its body.

        None where an explicit ``match_on`` said what equal means, and where the URL serves
        several operations, as guessing among those would play a wrong answer.
        """
        if self._custom is not None or not self._index.has_one_operation(request):
            return None
        number = self._next("same target", self._index.same_target(request))
        return None if number is None else self._play(number)

    def nearest(self, request: Request) -> tuple[Entry, MatchResult] | None:
        """The most similar entry and how it differs, as a guess."""
        found = self._index.nearest(request)
        return None if found is None else (self.entries[found[0]], found[1])

    def unused(self) -> tuple[Entry, ...]:
        """The test's own entries that nobody asked for."""
        return tuple(
            entry for number, entry in enumerate(self.entries) if entry.belongs_to_test and number not in self._played
        )

    def rewind(self) -> None:
        """Forget what was played."""
        self._played.clear()
        self._cursors.clear()

    def _next(self, among: str, candidates: tuple[int, ...]) -> int | None:
        """The first candidate that was not played yet."""
        if not candidates:
            return None
        first = candidates[0]
        if first not in self._played:
            return first
        if len(candidates) == 1:
            return None
        key = (among, first)
        place = self._cursors.get(key, 0)
        while place < len(candidates) and candidates[place] in self._played:
            place += 1
        self._cursors[key] = place
        return candidates[place] if place < len(candidates) else None

    def _play(self, number: int) -> Entry:
        self._played[number] = self._played.get(number, 0) + 1
        return self.entries[number]


def _entries(cassette: Cassette, *, belongs_to_test: bool) -> Iterable[Entry]:
    failures = sorted(cassette.failures, key=lambda failure: failure.position)
    for index, interaction in enumerate(cassette.interactions):
        while failures and failures[0].position <= index:
            failure = failures.pop(0)
            yield Entry(index, failure.request, failure, belongs_to_test)
        yield Entry(index, interaction.request, interaction.response, belongs_to_test)
    for failure in failures:
        yield Entry(len(cassette.interactions), failure.request, failure, belongs_to_test)


def _may_echo(recorded: Request, response: Response) -> bool:
    """Whether an answer holds a secret of its request's headers, where another one may be sent than was recorded."""
    values = "\0".join([value for _, value in recorded.headers]).lower()
    if not any(sign in values for sign in _SIGNS_OF_SECRETS):
        return False
    from undrift.scrub import echoes  # noqa: PLC0415 - most recordings have no such header

    return echoes(recorded, response)
