"""Which recorded answer belongs to a request, and which were given already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.match import RequestIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undrift.engine.deck import DeckOptions
    from undrift.engine.hooks import Hooks
    from undrift.match import MatchResult
    from undrift.model import Cassette, Failure, Request, Response


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
        self.play_count = 0
        self._played: set[int] = set()
        # Where to go on looking among equal requests, so that many of them cost no more each.
        self._cursors: dict[tuple[str, int], int] = {}
        self._custom = custom
        self._index = RequestIndex([entry.request for entry in entries], options.rules)

    @classmethod
    def over(cls, cassette: Cassette | None, extra: tuple[Cassette, ...], options: DeckOptions) -> Lookup:
        """A look-up over a cassette and the extra ones behind it."""
        entries = list(_entries(cassette, belongs_to_test=not extra)) if cassette is not None else []
        for other in extra:
            entries += _entries(other, belongs_to_test=False)
        custom = options.hooks if options.hooks is not None and options.hooks.has_matchers else None
        return cls(tuple(entries), options, custom)

    def equal(self, request: Request) -> tuple[int, ...]:
        """The entries whose request equals this one, in recorded order."""
        if self._custom is None:
            return self._index.matches(request)
        matches = self._custom.matches
        return tuple(number for number, entry in enumerate(self.entries) if matches(request, entry.request))

    def has_equal(self, request: Request) -> bool:
        """Whether the request was ever recorded, played already or not."""
        return bool(self.equal(request))

    def take_equal(self, request: Request, *, repeats: bool) -> Entry | None:
        """The next unplayed entry that equals the request; with repeats, then the last one again."""
        candidates = self.equal(request)
        number = self._next("equal", candidates)
        if number is None and candidates and repeats:
            number = candidates[-1]
        return None if number is None else self._play(number)

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
        self.play_count = 0

    def _next(self, among: str, candidates: tuple[int, ...]) -> int | None:
        """The first candidate that was not played yet."""
        if not candidates:
            return None
        key = (among, candidates[0])
        place = self._cursors.get(key, 0)
        while place < len(candidates) and candidates[place] in self._played:
            place += 1
        self._cursors[key] = place
        return candidates[place] if place < len(candidates) else None

    def _play(self, number: int) -> Entry:
        self._played.add(number)
        self.play_count += 1
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
