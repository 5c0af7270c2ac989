"""What a deck has kept of what was sent, in the order in which it was answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from undrift.model import Failure, Interaction

if TYPE_CHECKING:
    from collections.abc import Callable

Entry: TypeAlias = "Interaction | Failure | None"


class Kept:
    """Interactions and failures; what is still being read stands in its place already.

    Of that it is asked, each time, what there is of it so far.
    """

    def __init__(self) -> None:
        self._entries: list[Interaction | Failure | Callable[[], Entry]] = []

    def add(self, entry: Interaction | Failure | Callable[[], Entry]) -> None:
        """Add one; a function gives what there is so far, or None where nothing is to be kept of it."""
        self._entries.append(entry)

    def so_far(self) -> tuple[tuple[Interaction, ...], tuple[Failure, ...]]:
        """The interactions, and the failures with their places among these."""
        interactions: list[Interaction] = []
        failures: list[Failure] = []
        for entry in self._entries:
            kept = entry() if callable(entry) else entry
            if isinstance(kept, Failure):
                failures.append(replace(kept, position=len(interactions)))
            elif kept is not None:
                interactions.append(kept)
        return tuple(interactions), tuple(failures)
