"""Which element of one array answers to which of another, and which member of one map to which of another."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from undrift.values import Family, Relation, classify, is_id, relate, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_IDENTITIES = ("id", "_id", "uuid", "Id", "ID", "key", "name", "Name", "Key", "arn", "Arn", "slug", "code")
_KINDS = frozenset({"object", "__typename", "@type", "_type", "kind", "type"})
_IDENTITY_WORDS = frozenset({"id", "uuid", "guid"})
# What longer arrays say is not looked into.
_MOST_COMPARED = 100
# A field's name; the names in a map from things of any kind may be anything.
_FIELD = re.compile(r"[A-Za-z_$@#][\w$.-]*")


class Pairing(NamedTuple):
    """Pairs of indices, in the order of the stored array.

    ``is_reordered`` says that objects stand in another order that are told apart by what they
    say, or by a member which may be no identity.
    """

    pairs: list[tuple[int, int]]
    is_reordered: bool = False


def pair_elements(old: list[Any], new: list[Any], renamed: Callable[[str], str] | None = None) -> Pairing:
    """Which elements go together.

    Objects that have an identity on both sides go together, then those that say the same but
    for what chance made, for the order of many lists is up to chance; what is left is paired
    in order. Arrays of anything else are paired by position, where they are of one length.
    """
    if not old or not new:
        return Pairing([])
    identity = _identity_of(old, new)
    if identity is None and not (_holds(old, dict) and _holds(new, dict)):
        by_position = len(old) == len(new) or any(_holds(side, kind) for side in (old, new) for kind in (dict, list))
        return Pairing([(i, i) for i in range(min(len(old), len(new)))] if by_position else [])
    pairs = _by_identity(old, new, identity, renamed or (lambda name: name)) if identity is not None else {}
    if len(pairs) == len(old) and identity in _IDENTITIES:
        return Pairing(list(pairs.items()))
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs], [j for j in range(len(new)) if j not in taken]
    pairs.update(_by_content(old, new, *left))
    found = sorted(pairs.items())
    guessed = found if identity not in _IDENTITIES else [(i, pairs[i]) for i in left[0] if i in pairs]
    return Pairing(found, any(one[1] > other[1] for one, other in pairwise(guessed)))


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


def is_set_reordered(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Whether two arrays hold the same texts in another order, as sets do that are written as arrays."""
    return (
        len(old) == len(new) > 1
        and set(map(type, old)) == {str}
        and set(map(type, new)) == {str}
        and old != new
        and sorted(old) == sorted(new)
    )


def _made_anew(name: str, names: Iterable[str]) -> str | None:
    """The first of some names that differs from this one by chance alone."""
    if not is_id(name) and classify(name).family is not Family.TIME and _FIELD.fullmatch(name):
        return None
    return next((other for other in names if relate(name, other, "id").relation is Relation.CHANCE), None)


def _by_identity(old: list[Any], new: list[Any], identity: str, renamed: Callable[[str], str]) -> dict[int, int]:
    places = {_key(element[identity]): j for j, element in enumerate(new)}
    taken: dict[int, int] = {}
    for i, element in enumerate(old):
        value = element[identity]
        j = places.pop(renamed(value) if type(value) is str else _key(value), None)
        if j is not None:
            taken[i] = j
    return taken


def _by_content(old: list[Any], new: list[Any], rows: list[int], columns: list[int]) -> Iterable[tuple[int, int]]:
    """Pairs of elements that say the same, then the others in order."""
    in_order = list(zip(rows, columns, strict=False))
    if max(len(rows), len(columns)) > _MOST_COMPARED or not any(_say_other_words(old[i], new[j]) for i, j in in_order):
        return in_order
    before, after = [_content(old[i]) for i in rows], [_content(new[j]) for j in columns]
    if before == after:
        return in_order
    waiting: dict[frozenset[Any], deque[int]] = defaultdict(deque)
    for j, content in zip(columns, after, strict=True):
        waiting[content].append(j)
    pairs = {i: waiting[content].popleft() for i, content in zip(rows, before, strict=True) if waiting[content]}
    rest = sorted(set(columns) - set(pairs.values()))
    pairs.update(zip([i for i in rows if i not in pairs], rest, strict=False))
    return pairs.items()


def _say_other_words(one: Any, other: Any) -> bool:
    """Whether two objects have different words under one name, which no chance makes."""
    if type(one) is not dict or type(other) is not dict:
        return True
    for name, value in one.items():
        also = other.get(name)
        if type(value) is list and type(also) is list and len(value) == len(also) == 1:
            # Elements of XML are arrays.
            value, also = value[0], also[0]  # noqa: PLW2901 - the same, unwrapped
        if type(value) is str:
            if value != also and _WORDS.fullmatch(value):
                return True
        elif type(value) is bool and value is not also:
            return True
    return False


# What people write: capitals first or throughout, and no digits.
_WORDS = re.compile(r"[A-Z]?[a-z][a-z ,.:_/-]*|[A-Z][A-Z _-]*")


def _content(element: Any) -> frozenset[Any]:
    """What an object says by itself: its texts and flags that no chance made."""
    if not isinstance(element, dict):
        return frozenset({type(element)})
    said = frozenset((name, plain) for name, value in element.items() if (plain := _said(value)) is not None)
    # One text alone is a value that may change, and tells nobody apart, unless it says of which kind it is.
    return said if len(said) > 1 or any(name in _KINDS for name, _ in said) else frozenset()


def _said(value: Any) -> str | bool | None:
    if type(value) is list and len(value) == 1:
        # Elements of XML are arrays.
        value = value[0]
    if type(value) is bool:
        return value
    if type(value) is not str or value.isdigit() or classify(value).family.is_volatile or is_id(value):
        return None
    return value


def _key(value: Any) -> Any:
    # Told apart by type: 1, 1.0 and True are one key of a dictionary.
    return value if type(value) is str else (type(value), value)


def _holds(side: list[Any], kind: type) -> bool:
    return any(type(element) is kind for element in side)


def _identity_of(old: list[Any], new: list[Any]) -> str | None:
    """The member that tells the elements apart on both sides, or None."""
    if not (type(old[0]) is dict is type(new[0])):
        return None
    return next((name for name in _candidates(old[0]) if _tells(old, name) and _tells(new, name)), None)


def _candidates(element: dict[str, Any]) -> Iterator[str]:
    """The members that may tell elements apart, the likely ones first."""
    yield from (name for name in _IDENTITIES if name in element)
    yield from (name for name in element if name not in _IDENTITIES and words(name) & _IDENTITY_WORDS)


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
