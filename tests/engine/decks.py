"""Decks as these tests need them again and again."""

from __future__ import annotations

from undrift.engine import Deck, DeckOptions, Policy


def recording() -> Deck:
    return Deck(None, DeckOptions(policy=Policy.RECORD))


def again(deck: Deck) -> Deck:
    """A deck that plays what another one recorded, and lets nothing else out."""
    return Deck(deck.take(), DeckOptions(guarded=True))
