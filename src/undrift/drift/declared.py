"""Places that are known to be new each time, without any take to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.body import BodyKind
from undrift.drift.noise import NEVER_NOISE
from undrift.drift.results import Where
from undrift.drift.rules import covers_path

if TYPE_CHECKING:
    from undrift.body import View
    from undrift.drift.observation import Observation


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
    is_form = sent.kind is BodyKind.FORM
    is_volatile = any(_is_at(seen.path, place, is_form=is_form) for place in declared.requests)
    return "it is said to be new in each request" if is_volatile else ""


def _is_at(path: str, place: str, *, is_form: bool) -> bool:
    """Whether a path in a request is that of a declared place."""
    if not place or place.startswith("/"):
        return covers_path(place, path) and not path.startswith("/?")
    name = place.replace("~", "~0").replace("/", "~1")
    return path == f"/?{name}" or (is_form and path == f"/{name}")
