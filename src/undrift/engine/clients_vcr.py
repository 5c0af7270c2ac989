"""The clients that vcrpy intercepts for us: http.client, httplib2, tornado and aiohttp.

vcrpy's patches are installed once for a run, over an object that looks like a vcrpy
cassette and asks for the current deck at each request.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from vcr.patch import PATCHER_NAMES, CassettePatcherBuilder

from undrift.engine.deck import Send
from undrift.engine.failures import again
from undrift.engine.hooks import request_from_vcr, response_from_vcr, vcr_response
from undrift.engine.routing import current_deck
from undrift.model import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_ANSWER = "_undrift_answer"
_STARTED = "_undrift_started"
_TERMS = "_undrift_terms"


@cache
def patchers() -> tuple[AbstractContextManager[Any], ...]:
    """vcrpy's own patches, each a context manager, for the clients that are left to it.

    They are made once, and may be put on again and again.
    """
    return tuple(_patchers())


def _patchers() -> Iterator[AbstractContextManager[Any]]:
    for clients, is_decoded in ((("httplib", "httplib2", "tornado"), False), (("aiohttp",), True)):
        skipped = tuple(name for name in PATCHER_NAMES if name not in clients)
        yield from CassettePatcherBuilder(RoutedCassette(skipped, is_decoded=is_decoded)).build()


class RoutedCassette:
    """What vcrpy's stubs take for a cassette.

    ``is_decoded`` is true for aiohttp, whose stub hands over and expects decoded bodies.
    """

    custom_patches = ()

    def __init__(self, skip_patchers: tuple[str, ...], *, is_decoded: bool) -> None:
        self.skip_patchers = skip_patchers
        self._is_decoded = is_decoded

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
        if getattr(request, _ANSWER, None) is None:
            deck = current_deck()
            if deck is not None and deck.terms is not None:
                setattr(request, _TERMS, deck.terms)
                return bool(deck.terms.can_play_response_for(request))
            answer = Send.UNSEEN if deck is None else deck.answer(request_from_vcr(request))
            setattr(request, _ANSWER, answer)
            setattr(request, _STARTED, time.perf_counter())
        return not isinstance(getattr(request, _ANSWER), Send)

    def play_response(self, request: Any) -> dict[str, Any]:
        """The answer that ``can_play_response_for`` found, as a mapping of its own."""
        if self.can_play_response_for(request) and hasattr(request, _TERMS):
            played: dict[str, Any] = getattr(request, _TERMS).play_response(request)
            return played
        answer = getattr(request, _ANSWER)
        setattr(request, _ANSWER, None)
        if isinstance(answer, Failure):
            raise again(answer.kind, answer.message)
        return vcr_response(answer, is_decoded=self._is_decoded)

    def filter_request(self, request: Any) -> Any:
        """The request, if it is to be recorded at all."""
        if hasattr(request, _TERMS):
            return getattr(request, _TERMS).filter_request(request)
        return None if getattr(request, _ANSWER, None) is Send.UNSEEN else request

    def append(self, request: Any, response: Any) -> None:
        """Keep what vcrpy's stub received."""
        if hasattr(request, _TERMS):
            getattr(request, _TERMS).append(request, response)
            return
        deck = current_deck()
        if deck is None or getattr(request, _ANSWER, None) is Send.UNSEEN:
            return
        started = getattr(request, _STARTED, None)
        elapsed = None if started is None else round(time.perf_counter() - started, 6)
        received = response_from_vcr(response, is_decoded=self._is_decoded)
        deck.keep(request_from_vcr(request), received, elapsed=elapsed)

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
