"""Classes of values: what a scalar looks like, and whether two of them differ by chance only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late

if TYPE_CHECKING:
    from undrift.values.classes import classify
    from undrift.values.families import Family, ValueClass
    from undrift.values.likeness import Likeness, Relation, holds_id, is_id, relate, relate_numbers, words
    from undrift.values.times import moment
    from undrift.values.written import epoch_unit

__all__ = [
    "Family",
    "Likeness",
    "Relation",
    "ValueClass",
    "classify",
    "epoch_unit",
    "holds_id",
    "is_id",
    "moment",
    "relate",
    "relate_numbers",
    "words",
]

__getattr__ = late(
    __name__,
    {
        "Family": "families",
        "Likeness": "likeness",
        "Relation": "likeness",
        "ValueClass": "families",
        "classify": "classes",
        "epoch_unit": "written",
        "holds_id": "likeness",
        "is_id": "likeness",
        "moment": "times",
        "relate": "likeness",
        "relate_numbers": "likeness",
        "words": "likeness",
    },
)
