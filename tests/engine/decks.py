"""Decks as these tests need them again and again."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from undrift.engine import Deck, DeckOptions, Policy
from undrift.engine.clients_urllib3 import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator


def recording() -> Deck:
    return Deck(None, DeckOptions(policy=Policy.RECORD))


def again(deck: Deck) -> Deck:
    """A deck that plays what another one recorded, and lets nothing else out."""
    return Deck(deck.take(), DeckOptions(guarded=True))


@contextmanager
def whole_way(*, chosen: bool) -> Iterator[None]:
    """Whoever listens to urllib3 hears it; so then nothing is cut short."""
    LOG.setLevel(logging.DEBUG if chosen else logging.NOTSET)
    try:
        yield
    finally:
        LOG.setLevel(logging.NOTSET)
