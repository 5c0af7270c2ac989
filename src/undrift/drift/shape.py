"""What all takes show of one place of an endpoint: optional, nullable, a union, an array."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from undrift.body import BodyKind
from undrift.drift.fields import fields
from undrift.values import classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.drift.traffic import Exchange
    from undrift.fielddiff import Path
    from undrift.values import ValueClass

# Members whose value says of which kind an object is.
_DISCRIMINATORS = ("object", "__typename", "@type", "_type", "kind", "type")
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen in one place: names of types, ``absent`` and ``empty`` among them."""

    seen: frozenset[str] = frozenset()

    @property
    def types(self) -> frozenset[str]:
        """The types of values, null left out."""
        return self.seen - {ABSENT, "null", "empty"}


# What is asked for, and how it was answered: answers that differ in it are of other shapes.
Group = tuple["str | int", ...]


class Place(NamedTuple):
    """One place of the answers of an endpoint.

    Indices in ``steps`` stand for any index. ``holder`` narrows the objects that hold the place
    to those of one kind, see ``kind_of``; empty means any.
    """

    group: Group
    steps: Path
    holder: str = ""


def place_of(exchange: Exchange, steps: Path, holder: str = "") -> Place:
    """The place to which ``steps`` lead in the answers of an exchange's endpoint."""
    return Place(group_of(exchange), tuple(0 if isinstance(step, int) else step for step in steps), holder)


class Shapes:
    """Facts about the places of all endpoints of one side, gathered when first asked for.

    Most comparisons never ask, and none asks for all endpoints: bodies are parsed for those
    alone that are asked for. ``facts`` are those that were given so far.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges: dict[Group, list[Exchange]] = defaultdict(list)
        for exchange in exchanges:
            self._exchanges[group_of(exchange)].append(exchange)
        self._bodies: dict[Group, list[Any]] = {}
        self._layouts: dict[Place, list[str]] = {}
        self.facts: dict[Place, Facts] = {}

    @property
    def groups(self) -> frozenset[Group]:
        """The endpoints of which there are answers, by all that makes them alike."""
        return frozenset(self._exchanges)

    def learn(self, place: Place) -> Facts:
        """What is known of a place."""
        if place not in self.facts:
            seen = (_sightings(body, place.steps, place.holder) for body in self.bodies(place.group))
            self.facts[place] = Facts(frozenset(name for names in seen for name in names))
        return self.facts[place]

    def texts(self, place: Place) -> list[str]:
        """The texts in a place, one for each layout."""
        if place not in self._layouts:
            found = self.bodies(place.group)
            for step in place.steps:
                found = [below for holder in found for below in _below(holder, step)]
            layouts = {_skeleton(value): value for value in reversed(found) if isinstance(value, str)}
            self._layouts[place] = list(islice(layouts.values(), _MOST_LAYOUTS))
        return self._layouts[place]

    def bodies(self, group: Group) -> list[Any]:
        """The bodies of the answers of an endpoint, as they are compared."""
        if group not in self._bodies:
            views = [exchange.received for exchange in self._exchanges.get(group, ())]
            lines = any(view.kind is BodyKind.NDJSON for view in views)
            self._bodies[group] = [fields(view, as_lines=lines) for view in views]
        return self._bodies[group]


def _skeleton(text: str) -> tuple[ValueClass, str]:
    """What texts of one layout have in common: the class, and what stands between what chance made."""
    return classify(text), _CHANCE.sub("", text)


# A place with more is of no layout at all.
_MOST_LAYOUTS = 100
# Numbers, and runs of letters and digits that are longer than most words.
_CHANCE = re.compile(r"\d+|[0-9A-Za-z]{8,}")


def kind_of(body: Any, steps: Path) -> str:
    """Of which kind the object is that holds a place, by a member such as ``object``."""
    for step in steps[:-1]:
        body = body[step]
    return kind_of_object(body)


def type_name(value: Any) -> str:
    """The JSON type of a value; int and float are told apart."""
    return {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}.get(
        type(value), type(value).__name__
    )


def group_of(exchange: Exchange) -> Group:
    """The endpoint of an exchange, with all that makes its answers alike."""
    names = "&".join(sorted(exchange.query))
    return exchange.method, exchange.endpoint, exchange.operation, names, exchange.accepted, exchange.family


def kind_of_object(holder: Any) -> str:
    """Of which kind an object is; empty where it does not say, and for what is no object."""
    if not isinstance(holder, dict):
        return ""
    named = (holder.get(name) for name in _DISCRIMINATORS)
    return next((value for value in named if isinstance(value, str)), "")


def _sightings(body: Any, steps: Path, kind: str) -> Iterator[str]:
    holders = [body]
    for step in steps[:-1]:
        holders = [below for holder in holders for below in _below(holder, step)]
    for holder in holders:
        if kind and kind_of_object(holder) != kind:
            continue
        found = list(_below(holder, steps[-1])) if steps else [holder]
        if steps and not found and isinstance(steps[-1], str) and isinstance(holder, dict):
            yield ABSENT
        for value in found:
            yield type_name(value)
            if value == []:
                yield "empty"


def _below(holder: Any, step: str | int) -> Iterator[Any]:
    if isinstance(step, int):
        if isinstance(holder, list):
            yield from holder
    elif isinstance(holder, dict) and step in holder:
        yield holder[step]
