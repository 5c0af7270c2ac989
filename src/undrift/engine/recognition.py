"""Which recorded request a sent one is, where they differ in their secrets alone.

A recording numbers the secrets that no credential names, and a replay sends others, see
``undrift.scrub.Following``. A cassette that another tool recorded, or an older undrift, may
hold such secrets as they are, too.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from undrift.match import match
from undrift.scrub import Following, bare, fit, holds_places, numbers, sent_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from undrift.engine.deck import DeckOptions
    from undrift.engine.lookup import Lookup
    from undrift.match import Difference
    from undrift.model import Request
    from undrift.scrub import Fit, Key

# So many requests are looked at where nothing but the place of a secret could tell it.
_MOST_CANDIDATES: Final = 250


class Recognition:
    """Reads the requests of one replay as its cassette would have them."""

    def __init__(self, lookup: Lookup, options: DeckOptions) -> None:
        self._lookup = lookup
        self._rules = options.rules
        self._following = Following(options.secrets)

    def read(self, request: Request) -> Request:
        """A request without its secrets, those that are known by their recorded numbers."""
        return self._following.request(request)

    def recorded(self, request: Request, sent: Request) -> Request | None:
        """A request as it was recorded, if it was; ``sent`` is what ``read`` made of it, which was not."""
        literal = self._following.by_value(request)
        if literal != sent and self._lookup.has_equal(literal):
            return literal
        if not self._numbered:
            return None
        settled = self._settled()
        for candidate in self._alike(sent):
            if self._following.binds(candidate, sent, settled):
                return candidate
        for candidate in self._of_the_same_kind(sent):
            reasons = match(candidate, sent, self._rules).reasons
            if self._following.takes(map(_texts, reasons), settled):
                again = self._following.request(request)
                if self._lookup.has_equal(again):
                    return again
        return None

    def sent_in_place(self, recorded: Request, request: Request) -> dict[str, str]:
        """What a request has where the recorded one has numbered placeholders, by these without the brackets."""
        return sent_in_place(recorded, self._following.by_value(request)) if holds_places(recorded) else {}

    def fits(self, request: Request, known: Mapping[str, str]) -> Callable[[Key], Fit]:
        """What says of a recorded key whether a request may have been made with it; ``known`` as in ``scrub.fit``."""
        plain = self._following.by_value(request)
        return lambda key: fit(key, plain, known)

    @cached_property
    def _numbered(self) -> Mapping[int, Request]:
        """The recorded requests in which secrets were numbered, by their places in the look-up."""
        entries = enumerate(self._lookup.entries)
        return {number: entry.request for number, entry in entries if numbers(entry.request)}

    @cached_property
    def _bare(self) -> Lookup:
        """The same recorded requests, their secrets all alike."""
        entries = self._lookup.entries
        return self._lookup.of([replace(entries[at], request=bare(request)) for at, request in self._numbered.items()])

    def _alike(self, sent: Request) -> Iterator[Request]:
        """The recorded requests that differ from a sent one in numbers alone, those that are unplayed first."""
        places = list(self._numbered)
        found = [places[at] for at in self._bare.equal(bare(sent))]
        yield from (self._numbered[at] for at in sorted(found, key=self._lookup.was_played))

    def _of_the_same_kind(self, sent: Request) -> Iterator[Request]:
        found = [at for at, request in self._numbered.items() if request.method == sent.method]
        unplayed = [at for at in found if not self._lookup.was_played(at)]
        yield from (self._numbered[at] for at in unplayed[:_MOST_CANDIDATES])

    def _settled(self) -> frozenset[str]:
        """The numbered placeholders that the client sent as they were recorded."""
        played = (request for at, request in self._numbered.items() if self._lookup.was_played(at))
        return frozenset(placeholder for request in played for placeholder in numbers(request))


def _texts(difference: Difference) -> tuple[str, str]:
    recorded, sent = difference.recorded, difference.sent
    return (recorded, sent) if isinstance(recorded, str) and isinstance(sent, str) else ("", "")
