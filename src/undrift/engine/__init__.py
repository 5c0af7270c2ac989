"""Playing and recording: decks, the interception of HTTP clients, the network guard.

The only importer of vcrpy.
"""

from undrift.engine.deck import ClientDrift, Deck, DeckOptions, Policy
from undrift.engine.hooks import hooks_for, new_maker
from undrift.engine.interception import deck_in_use, interception
from undrift.engine.origins import Origins

__all__ = [
    "ClientDrift",
    "Deck",
    "DeckOptions",
    "Origins",
    "Policy",
    "deck_in_use",
    "hooks_for",
    "interception",
    "new_maker",
]
