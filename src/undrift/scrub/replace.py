"""Finding secrets in bytes, in every form, and putting placeholders in their places."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Iterable  # noqa: TC003 - a NamedTuple has it
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from undrift.body import encode
from undrift.scrub.finder import LINE_BREAK, Blocks, Suspects, distinct, fold_in, folded_in, unfolded
from undrift.scrub.forms import WIDE
from undrift.scrub.packed import IN_BASE64, may_be_packed, packed_in
from undrift.scrub.unescape import ESCAPES, View, views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.scrub.finder import Finder
    from undrift.scrub.forms import Target
    from undrift.scrub.known import Secrets

_LETTERS: Final = rb"[A-Za-z0-9+/_-]+"
_RUN: Final = re.compile(_LETTERS + rb"(?:" + LINE_BREAK + _LETTERS + rb")*={0,2}")
# In a URL the slash mostly parts what is base64 from what is not.
_RUN_IN_URL: Final = re.compile(rb"[A-Za-z0-9+_-]+={0,2}")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
# Base64 within base64, and within what is packed, is looked into; deeper is not met outside of puzzles.
_DEEPEST: Final = 2


class Place(Enum):
    """Where bytes stand, which decides how a placeholder is escaped there."""

    PLAIN = "plain"
    URL = "url"
    XML = "xml"
    JSON = "json"

    def escape(self, text: str) -> bytes:
        """A placeholder as it is written in this place."""
        return (text if self is Place.PLAIN else ESCAPES[self.value].on(text)).encode()


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found: its name, the form it was in, and where; never its value.

    ``form`` is ``plain``, ``url``, ``json``, ``xml``, ``yaml``, ``hex``, ``base64``, ``gzip`` or one of UTF-16.
    ``offset`` counts bytes from 0; in base64 it is that of the whole run of letters, and so in
    what is packed.
    """

    name: str
    form: str
    offset: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of some bytes, and the names of the secrets that were in them."""

    data: bytes
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for, and what is never taken for a secret though it holds the letters of one."""

    finders: Sequence[Finder]
    protected: re.Pattern[bytes]

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return any(len(finder) for finder in self.finders)

    def of(self, data: bytes) -> Suspects:
        """The secrets that are spelled in some bytes, and those that may be in base64 text there."""
        blocks, folded = Blocks(data), Blocks(folded_in(data))
        found = [finder.suspects(blocks, folded) for finder in self.finders if len(finder)]
        if len(found) == 1:
            return found[0]
        return Suspects(
            tuple(target for one in found for target in one.spelled),
            tuple(target for one in found for target in one.encoded),
        )

    def suspects(self, data: bytes, pieces: bytes = b"") -> bool:
        """Whether there may be anything to replace in some bytes.

        ``pieces`` are what ``distinct`` makes of them, where that was done.
        """
        if not self:
            return False
        if may_be_packed(data):
            return True
        if all(finder.is_in_pieces for finder in self.finders):
            data = pieces or distinct(data)
        return any(any(self.of(view.data)) for view in views(data))


def leaks(data: bytes, secrets: Secrets) -> tuple[Leak, ...]:
    """Every secret left in some bytes, such as those of a file, in the order of their places."""
    return tuple(sorted(_find(data, secrets.search, 0), key=lambda leak: leak.offset))


def replace_in_bytes(data: bytes, search: Search, place: Place = Place.PLAIN, *, is_raw: bool = False) -> Replaced:
    """Some bytes with a placeholder for each secret, in the escape of its place.

    With ``is_raw`` those in any escape, in digits, in base64 text and in what is packed are left.
    """
    return _Replacement(search, place, is_raw=is_raw).of(data)


def replace_in_text(text: str, search: Search, place: Place = Place.PLAIN) -> tuple[str, tuple[str, ...]]:
    """As ``replace_in_bytes``, for text: what became of it, and the names."""
    replaced = _Replacement(search, place).of(text.encode("utf-8", "surrogatepass"))
    return (replaced.data.decode("utf-8", "surrogatepass") if replaced.names else text), replaced.names


class _Piece(NamedTuple):
    """A piece of bytes that holds a secret, what stands in its place, and the names of what is in it."""

    start: int
    end: int
    new: bytes
    names: Iterable[str]


class _Spelled(NamedTuple):
    """A secret that is spelled in a view of some bytes, and its place in those."""

    start: int
    end: int
    target: Target
    kind: str
    view: View


_Found = TypeVar("_Found", _Piece, _Spelled)


