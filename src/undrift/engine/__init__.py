"""Playing and recording: decks, the interception of HTTP clients, the network guard.

The only importer of vcrpy.
"""

from undrift.engine.deck import ClientDrift, Deck, DeckOptions, Policy
from undrift.engine.hooks import hooks_for, new_maker
from undrift.engine.interception import deck_in_use, interception
from undrift.engine.origins import Origins
from undrift.engine.routing import current_deck
from undrift.engine.sending import SendRules, variable_of

__all__ = [
    "ClientDrift",
    "Deck",
    "DeckOptions",
    "Origins",
    "Policy",
    "SendRules",
    "current_deck",
    "deck_in_use",
    "hooks_for",
    "interception",
    "new_maker",
    "variable_of",
]
