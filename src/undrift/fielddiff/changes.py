"""What a comparison of two parsed bodies gives."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from undrift.fielddiff.pointers import Path


class ChangeKind(StrEnum):
    """How two parsed bodies differ in one place."""

    ADDED = "added"
    REMOVED = "removed"
    TYPE = "type"
    NULL = "null"
    VALUE = "value"
    LENGTH = "length"
    ORDER = "order"


class Change(NamedTuple):
    """One difference; a tuple, for there are many.

    ``path`` leads to it in the stored body, ``fresh_path`` in the fresh one: they differ in
    the indices of arrays whose elements were paired by identity. ``kind`` is ``null`` where
    one side is null and the other is not, and ``length`` for an array that has another
    number of elements, with the two numbers as ``stored`` and ``fresh``. It is ``order`` for an
    array whose elements are known by what they say and stand in another order: ``stored`` are
    their indices, ``fresh`` the same ones in the new order. ``is_reordered`` marks
    an element of an array that has the same texts on both sides, in another order.
    """

    kind: ChangeKind
    path: Path
    fresh_path: Path
    stored: Any
    fresh: Any
    is_reordered: bool = False
