"""Comparing two parsed bodies, without recursion: bodies may be nested as deep as they like."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from undrift.fielddiff.changes import Change, ChangeKind
from undrift.fielddiff.pairing import is_set_reordered, pair_elements, pair_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from undrift.fielddiff.pointers import Path

    # The way to a place in either body, and what is there.
    _Item = tuple[Path, Path, Any, Any]

_DIFFERS = ChangeKind.VALUE
# Deeper than any real body, and well inside of what Python can recurse.
_DEEPEST = 100


def diff(
    stored: Any,
    fresh: Any,
    *,
    renamed: Callable[[str], str] | None = None,
    expected: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """How ``fresh`` differs from ``stored``, in the order of the stored body.

    Both are plain data as parsed from JSON, forms or XML; anything else counts as a scalar.
    ``renamed`` gives the fresh name of a stored id where it is known; elements of arrays are
    paired by it. ``expected`` are strings that should have become others: one that did not is
    a change too. The order of members never matters, the order of elements does. What is
    nested more than a hundred levels deep comes last.
    """
    walk = _Walk(expected or {}, renamed)
    walk.deeper.append(((), (), stored, fresh))
    while walk.deeper:
        walk.pair(*walk.deeper.pop(), 0)
    return tuple(walk.changes)


class _Walk:
    """One comparison: the changes so far, and what lies too deep to be reached by recursion."""

    __slots__ = ("changes", "deeper", "renamed", "stale")

    def __init__(self, stale: Mapping[str, str], renamed: Callable[[str], str] | None) -> None:
        self.stale = stale
        self.renamed = renamed
        self.changes: list[Change] = []
        self.deeper: list[_Item] = []

    def pair(self, path: Path, fresh_path: Path, old: Any, new: Any, depth: int) -> None:
        """Compare two values, in one place of either body."""
        kind = type(old)
        if kind is not type(new) or (kind is not dict and kind is not list):
            change = _scalar(old, new, self.stale)
            if change is not None:
                self.changes.append(Change(change, path, fresh_path, old, new))
        elif depth > _DEEPEST:
            self.deeper.append((path, fresh_path, old, new))
        elif kind is list:
            self.arrays(path, fresh_path, old, new, depth + 1)
        elif old.keys() == new.keys():
            self.members(path, fresh_path, old, new, depth + 1)
        else:
            self.objects(path, fresh_path, old, new, depth + 1)

    def members(self, path: Path, fresh_path: Path, old: dict[str, Any], new: dict[str, Any], depth: int) -> None:
        """Compare two objects whose members have the same names."""
        stale = self.stale
        for name, value in old.items():
            other = new[name]
            kind = type(value)
            # Nearly all of what is ever compared is equal, and ends here.
            if kind is str:
                if value == other and value not in stale:
                    continue
            elif kind is not dict and kind is not list and value == other and kind is type(other):
                continue
            here = (*path, name)
            # Mostly the two ways are one, and then the same tuple: whoever writes them need write one.
            there = here if path is fresh_path else (*fresh_path, name)
            if kind is type(other) and (kind is int or (kind is str and value != other)):
                self.changes.append(Change(_DIFFERS, here, there, value, other))
            else:
                self.pair(here, there, value, other, depth)

    def objects(self, path: Path, fresh_path: Path, old: dict[str, Any], new: dict[str, Any], depth: int) -> None:
        """Compare two objects of which either may have members that the other lacks."""
        gone = [name for name in old if name not in new]
        came = [name for name in new if name not in old]
        names = pair_names(gone, came, self.renamed) if gone and came else {}
        for name, value in old.items():
            other = names.get(name, name)
            here = (*path, name)
            there = here if path is fresh_path and other == name else (*fresh_path, other)
            if other in new:
                self.pair(here, there, value, new[other], depth)
            else:
                self.changes.append(Change(ChangeKind.REMOVED, here, there, value, None))
        taken = set(names.values())
        self.changes.extend(
            Change(ChangeKind.ADDED, (*path, name), (*fresh_path, name), None, new[name])
            for name in came
            if name not in taken
        )

    def arrays(self, path: Path, fresh_path: Path, old: list[Any], new: list[Any], depth: int) -> None:
        """Compare two arrays, element by element."""
        if len(old) != len(new):
            self.changes.append(Change(ChangeKind.LENGTH, path, fresh_path, len(old), len(new)))
        if old and type(old[0]) is str and is_set_reordered(old, new):
            self.changes.extend(
                Change(ChangeKind.VALUE, (*path, i), (*fresh_path, i), value, other, is_reordered=True)
                for i, (value, other) in enumerate(zip(old, new, strict=True))
                if value != other
            )
            return
        pairs, is_reordered = pair_elements(old, new, self.renamed)
        if is_reordered:
            places = [i for i, _ in pairs], [i for i, _ in sorted(pairs, key=itemgetter(1))]
            self.changes.append(Change(ChangeKind.ORDER, path, fresh_path, *places))
        stale = self.stale
        for i, j in pairs:
            value, other = old[i], new[j]
            kind = type(value)
            # As with the members of an object.
            if kind is not dict and kind is not list and value == other and kind is type(other):  # noqa: SIM102 - in turn
                if kind is not str or value not in stale:
                    continue
            here = (*path, i)
            self.pair(here, here if i == j and path is fresh_path else (*fresh_path, j), value, other, depth)


def _scalar(old: Any, new: Any, stale: Mapping[str, str]) -> ChangeKind | None:
    if old is None or new is None:
        return None if old is new else ChangeKind.NULL
    if type(old) is not type(new):
        return _retyped(old, new)
    if old == new:
        return ChangeKind.VALUE if stale and isinstance(old, str) and stale.get(old, old) != old else None
    if old != old and new != new:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return ChangeKind.VALUE


def _retyped(old: Any, new: Any) -> ChangeKind:
    """A number with a fraction may come out whole; any other change of type is one."""
    if isinstance(old, float) and type(new) is int and not old.is_integer():
        return ChangeKind.VALUE
    return ChangeKind.TYPE
