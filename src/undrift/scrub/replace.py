"""Finding secrets in bytes, in every form, and putting placeholders in their places."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote

from undrift.scrub.known import xml_escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.scrub.known import Secrets

# A run of base64 text: in either alphabet, with its special letters escaped for a URL or
# for JSON or not, and folded over lines or not.
_LETTERS = rb"(?:[A-Za-z0-9+/_-]+|%2[BbFf]|\\/)+"
_LINE_BREAK = rb"(?:\r?\n|\\r\\n|\\n)[ \t]*"
_RUN = re.compile(_LETTERS + rb"(?:" + _LINE_BREAK + _LETTERS + rb")*(?:=|%3[Dd]|\\u003[Dd]){0,2}")
# In a URL the slash mostly parts what is base64 from what is not.
_RUN_IN_URL = re.compile(rb"(?:[A-Za-z0-9+_-]+|%2[BbFf])+(?:=|%3[Dd]){0,2}")
_FOLD = re.compile(_LINE_BREAK)
# Where a run may be folded: most texts have no such place, and are done with this one look.
_FOLDED = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}" + _LINE_BREAK + rb"[A-Za-z0-9+/_-]")
_ESCAPED_LETTER = re.compile(rb"%2[Bb]|%2[Ff]|\\/|%3[Dd]|\\u003[Dd]")
_UNESCAPED = {b"%2b": b"+", b"%2f": b"/", b"\\/": b"/", b"%3d": b"=", b"\\u003d": b"="}
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
# Base64 within base64 is looked into; deeper is not met outside of puzzles.
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

    ``form`` is ``plain``, ``url``, ``json``, ``xml``, ``yaml``, ``hex`` or ``base64``.
    ``offset`` counts bytes from 0; in base64 it is that of the whole run of letters.
    """

    name: str
    form: str
    offset: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of some bytes, and the names of the secrets that were in them."""

    data: bytes
    names: tuple[str, ...] = ()


def leaks(data: bytes, secrets: Secrets) -> tuple[Leak, ...]:
    """Every secret left in some bytes, such as those of a file, in the order of their places."""
    return tuple(sorted(_find(data, secrets, 0), key=lambda leak: leak.offset))


def replace_in_bytes(data: bytes, secrets: Secrets, place: Place = Place.PLAIN) -> Replaced:
    """Some bytes with a placeholder for each secret, in the escape of its place."""
    return _Replacement(secrets, place).of(data)


def replace_in_text(text: str, secrets: Secrets, place: Place = Place.PLAIN) -> tuple[str, tuple[str, ...]]:
    """As ``replace_in_bytes``, for text: what became of it, and the names."""
    replaced = _Replacement(secrets, place).of(text.encode("utf-8", "surrogatepass"))
    return (replaced.data.decode("utf-8", "surrogatepass") if replaced.names else text), replaced.names


def may_hold(data: bytes, secrets: Secrets) -> bool:
    """A quick look that is right whenever it says no."""
    return _may_hold_spelled(data, secrets) or _may_hold_base64(data, secrets)


class _Replacement:
    """Replaces secrets in bytes that stand in one place; ``depth`` counts the base64 around them."""

    __slots__ = ("_depth", "_names", "_place", "_secrets")

    def __init__(self, secrets: Secrets, place: Place, depth: int = 0) -> None:
        self._secrets = secrets
        self._place = place
        self._depth = depth
        self._names: dict[str, None] = {}

    def of(self, data: bytes) -> Replaced:
        """The bytes with their placeholders."""
        if self._depth < _DEEPEST and _may_hold_base64(data, self._secrets):
            for pattern in (_RUN_IN_URL, _RUN) if self._place is Place.URL else (_RUN,):
                data = self._replace_runs(data, pattern)
        if _may_hold_spelled(data, self._secrets):
            data = self._secrets.spellings.pattern.sub(self._placeholder, data)
        return Replaced(data, tuple(self._names))

    def _placeholder(self, match: re.Match[bytes]) -> bytes:
        found = match[0]
        if match[1] is not None:
            return found
        form = self._secrets.spellings.forms[found]
        self._names[form.name] = None
        placeholder = f"<{form.name}>"
        if form.kind == "hex":
            digits = placeholder.encode().hex()
            return (digits.upper() if found.isupper() else digits).encode()
        escapes = {"url": Place.URL, "xml": Place.XML}
        return escapes.get(form.kind, self._place).escape(placeholder)

    def _replace_runs(self, data: bytes, pattern: re.Pattern[bytes]) -> bytes:
        pieces: list[bytes] = []
        end = 0
        for run, letters in _runs(data, self._secrets, pattern):
            # Letters before the base64 text may read as a part of it: it starts at one of four places.
            for skipped in range(4):
                inner = _Replacement(self._secrets, Place.PLAIN, self._depth + 1).of(_decode(letters[skipped:]))
                if inner.names:
                    self._names.update(dict.fromkeys(inner.names))
                    encoded = letters[:skipped] + _encode(inner.data, like=letters[skipped:])
                    pieces += [data[end : run.start()], _respell(encoded, run[0], self._place)]
                    end = run.end()
                    break
        return b"".join([*pieces, data[end:]])


def _find(data: bytes, secrets: Secrets, depth: int) -> Iterator[Leak]:
    if _may_hold_spelled(data, secrets):
        spellings = secrets.spellings
        for match in spellings.pattern.finditer(data):
            if match[1] is None:
                form = spellings.forms[match[0]]
                yield Leak(form.name, form.kind, match.start())
    if depth < _DEEPEST and _may_hold_base64(data, secrets):
        for run, letters in _runs(data, secrets, _RUN):
            inner = (leak for skipped in range(4) for leak in _find(_decode(letters[skipped:]), secrets, depth + 1))
            for name in dict.fromkeys(leak.name for leak in inner):
                yield Leak(name, "base64", run.start())


def _may_hold_spelled(data: bytes, secrets: Secrets) -> bool:
    return any(probe in data for probe in secrets.probes)


def _may_hold_base64(data: bytes, secrets: Secrets) -> bool:
    needles = secrets.base64_needles
    if any(needle in data for needle in needles):
        return True
    if not needles or not (b"%2" in data or b"\\/" in data or _FOLDED.search(data)):
        return False
    letters = _letters(data)
    return any(needle in letters for needle in needles)


def _runs(data: bytes, secrets: Secrets, pattern: re.Pattern[bytes]) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """The runs of base64 text that may hold a secret, each with its letters alone."""
    for run in pattern.finditer(data):
        letters = _letters(run[0])
        if any(needle in letters for needle in secrets.base64_needles):
            yield run, letters


def _letters(text: bytes) -> bytes:
    """Base64 text without line breaks and escapes."""
    return _ESCAPED_LETTER.sub(lambda match: _UNESCAPED[match[0].lower()], _FOLD.sub(b"", text))


def _decode(letters: bytes) -> bytes:
    letters = letters.rstrip(b"=").translate(_TO_STANDARD)
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:  # pragma: no cover - a run has only letters of base64
        return b""


def _encode(content: bytes, like: bytes) -> bytes:
    """Base64 text in the alphabet of another, and padded if that was."""
    is_url_safe = b"-" in like or b"_" in like
    encoded = base64.urlsafe_b64encode(content) if is_url_safe else base64.b64encode(content)
    is_padded = like.endswith(b"=") or (len(like) % 4 == 0 and not is_url_safe)
    return encoded if is_padded else encoded.rstrip(b"=")


def _respell(letters: bytes, original: bytes, place: Place) -> bytes:
    """Base64 text escaped and folded as the one was that it replaces."""
    if b"%" in original or (place is Place.URL and b"+" in letters and b"+" not in original):
        letters = quote(letters, safe="").encode()
    elif b"\\/" in original:
        letters = letters.replace(b"/", b"\\/")
    fold = _FOLD.search(original)
    if fold is None:
        return letters
    return fold[0].join(_lines(letters, fold.start()))


def _lines(letters: bytes, width: int) -> Iterable[bytes]:
    return (letters[start : start + width] for start in range(0, len(letters), width))
