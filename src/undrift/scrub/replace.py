"""Finding secrets in bytes, in every form, and putting placeholders in their places."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape as xml_escape

from undrift.scrub.known import forms, placeholder_pattern

if TYPE_CHECKING:
    from undrift.scrub.known import Form, Secrets

# A run of base64 text: in either alphabet, with its special letters escaped for a URL or
# for JSON or not, and folded over lines or not.
_LETTER = rb"(?:[A-Za-z0-9+/_-]|%2[BbFf]|\\/)"
_RUN = re.compile(_LETTER + rb"{8,}(?:(?:\r?\n|\\r\\n|\\n)[ \t]*" + _LETTER + rb"+)*(?:=|%3[Dd]|\\u003[Dd]){0,2}")
_FOLD = re.compile(rb"(?:\r?\n|\\r\\n|\\n)[ \t]*")
_ESCAPED_LETTER = re.compile(rb"%2[Bb]|%2[Ff]|\\/|%3[Dd]|\\u003[Dd]")
_PLAIN_LETTERS = {b"%2b": b"+", b"%2f": b"/", b"\\/": b"/", b"%3d": b"=", b"\\u003d": b"="}
_DEEPEST = 2


class Place(Enum):
    """Where bytes stand, which decides how a placeholder is escaped there."""

    PLAIN = "plain"
    URL = "url"
    XML = "xml"

    def escape(self, placeholder: str) -> bytes:
        """A placeholder as it is written in this place."""
        if self is Place.URL:
            return quote(placeholder, safe="").encode()
        return (xml_escape(placeholder) if self is Place.XML else placeholder).encode()


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found: its name, the form it was in, and where; never its value.

    ``form`` is ``plain``, ``url``, ``json``, ``xml``, ``hex`` or ``base64``; ``offset``
    counts bytes from 0, and is that of the whole run where the form is ``base64``.
    """

    name: str
    form: str
    offset: int


def leaks(data: bytes, secrets: Secrets) -> tuple[Leak, ...]:
    """Every secret left in the bytes of a file, in the order of their places."""
    return tuple(sorted(Replacer(secrets).replace(data).found, key=lambda leak: leak.offset))


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of some bytes, and what was found in them."""

    data: bytes
    found: tuple[Leak, ...] = ()


class Replacer:
    """Replaces the secrets that it was made for."""

    __slots__ = ("_base64", "_needles", "_pattern", "_spelled")

    def __init__(self, secrets: Secrets) -> None:
        all_forms = forms(secrets)
        self._spelled: dict[bytes, Form] = {form.needle: form for form in all_forms if form.kind != "base64"}
        self._base64 = tuple(form.needle for form in all_forms if form.kind == "base64")
        self._needles = tuple(self._spelled)
        alternatives = b"|".join(re.escape(needle) for needle in self._needles) or rb"(?!)"
        self._pattern = re.compile(b"(" + placeholder_pattern(secrets) + b")|(?:" + alternatives + b")")

    def replace(self, data: bytes, place: Place = Place.PLAIN) -> Replaced:
        """The bytes with a placeholder for each secret, in the escape of its place."""
        return self._replace(data, place, 0)

    def text(self, text: str, place: Place = Place.PLAIN) -> str:
        """As ``replace``, for text."""
        data = text.encode("utf-8", "surrogatepass")
        replaced = self.replace(data, place)
        return replaced.data.decode("utf-8", "surrogatepass") if replaced.found else text

    def _replace(self, data: bytes, place: Place, depth: int) -> Replaced:
        found: list[Leak] = []
        if depth < _DEEPEST and self._may_hold_base64(data):
            data = _RUN.sub(lambda run: self._replace_run(run, place, depth, found), data)
        if any(needle in data for needle in self._needles):
            data = self._pattern.sub(lambda match: self._replace_spelled(match, place, found), data)
        return Replaced(data, tuple(found))

    def _may_hold_base64(self, data: bytes) -> bool:
        if any(needle in data for needle in self._base64):
            return True
        if b"\n" not in data and b"%" not in data and b"\\" not in data:
            return False
        unfolded = _ESCAPED_LETTER.sub(_plain_letter, _FOLD.sub(b"", data))
        return any(needle in unfolded for needle in self._base64)

    def _replace_spelled(self, match: re.Match[bytes], place: Place, found: list[Leak]) -> bytes:
        text = match[0]
        if match[1] is not None:
            return text
        form = self._spelled[text]
        found.append(Leak(form.name, form.kind, match.start()))
        placeholder = f"<{form.name}>"
        if form.kind == "hex":
            spelled = placeholder.encode().hex()
            return (spelled.upper() if text.isupper() else spelled).encode()
        if form.kind == "url":
            return Place.URL.escape(placeholder)
        return Place.XML.escape(placeholder) if form.kind == "xml" else place.escape(placeholder)

    def _replace_run(self, run: re.Match[bytes], place: Place, depth: int, found: list[Leak]) -> bytes:
        letters = _ESCAPED_LETTER.sub(_plain_letter, _FOLD.sub(b"", run[0]))
        if not any(needle in letters for needle in self._base64):
            return run[0]
        for skipped in range(4):
            content = _decode(letters[skipped:])
            inner = self._replace(content, Place.PLAIN, depth + 1)
            if inner.found:
                found.extend(Leak(leak.name, "base64", run.start()) for leak in inner.found)
                return _respell(letters[:skipped] + _encode(inner.data, letters), run, place)
        return run[0]


def _plain_letter(match: re.Match[bytes]) -> bytes:
    return _PLAIN_LETTERS[match[0].lower()]


def _decode(letters: bytes) -> bytes:
    letters = letters.rstrip(b"=")
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    padded = letters + b"=" * (-len(letters) % 4)
    try:
        return base64.b64decode(padded.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except binascii.Error:
        return b""


def _encode(content: bytes, like: bytes) -> bytes:
    is_url_safe = b"-" in like or b"_" in like
    encoded = base64.urlsafe_b64encode(content) if is_url_safe else base64.b64encode(content)
    is_padded = like.endswith(b"=") or (len(like) % 4 == 0 and not is_url_safe)
    return encoded if is_padded else encoded.rstrip(b"=")


def _respell(letters: bytes, run: re.Match[bytes], place: Place) -> bytes:
    """Base64 text folded and escaped as the run was that it replaces."""
    original = run[0]
    if b"%" in original or (place is Place.URL and b"+" in letters):
        letters = quote(letters, safe="").encode()
    elif b"\\/" in original:
        letters = letters.replace(b"/", b"\\/")
    fold = _FOLD.search(original)
    if fold is None:
        return letters
    return fold[0].join(letters[start : start + fold.start()] for start in range(0, len(letters), fold.start()))
