"""What all takes show of one place of an endpoint: optional, nullable, a union, an array."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from undrift.drift.traffic import Exchange
    from undrift.fielddiff import Path

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


class Shapes:
    """Facts about the places of all endpoints of one side, gathered when first asked for."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges: dict[Hashable, list[Exchange]] = defaultdict(list)
        for exchange in exchanges:
            self._exchanges[_group(exchange)].append(exchange)
        self._facts: dict[Hashable, Facts] = {}

    def facts(self, exchange: Exchange, steps: Path, kind: str) -> Facts:
        """What is known of a place in the answers of an exchange's endpoint.

        Indices in ``steps`` stand for any index. ``kind`` narrows the objects that hold the
        place to those of one kind, see ``kind_of``.
        """
        group = _group(exchange)
        key = group, tuple("*" if isinstance(step, int) else step for step in steps), kind
        if key not in self._facts:
            seen = (_sightings(other.received.value, steps, kind) for other in self._exchanges.get(group, ()))
            self._facts[key] = Facts(frozenset(name for names in seen for name in names))
        return self._facts[key]

    def values(self, exchange: Exchange, steps: Path) -> list[Any]:
        """All values of a place in the answers of an exchange's endpoint, indices standing for any index."""
        found = [other.received.value for other in self._exchanges.get(_group(exchange), ())]
        for step in steps:
            found = [below for holder in found for below in _below(holder, step)]
        return found


def kind_of(body: Any, steps: Path) -> str:
    """Of which kind the object is that holds a place, by a member such as ``object``."""
    for step in steps[:-1]:
        body = body[step]
    return _kind(body)


def type_name(value: Any) -> str:
    """The JSON type of a value; int and float are told apart."""
    return {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}.get(
        type(value), type(value).__name__
    )


def _group(exchange: Exchange) -> Hashable:
    asked = exchange.method, exchange.endpoint, exchange.operation, tuple(sorted(exchange.query)), exchange.accepted
    return asked, exchange.family


def _kind(holder: Any) -> str:
    if not isinstance(holder, dict):
        return ""
    named = (holder.get(name) for name in _DISCRIMINATORS)
    return next((value for value in named if isinstance(value, str)), "")


def _sightings(body: Any, steps: Path, kind: str) -> Iterator[str]:
    holders = [body]
    for step in steps[:-1]:
        holders = [below for holder in holders for below in _below(holder, step)]
    for holder in holders:
        if kind and _kind(holder) != kind:
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
