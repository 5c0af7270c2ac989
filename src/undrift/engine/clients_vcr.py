"""vcrpy's own stubs for http.client, httplib2 and aiohttp, for cassettes of a ``VCR`` object.

They are asked for while such a cassette is in use, and show its users what they know. They are
installed over an object that looks like a vcrpy cassette and asks the current deck at each
request; for a deck of any other kind they step aside.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from undrift.engine.routing import current_deck

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_CLIENTS = frozenset({"httplib", "httplib2", "aiohttp"})
_TERMS = "_undrift_terms"


@cache
def patchers() -> tuple[AbstractContextManager[Any], ...]:
    """vcrpy's own patches, each a context manager; made once, they may be put on again and again."""
    from vcr.patch import PATCHER_NAMES, CassettePatcherBuilder  # noqa: PLC0415 - it imports every client

    skipped = tuple(name for name in PATCHER_NAMES if name not in _CLIENTS)
    return tuple(CassettePatcherBuilder(RoutedCassette(skipped)).build())


class RoutedCassette:
    """What vcrpy's stubs take for a cassette."""

    custom_patches = ()

    def __init__(self, skip_patchers: tuple[str, ...]) -> None:
        self.skip_patchers = skip_patchers

    @property
    def _path(self) -> str:
        """vcrpy names its generated classes after it, and its refusals name it."""
        terms = _current_terms()
        return "" if terms is None else str(terms.path)

    @property
    def write_protected(self) -> bool:
        """Whether vcrpy's stub is to refuse; our own decks refuse before it asks."""
        terms = _current_terms()
        return terms is not None and bool(terms.write_protected)

    def __getattr__(self, name: str) -> Any:
        """What else vcrpy's refusal says of a cassette."""
        terms = _current_terms()
        if terms is None:
            raise AttributeError(name)
        return getattr(terms, name)

    def __len__(self) -> int:
        terms = _current_terms()
        return 0 if terms is None else len(terms)

    def can_play_response_for(self, request: Any) -> bool:
        """Whether there is an answer; vcrpy may ask twice for one request."""
        terms = _current_terms()
        if terms is None:
            return False
        setattr(request, _TERMS, terms)
        return bool(terms.can_play_response_for(request))

    def play_response(self, request: Any) -> Any:
        """The answer, as vcrpy has it."""
        self.can_play_response_for(request)
        return getattr(request, _TERMS).play_response(request)

    def filter_request(self, request: Any) -> Any:
        """The request, if it is to be recorded at all."""
        terms = getattr(request, _TERMS, None)
        return None if terms is None else terms.filter_request(request)

    def append(self, request: Any, response: Any) -> None:
        """Keep what vcrpy's stub received."""
        terms = getattr(request, _TERMS, None)
        if terms is not None:
            terms.append(request, response)

    def find_requests_with_most_matches(self, request: Any) -> list[tuple[Any, list[str], list[str]]]:
        """The request itself: aiohttp's stub asks this way for what a redirect leads to."""
        terms = _current_terms()
        if terms is not None:
            similar: list[tuple[Any, list[str], list[str]]] = terms.find_requests_with_most_matches(request)
            return similar
        return [(request, [], [])]


def _current_terms() -> Any:
    deck = current_deck()
    return None if deck is None else deck.terms
