"""Places that are known to be new each time, without any take to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undrift.body import BodyKind
from undrift.drift.noise import NEVER_NOISE
from undrift.drift.results import Where
from undrift.drift.rules import covers_path

if TYPE_CHECKING:
    from undrift.body import View
    from undrift.drift.observation import Observation


# As ``undrift.body`` shows a multipart body: a list of parts.
_CONTENT_OF_PART: Final = "/*/content"


@dataclass(frozen=True, slots=True)
class Declared:
    """The places that somebody says are new each time: of the answers of a service, and of requests to it."""

    answers: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()


def why_declared(seen: Observation, sent: View, declared: Declared) -> str:
    """The evidence, where somebody who knows a service says that a place is new each time; else empty.

    ``sent`` is the body of the request. Only a value can be new: presence, type and shape never are.
    """
    if seen.kind in NEVER_NOISE:
        return ""
    if seen.where in {Where.HEADER, Where.BODY} and seen.path in declared.answers:
        return "its service makes it anew for each answer"
    if seen.where is not Where.REQUEST or seen.likeness is None:
        return ""
    is_volatile = any(_is_at(seen, place, sent) for place in declared.requests)
    return "it is said to be new in each request" if is_volatile else ""


def _is_at(seen: Observation, place: str, sent: View) -> bool:
    """Whether what differs in a request stands in a declared place."""
    if not place or place.startswith("/"):
        return covers_path(place, seen.path) and not seen.path.startswith("/?")
    if sent.kind is BodyKind.MULTIPART and seen.path == _CONTENT_OF_PART:
        part = next(step for step in seen.steps if isinstance(step, int))
        return bool(sent.value[part]["name"] == place)
    name = place.replace("~", "~0").replace("/", "~1")
    return seen.path == f"/?{name}" or (sent.kind is BodyKind.FORM and seen.path == f"/{name}")
