"""What earlier nights showed of an endpoint, as evidence: what comes and goes by itself, and what is new.

A change excuses itself only by going away again: what is there since some night and never went is
a change of one way, and is told each night until it is taken over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Kind
from undrift.drift.shape import ABSENT, Shapes, kind_of_object, type_name
from undrift.drift.traffic import prepare
from undrift.values import Family, classify, holds_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from undrift.drift.shape import Group, Place
    from undrift.drift.verdict import ShapeChange
    from undrift.fielddiff import Path
    from undrift.model import Cassette

# An object with more members is a table with keys of its own, and says nothing of a contract.
_MOST_MEMBERS = 500
# So many kinds of objects in so many places are kept of one endpoint.
_MOST_HOLDERS = 2_000
_MOST_WORDS = 10
# As many nights must have shown a place before a word there can be new,
_ENOUGH_NIGHTS = 5
# and each word that is known there takes so many of them: names that are made up each time are never few.
_NIGHTS_EACH = 3
_WORD = re.compile(r"[A-Za-z][0-9A-Za-z_.:-]{0,39}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one night showed in one place.

    ``seen`` has names as ``Facts`` has them, ``words`` the texts that may be one of a few. A place
    ``is_open`` where any other text was seen, or more words than a few.
    """

    seen: frozenset[str]
    words: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What one night showed of the objects of one kind in one place: their members."""

    steps: tuple[str | int, ...]
    kind: str
    members: dict[str, Shown]


@dataclass(frozen=True, slots=True)
class Elements:
    """What one night showed of the elements of the arrays in one place."""

    steps: tuple[str | int, ...]
    shown: Shown


@dataclass(frozen=True, slots=True)
class Night:
    """What one night showed of the answers of one endpoint to one cassette's requests."""

    objects: tuple[Held, ...] = ()
    arrays: tuple[Elements, ...] = ()

    def at(self, place: Place) -> Shown | None:
        """What was shown in a place; None where nothing was that could hold it."""
        if not place.steps:
            return None
        *above, last = place.steps
        steps = tuple(above)
        if isinstance(last, int):
            return _joined(one.shown for one in self.arrays if one.steps == steps)
        holders = (held for held in self.objects if held.steps == steps and place.holder in {"", held.kind})
        return _joined(held.members.get(last, _ABSENT) for held in holders)


