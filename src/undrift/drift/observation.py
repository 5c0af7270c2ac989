"""What is seen to differ between two answers, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undrift.drift.results import Kind, Where
    from undrift.fielddiff import Path
    from undrift.values import Likeness


@dataclass(frozen=True, slots=True)
class Observation:
    """One difference in one pair of interactions.

    ``path`` is the place with ``*`` for indices, ``pointer`` and ``fresh_pointer`` the place
    on each side. ``likeness`` says how two values relate, where there are two values of one
    type. ``steps`` is the way into the body, for look-ups of its shape.
    """

    where: Where
    kind: Kind
    path: str
    pointer: str
    fresh_pointer: str
    stored: Any
    fresh: Any
    name: str = ""
    likeness: Likeness | None = None
    steps: Path = ()
    story: str = ""
