"""Whose a request is: of equal ones that were made with different keys, each has an answer of its own."""

from __future__ import annotations

import base64
import binascii
import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from undrift.scrub.placeholders import NUMBERED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.model import Request

_NUMBERED: Final = re.compile(NUMBERED.decode())
# A placeholder, perhaps behind a scheme or beside another one; no list of parameters, with a signature among them.
_KEY: Final = re.compile(r"(?:[A-Za-z]+ )?[^,; ]*<[^<>,; ]+>[^,; ]*")
# What is another one in each request, whoever makes it.
_MADE_ANEW: Final = re.compile("cookie|csrf|idempotency|signature|xsrf")


class Fit(IntEnum):
    """How well what was sent fits a recorded key; the best first."""

    SURE = 0
    POSSIBLE = 1
    NONE = 2


Key = tuple[tuple[str, str], ...]


def key_of(recorded: Request) -> Key:
    """The header fields of a recorded request that hold a key and nothing else, Basic credentials as text."""
    told = ((name.lower(), value) for name, value in recorded.headers if "<" in value or value[:6].lower() == "basic ")
    fields = ((name, without_base64(value)) for name, value in told if _MADE_ANEW.search(name) is None)
    return tuple((name, value) for name, value in fields if _KEY.fullmatch(value) is not None)


def fit(key: Key, sent: Request, known: Mapping[str, str]) -> Fit:
    """Whether a request may have been made with a recorded key.

    ``sent`` is without the values of credentials, and ``known`` what was sent before in the place
    of each numbered placeholder, by that without its brackets.
    """
    fits = [_fit(old, without_base64(sent.headers.get(name) or ""), known) for name, old in key]
    return max(fits, default=Fit.SURE)


def in_places(old: str, new: str) -> dict[str, str] | None:
    """What a sent text has for the numbered placeholders of a recorded one; None where they differ in more."""
    pieces = _NUMBERED.split(old)
    match = re.fullmatch("(.+?)".join(map(re.escape, pieces[::3])), new, re.DOTALL)
    if match is None:
        return None
    found: dict[str, str] = {}
    for label, number, text in zip(pieces[1::3], pieces[2::3], match.groups(), strict=True):
        found.setdefault(f"secret:{label}:{number}", unquote_plus(text) if f"secret%3A{label}" in old else text)
    return found


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
    if literals is None or any(map(_NUMBERED.search, literals.values())):
        return Fit.NONE
    others = {text for placeholder, text in known.items() if placeholder not in literals}
    if any(known.get(placeholder, text) != text or text in others for placeholder, text in literals.items()):
        return Fit.NONE
    return Fit.SURE if literals.keys() <= known.keys() else Fit.POSSIBLE