_ABSENT = Shown(frozenset({ABSENT}))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier nights of one cassette, and those of others with the same endpoint, oldest first.

    ``alike`` are those of its own nights that saw the stored cassette as it is: what differed from
    another one was another change. ``own`` are all of its own, ``others`` those of each other cassette.
    """

    alike: Mapping[Group, Sequence[Night]] = field(default_factory=dict)
    own: Mapping[Group, Sequence[Night]] = field(default_factory=dict)
    others: Mapping[Group, Sequence[Sequence[Night]]] = field(default_factory=dict)

    def varied(self, change: ShapeChange, place: Place) -> bool:
        """Whether a change of shape is one that came and went on earlier nights."""
        return comes_and_goes(change, [shown.seen for shown in _shown(self.alike.get(place.group, ()), place)])

    def is_new(self, word: Any, place: Place) -> bool:
        """Whether a value was never seen in a place of which few values are known.

        A value that came on some night and stayed is new still: it was told then, and is told again.
        """
        if not is_word(word):
            return False
        base = _before(word, _shown(self.own.get(place.group, ()), place))
        others = (_before(word, _shown(nights, place)) for nights in self.others.get(place.group, ()))
        known = [*base, *(shown for nights in others for shown in nights)]
        words = frozenset(one for shown in known for one in shown.words)
        return (
            len(base) >= _ENOUGH_NIGHTS
            and not any(shown.is_open for shown in known)
            and word not in words
            and len(words) <= min(_MOST_WORDS, len(known) // _NIGHTS_EACH)
        )


def comes_and_goes(change: ShapeChange, nights: Iterable[frozenset[str]]) -> bool:
    """Whether earlier nights, oldest first, excuse a change of shape that tonight shows.

    It must have been there before and have gone again. Tonight it may last no longer than it ever
    did, nor than two nights for each time that it went: so what is told one night is told on the
    next, if it is still there.
    """
    runs: list[int] = []
    current = 0
    for seen in nights:
        if _has_changed(change, seen):
            current += 1
        elif current and _is_as_stored(change, seen):
            runs.append(current)
            current = 0
    return bool(runs) and current + 1 <= min(max(runs), 2 * len(runs))


def is_word(value: Any) -> bool:
    """Whether a value may be one of a few: a word, and none that a server makes up each time."""
    return (
        isinstance(value, str)
        and _WORD.fullmatch(value) is not None
        and classify(value).family is Family.TEXT
        and not holds_id(value)
    )


def _has_changed(change: ShapeChange, seen: frozenset[str]) -> bool:
    if change.kind is Kind.FIELD_ADDED:
        return bool(seen - {ABSENT})
    return _variant(change) in seen


def _is_as_stored(change: ShapeChange, seen: frozenset[str]) -> bool:
    """Whether a night that does not show the change shows what is stored."""
    if change.kind is Kind.FIELD_REMOVED:
        return bool(seen - {ABSENT})
    if change.kind is Kind.FIELD_ADDED:
        return ABSENT in seen
    return ("array" if change.kind is Kind.ARRAY_EMPTIED else change.stored) in seen


def _variant(change: ShapeChange) -> str:
    return {Kind.FIELD_REMOVED: ABSENT, Kind.ARRAY_EMPTIED: "empty"}.get(change.kind, change.fresh)


def _shown(nights: Iterable[Night], place: Place) -> list[Shown]:
    return [shown for night in nights if (shown := night.at(place)) is not None]


def _before(word: str, nights: Sequence[Shown]) -> list[Shown]:
    """The nights that showed texts, without the latest ones if all of those showed a word."""
    told = [shown for shown in nights if "string" in shown.seen]
    while told and word in told[-1].words:
        told.pop()
    return told


def _joined(parts: Iterable[Shown]) -> Shown | None:
    found = tuple(parts)
    if len(found) < 2:  # noqa: PLR2004 - nothing to join
        return found[0] if found else None
    return Shown(
        frozenset().union(*(shown.seen for shown in found)),
        frozenset().union(*(shown.words for shown in found)),
        any(shown.is_open for shown in found),
    )


@dataclass(slots=True)
class _Seen:
    """What is gathered of one place; ``count`` is in how many objects the member was."""

    count: int = 0
    seen: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    is_open: bool = False

    def add(self, value: Any) -> None:
        self.count += 1
        self.seen.add(type_name(value))
        if value == []:
            self.seen.add("empty")
        if not isinstance(value, str) or value in self.words:
            return
        if len(self.words) < _MOST_WORDS and is_word(value):
            self.words.add(value)
        else:
            self.is_open = True

    def shown(self) -> Shown:
        return Shown(frozenset(self.seen), frozenset(self.words), self.is_open)


@dataclass(slots=True)
class _Objects:
    count: int = 0
    members: dict[str, _Seen] = field(default_factory=dict)

    def shown(self) -> dict[str, Shown]:
        """What was seen of each member; it was absent from those objects that did not have it."""
        return {
            name: shown if seen.count == self.count else replace(shown, seen=shown.seen | {ABSENT})
            for name, seen in self.members.items()
            for shown in (seen.shown(),)
        }


@dataclass(slots=True)
class _Gathered:
    objects: dict[tuple[Path, str], _Objects] = field(default_factory=dict)
    arrays: dict[Path, _Seen] = field(default_factory=dict)

    def add(self, body: Any) -> None:
        """Take note of a body, however deeply it is nested."""
        waiting: list[tuple[Path, Any]] = [((), body)]
        while waiting:
            steps, value = waiting.pop()
            waiting.extend(self._object(steps, value) if isinstance(value, dict) else self._array(steps, value))

    def _object(self, steps: Path, value: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
        kind = kind_of_object(value)
        if len(value) > _MOST_MEMBERS or not self._has_room((steps, kind)):
            return
        objects = self.objects.setdefault((steps, kind), _Objects())
        objects.count += 1
        for name, member in value.items():
            objects.members.setdefault(name, _Seen()).add(member)
            if isinstance(member, (dict, list)):
                yield (*steps, name), member

    def _array(self, steps: Path, value: Any) -> Iterator[tuple[Path, Any]]:
        if not isinstance(value, list):
            return
        elements = self.arrays.setdefault(steps, _Seen())
        for element in value:
            elements.add(element)
            if isinstance(element, (dict, list)):
                yield (*steps, 0), element

    def _has_room(self, holder: tuple[Path, str]) -> bool:
        return holder in self.objects or len(self.objects) < _MOST_HOLDERS

    def night(self) -> Night:
        return Night(
            tuple(Held(steps, kind, objects.shown()) for (steps, kind), objects in self.objects.items()),
            tuple(Elements(steps, seen.shown()) for steps, seen in self.arrays.items() if seen.count),
        )


class Tonight:
    """What a check sees of the fresh answers, gathered for each cassette as they are compared.

    A key is the path of a cassette and the digest of what is stored there.
    """

    def __init__(self) -> None:
        self._gathered: dict[tuple[str, str], dict[Group, _Gathered]] = {}

    def see(self, key: tuple[str, str], stored: Cassette, fresh: Cassette) -> None:
        """Take note of a take; ``stored`` tells with it which parts of paths are ids."""
        groups = self._gathered.setdefault(key, {})
        shapes = Shapes(prepare(stored, fresh)[1])
        for group in shapes.groups:
            for body in shapes.bodies(group):
                groups.setdefault(group, _Gathered()).add(body)

    def nights(self) -> Iterator[tuple[tuple[str, str], Group, Night]]:
        """What was shown to each cassette of each endpoint whose answers have places."""
        for key, groups in self._gathered.items():
            for group, gathered in groups.items():
                night = gathered.night()
                if night != Night():
                    yield key, group, night