class _Replacement:
    """Replaces secrets in bytes that stand in one place; ``depth`` counts the base64 around them."""

    __slots__ = ("_depth", "_is_raw", "_names", "_place", "_search")

    def __init__(self, search: Search, place: Place, depth: int = 0, *, is_raw: bool = False) -> None:
        self._search = search
        self._place = place
        self._depth = depth
        self._is_raw = is_raw
        self._names: dict[str, None] = {}

    def of(self, data: bytes) -> Replaced:
        """The bytes with their placeholders."""
        if self._search.suspects(data):
            if self._depth < _DEEPEST and not self._is_raw:
                for pattern in (_RUN_IN_URL, _RUN) if self._place is Place.URL else (_RUN,):
                    data = self._with(data, self._in_runs(data, pattern))
                data = self._with(data, list(self._in_packed(data)))
            found = _spelled(data, self._search)
            spelled = _chosen(
                one for one in found if not self._is_raw or (one.kind == "plain" and not one.view.escapes)
            )
            data = self._with(data, [self._piece(found, data) for found in spelled])
        return Replaced(data, tuple(self._names))

    def _with(self, data: bytes, new_pieces: list[_Piece]) -> bytes:
        if not new_pieces:
            return data
        pieces: list[bytes] = []
        end = 0
        for piece in new_pieces:
            self._names.update(dict.fromkeys(piece.names))
            pieces += [data[end : piece.start], piece.new]
            end = piece.end
        return b"".join([*pieces, data[end:]])

    def _piece(self, found: _Spelled, data: bytes) -> _Piece:
        return _Piece(found.start, found.end, self._placeholder(found, data), (found.target.name,))

    def _placeholder(self, found: _Spelled, data: bytes) -> bytes:
        text = found.target.replacement
        if found.kind == "hex":
            digits = text.encode().hex()
            return (digits.upper() if data[found.start : found.end].isupper() else digits).encode()
        if found.kind in WIDE:
            return text.encode(found.kind)
        if found.view.escapes:
            return found.view.escaped(text).encode()
        if found.kind == "url":
            return Place.URL.escape(text)
        if self._place is Place.XML and data.rfind(b"<![CDATA[", 0, found.start) > data.rfind(b"]]>", 0, found.start):
            return text.encode()
        return self._place.escape(text)

    def _in_packed(self, data: bytes) -> Iterator[_Piece]:
        for packed in packed_in(data):
            inner = _Replacement(self._search, Place.PLAIN, self._depth + 1).of(packed.content)
            if inner.names:
                yield _Piece(packed.start, packed.end, encode(inner.data, "gzip"), inner.names)

    def _in_runs(self, data: bytes, pattern: re.Pattern[bytes]) -> list[_Piece]:
        found = [
            piece
            for view in views(data)
            for run, letters in _runs(view.data, self._search, pattern)
            if (piece := self._run(view, run, letters)) is not None
        ]
        return _chosen(found)

    def _run(self, view: View, run: re.Match[bytes], letters: bytes) -> _Piece | None:
        # Letters before the base64 text may read as a part of it: it starts at one of four places.
        for skipped in range(4):
            inner = _Replacement(self._search, Place.PLAIN, self._depth + 1).of(_decode(letters[skipped:]))
            if inner.names:
                encoded = letters[:skipped] + _encode(inner.data, like=letters[skipped:])
                start, end = view.span(*run.span())
                return _Piece(start, end, self._respelled(view, _folded(encoded, run[0]), run[0]), inner.names)
        return None

    def _respelled(self, view: View, letters: bytes, original: bytes) -> bytes:
        """Base64 text escaped as the one was that it replaces."""
        text = view.escaped(letters.decode())
        if view.escapes == ("json",) and b"/" in original:
            # Only an escaped slash has led here, but for a fold.
            text = text.replace("/", "\\/")
        is_new_plus = self._place is Place.URL and not view.escapes and b"+" not in original
        return Place.URL.escape(text) if is_new_plus and "+" in text else text.encode()


def _chosen(found: Iterable[_Found]) -> list[_Found]:
    """What was found, in order, without what overlaps: the first, and of those the longest."""
    chosen: list[_Found] = []
    end = 0
    # What needs fewer escapes to be taken off was found before, and sorting keeps it there.
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            chosen.append(one)
            end = one.end
    return chosen


def _spelled(data: bytes, search: Search) -> Iterator[_Spelled]:
    """Where secrets are spelled, in whatever escapes, but not within what is protected."""
    for view in views(data):
        for target in search.of(view.data).spelled:
            for start, end, kind in _standing(view.data, target, search.protected):
                yield _Spelled(*view.span(start, end), target, kind, view)


def _standing(data: bytes, target: Target, protected: re.Pattern[bytes]) -> Iterator[tuple[int, int, str]]:
    spans: list[tuple[int, int]] | None = None
    for needle, kind in target.spelled:
        start = data.find(needle)
        while start >= 0:
            if spans is None:
                spans = [match.span() for match in protected.finditer(data)]
            end = start + len(needle)
            place = bisect_right(spans, (start, len(data))) - 1
            is_protected = (place >= 0 and spans[place][1] > start) or (
                place + 1 < len(spans) and spans[place + 1][0] < end
            )
            if not is_protected:
                yield start, end, kind
            start = data.find(needle, start + 1)


def _find(data: bytes, search: Search, depth: int) -> Iterator[Leak]:
    if not search.suspects(data):
        return
    for found in _chosen(_spelled(data, search)):
        yield Leak(found.target.name, next(iter(found.view.escapes), found.kind), found.start)
    if depth >= _DEEPEST:
        return
    seen: set[tuple[str, int]] = set()
    for packed in packed_in(data):
        for name in dict.fromkeys(leak.name for leak in _find(packed.content, search, depth + 1)):
            yield Leak(name, "gzip", packed.start)
    for view in views(data):
        for run, letters in _runs(view.data, search, _RUN):
            offset = view.span(*run.span())[0]
            inner = (leak for skipped in range(4) for leak in _find(_decode(letters[skipped:]), search, depth + 1))
            for name in dict.fromkeys(leak.name for leak in inner):
                if (name, offset) not in seen:
                    seen.add((name, offset))
                    yield Leak(name, "base64", offset)


def _runs(data: bytes, search: Search, pattern: re.Pattern[bytes]) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """The runs of base64 text that may hold a secret, each with its letters alone."""
    needles = [needle for target in search.of(data).encoded for needle in target.base64]
    if IN_BASE64 in data:
        needles.append(IN_BASE64)
    if needles:
        for run in pattern.finditer(data):
            letters = unfolded(run[0])
            if any(map(letters.__contains__, needles)):
                yield run, letters


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


def _folded(letters: bytes, original: bytes) -> bytes:
    """Base64 text folded as the one was that it replaces."""
    fold = fold_in(original)
    if fold is None:
        return letters
    width = fold.start()
    return fold[0].join(letters[start : start + width] for start in range(0, len(letters), width))
