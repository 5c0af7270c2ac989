"""Whose a request is: of equal ones that were made with different keys, each has an answer of its own."""

from __future__ import annotations

import base64
import binascii
import html
import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from undrift.scrub.placeholders import NUMBERED, STAND_IN, numbers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from undrift.model import Request

# The place of a secret that no credential names: its placeholder, or the token that stands for one.
_PLACE: Final = re.compile(f"{NUMBERED.decode()}|(?P<token>{STAND_IN.decode()})")
_TOKEN: Final = STAND_IN.decode().replace("(", "(?:")
# One of these, perhaps behind a scheme or beside another one; no list of parameters, with a signature among them.
_KEY: Final = re.compile(rf"(?:[A-Za-z]+ )?[^,; ]*(?:<[^<>,; ]+>|{_TOKEN})[^,; ]*")
_MAY_BE_KEY: Final = re.compile("<|eyJ|^basic ", re.IGNORECASE)
# What is another one in each request, whoever makes it.
_MADE_ANEW: Final = re.compile("cookie|csrf|idempotency|signature|xsrf")


# What stands in the escapes of its place has its placeholder in the same.
_ESCAPES: Final[Mapping[str, Callable[[str], str]]] = {"%": unquote_plus, "&": html.unescape}


class Fit(IntEnum):
    """How well what was sent fits a recorded key; the best first."""

    SURE = 0
    POSSIBLE = 1
    NONE = 2


Key = tuple[tuple[str, str], ...]


def key_of(recorded: Request) -> Key:
    """The header fields of a recorded request that hold a key and nothing else, Basic credentials as text."""
    told = ((name.lower(), value) for name, value in recorded.headers if _MAY_BE_KEY.search(value))
    fields = ((name, without_base64(value)) for name, value in told if _MADE_ANEW.search(name) is None)
    return tuple((name, value) for name, value in fields if _KEY.fullmatch(value) is not None)


def fit(key: Key, sent: Request, known: Mapping[str, str]) -> Fit:
    """Whether a request may have been made with a recorded key.

    ``sent`` is without the values of credentials, and ``known`` what was sent before in places, as
    ``in_places`` gives it.
    """
    fits = [_fit(old, without_base64(sent.headers.get(name) or ""), known) for name, old in key]
    return max(fits, default=Fit.SURE)


def places_in(text: str) -> list[str]:
    """What stands in a recorded text for secrets that nobody named: placeholders without brackets, and tokens."""
    return [name for _, name in _places(text)]


def in_places(old: str, new: str) -> dict[str, str] | None:
    """What a sent text has in the places of a recorded one, by what stands there; None where they differ in more."""
    places = list(_places(old))
    if not places:
        return {} if old == new else None
    # No expression: what stands between the places may stand in a long text often, and is looked for once.
    first = places[0][0].start()
    if not new.startswith(old[:first]):
        return None
    found: dict[str, str] = {}
    at, ends = first, [*(place.start() for place, _ in places[1:]), len(old)]
    for (place, name), end in zip(places, ends, strict=True):
        behind = old[place.end() : end]
        stop = len(new) - len(behind) if end == len(old) and new.endswith(behind) else new.find(behind, at + 1)
        if stop <= at:
            return None
        found.setdefault(name, _ESCAPES.get(place[0][0], str)(new[at:stop]))
        at = stop + len(behind)
    return found if at == len(new) else None


def _places(text: str) -> Iterator[tuple[re.Match[str], str]]:
    for place in _PLACE.finditer(text):
        if place["token"] is None:
            yield place, f"secret:{place[1]}:{place[2]}"
        elif any(numbers_in(place[0].encode())):
            yield place, place[0]


def without_base64(value: str) -> str:
    """A header's value; of Basic credentials what they encode."""
    scheme, _, letters = value.partition(" ")
    if scheme.lower() != "basic":
        return value
    try:
        return base64.b64decode(letters).decode("utf-8", "replace")
    except binascii.Error:
        return value


def _fit(old: str, new: str, known: Mapping[str, str]) -> Fit:
    if old == new:
        return Fit.SURE
    literals = in_places(old, new)
    if literals is None or any(map(_PLACE.search, literals.values())):
        return Fit.NONE
    others = {text for placeholder, text in known.items() if placeholder not in literals}
    if any(known.get(placeholder, text) != text or text in others for placeholder, text in literals.items()):
        return Fit.NONE
    return Fit.SURE if literals.keys() <= known.keys() else Fit.POSSIBLE
