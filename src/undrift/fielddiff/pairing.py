"""Which element of one array answers to which of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.values import Family, Relation, classify, is_id, relate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_IDENTITIES = ("id", "_id", "uuid", "Id", "ID", "key", "name", "Name", "Key", "arn", "Arn", "slug", "code")


def pair_elements(old: list[Any], new: list[Any], renamed: Callable[[str], str] | None = None) -> list[tuple[int, int]]:
    """Pairs of indices, in the order of ``old``.

    Objects that have an identity on both sides go together; what is left is paired in
    order. Arrays of anything else are paired by position, where they are of one length.
    """
    if not old or not new:
        return []
    identity = _identity_of(old, new)
    if identity is None:
        if len(old) != len(new) and not _holds_containers(old, new):
            return []
        return [(i, i) for i in range(min(len(old), len(new)))]
    return _by_identity(old, new, identity, renamed or (lambda name: name))


def pair_names(gone: list[str], came: list[str], renamed: Callable[[str], str] | None = None) -> dict[str, str]:
    """Which new name of a member answers to which old one, where the names are ids or times.

    Some objects are maps from ids, or from days: their names differ between two takes as
    values do.
    """
    pairs: dict[str, str] = {}
    left = dict.fromkeys(came)
    for name in gone:
        known = renamed(name) if renamed is not None else name
        other = known if known in left else _made_anew(name, left)
        if other is not None:
            pairs[name] = other
            del left[other]
    return pairs


def _made_anew(name: str, names: Iterable[str]) -> str | None:
    """The first of some names that differs from this one by chance alone."""
    if not is_id(name) and classify(name).family is not Family.TIME:
        return None
    return next((other for other in names if relate(name, other).relation is Relation.CHANCE), None)


def _by_identity(old: list[Any], new: list[Any], identity: str, renamed: Callable[[str], str]) -> list[tuple[int, int]]:
    places = {_key(element[identity]): j for j, element in enumerate(new)}
    taken: dict[int, int] = {}
    left: list[int] = []
    for i, element in enumerate(old):
        value = element[identity]
        j = places.pop(renamed(value) if type(value) is str else _key(value), None)
        if j is None:
            left.append(i)
        else:
            taken[i] = j
    taken.update(zip(left, sorted(places.values()), strict=False))
    return sorted(taken.items())


def _key(value: Any) -> Any:
    # Told apart by type: 1, 1.0 and True are one key of a dictionary.
    return value if type(value) is str else (type(value), value)


def _holds_containers(old: list[Any], new: list[Any]) -> bool:
    return any(isinstance(element, dict | list) for side in (old, new) for element in side)


def _identity_of(old: list[Any], new: list[Any]) -> str | None:
    """The member that tells the elements apart on both sides, or None."""
    if not isinstance(old[0], dict):
        return None
    return next((name for name in _IDENTITIES if name in old[0] and _tells(old, name) and _tells(new, name)), None)


def _tells(side: list[Any], name: str) -> bool:
    """Whether every element is an object with a value of its own under a name."""
    try:
        values = [element[name] for element in side]
    except (KeyError, TypeError):
        return False
    kinds = set(map(type, values))
    if kinds == {str}:
        return len(set(values)) == len(values)
    return kinds <= {str, int, bool} and len(set(map(_key, values))) == len(values)
