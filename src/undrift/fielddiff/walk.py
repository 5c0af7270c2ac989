"""Comparing two parsed bodies, without recursion: bodies may be nested as deep as they like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.fielddiff.changes import Change, ChangeKind
from undrift.fielddiff.pairing import pair_elements, pair_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from undrift.fielddiff.pointers import Path

_Item = tuple["Path", "Path", Any, Any]


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
    a change too. The order of members never matters, the order of elements does.
    """
    stale = expected or {}
    changes: list[Change] = []
    stack: list[_Item] = [((), (), stored, fresh)]
    while stack:
        path, fresh_path, old, new = stack.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            below = list(_members(path, fresh_path, old, new, changes, renamed))
        elif isinstance(old, list) and isinstance(new, list):
            below = list(_elements(path, fresh_path, old, new, changes, renamed))
        else:
            kind = _scalar(old, new, stale)
            if kind is not None:
                changes.append(Change(kind, path, fresh_path, old, new))
            continue
        stack.extend(reversed(below))
    return tuple(changes)


def _members(  # noqa: PLR0913, PLR0917 - the two sides, the two ways to them, and where changes go
    path: Path,
    fresh_path: Path,
    old: dict[str, Any],
    new: dict[str, Any],
    changes: list[Change],
    renamed: Callable[[str], str] | None,
) -> Iterator[_Item]:
    gone = [name for name in old if name not in new]
    came = [name for name in new if name not in old]
    names = pair_names(gone, came, renamed) if gone and came else {}
    for name, value in old.items():
        other = names.get(name, name)
        if other in new:
            yield (*path, name), (*fresh_path, other), value, new[other]
        else:
            changes.append(Change(ChangeKind.REMOVED, (*path, name), (*fresh_path, name), value, None))
    taken = set(names.values())
    changes.extend(
        Change(ChangeKind.ADDED, (*path, name), (*fresh_path, name), None, new[name])
        for name in came
        if name not in taken
    )


def _elements(  # noqa: PLR0913, PLR0917 - the two sides, the two ways to them, and where changes go
    path: Path,
    fresh_path: Path,
    old: list[Any],
    new: list[Any],
    changes: list[Change],
    renamed: Callable[[str], str] | None,
) -> Iterator[_Item]:
    if len(old) != len(new):
        changes.append(Change(ChangeKind.LENGTH, path, fresh_path, len(old), len(new)))
    for i, j in pair_elements(old, new, renamed):
        yield (*path, i), (*fresh_path, j), old[i], new[j]


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
