"""Which of many secrets are in some bytes, at a cost that does not grow with their number."""

from __future__ import annotations

import re
import string
import struct
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from undrift.scrub.forms import Target

# Base64 text may be folded over lines.
LINE_BREAK: Final = rb"\r?\n[ \t]*"
_FOLD: Final = re.compile(LINE_BREAK)
# Where it is: behind its last line no word goes on, but for a long one, and no name of a field stands there.
_FOLDED: Final = re.compile(
    rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:"
    + LINE_BREAK
    + rb"[A-Za-z0-9+/_-]+)+(?:(?<=[A-Za-z0-9+/_-]{16})(?!:)|={0,2}(?![ :]))"
)
# Most texts have no such place, and are done with this one look.
_MAY_BE_FOLDED: Final = {
    line_break: re.compile(
        rb"\n(?<=[A-Za-z0-9+/_-]{16}%s)[ \t]*[A-Za-z0-9+/_-]+"
        rb"(?:(?<=[A-Za-z0-9+/_-]{16}) |={0,2}(?![A-Za-z0-9+/_ :-]))" % line_break
    )
    for line_break in (b"\n", b"\r\n")
}
# Where base64 text, in whatever escapes, may go on behind a line break.
_MAY_GO_ON: Final = {
    line_break: re.compile(
        rb"\n(?<=[A-Za-z0-9+/_%%&#;\\=-]{16}%s)[ \t]*[A-Za-z0-9+/_%%&#;\\=-]+"
        rb"(?:(?<=[A-Za-z0-9+/_%%&#;\\=-]{16}) |(?![A-Za-z0-9+/_ :-]))" % line_break
    )
    for line_break in (b"\n", b"\r\n")
}
# What parts the pieces of messages that come again and again: header fields, members of JSON, lines of files.
_PARTING: Final = (b"\0", b",", b"\n")
_PARTING_TEXTS: Final = tuple(sign.decode() for sign in _PARTING)
_SHORT: Final = 2_048
# Some bytes are compared in blocks of eight and of four letters. Whatever is so long has a whole
# block of them in it, wherever it stands.
_EIGHT: Final = 8
_FOUR: Final = 4
# All letters of base64 text as one and the same, which nothing else is.
_LETTER: Final = b"x"
_ALPHABET: Final = (string.ascii_letters + string.digits + "+/-_").encode()
_AS_RUNS: Final = bytes.maketrans(_ALPHABET, _LETTER * len(_ALPHABET))
_NEVER: Final = sys.maxsize


class Suspects(NamedTuple):
    """The secrets that are spelled in some bytes, and those that may be in base64 text there."""

    spelled: tuple[Target, ...] = ()
    encoded: tuple[Target, ...] = ()


class Finder:
    """Finds secrets in bytes. More can be added; two threads must not add at once."""

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._targets: list[Target] = []
        self._spelled_until = self._encoded_until = 0
        self._fewest_encoded = _NEVER
        self._has_parted = False
        self._spelled = _Index()
        self._encoded = _Index()
        for target in targets:
            self.add(target)

    def __len__(self) -> int:
        return len(self._targets)

    def add(self, target: Target) -> None:
        """Look for one more secret."""
        self._targets.append(target)
        self._has_parted = self._has_parted or any(sign in target.value for sign in _PARTING_TEXTS)

    @property
    def is_in_pieces(self) -> bool:
        """Whether each secret that is in some bytes is in one of their pieces, as ``distinct`` gives them."""
        return not self._has_parted

    def suspects(self, blocks: Blocks, folded: Blocks) -> Suspects:
        """The secrets in some bytes, of which ``folded`` is the base64 text that was folded, without its folds."""
        for target in self._targets[self._spelled_until :]:
            for needle, _ in target.spelled:
                self._spelled.add(needle, target)
            self._fewest_encoded = min(self._fewest_encoded, target.fewest_in_base64)
        self._spelled_until = len(self._targets)
        spelled = self._spelled.within(blocks)
        return Suspects(tuple(spelled), tuple(self._may_encode(blocks) | self._may_encode(folded)))

    def _may_encode(self, blocks: Blocks) -> dict[Target, None]:
        # Most texts have no word that is long enough, and most secrets are found in their places: then nobody
        # needs to know how these read in base64.
        if not blocks.has_run_of(self._fewest_encoded):
            return {}
        for target in self._targets[self._encoded_until :]:
            for needle in target.base64:
                self._encoded.add(needle, target)
        self._encoded_until = len(self._targets)
        return self._encoded.within(blocks)


class Blocks:
    """Some bytes, the blocks that they are made of, as numbers, and the words in them that may be base64 text."""

    __slots__ = ("_eights", "_fours", "_runs", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._runs: bytes | None = None
        self._eights: frozenset[int] | None = None
        self._fours: frozenset[int] | None = None

    def has_run_of(self, count: int) -> bool:
        """Whether so many letters of base64 text stand in a row."""
        if len(self.data) < count:
            return False
        if self._runs is None:
            self._runs = self.data.translate(_AS_RUNS)
        return _LETTER * count in self._runs

    @property
    def eights(self) -> frozenset[int]:
        """Blocks of eight letters."""
        if self._eights is None:
            self._eights = frozenset(_layout(len(self.data) // _EIGHT, "Q").unpack_from(self.data))
        return self._eights

    @property
    def fours(self) -> frozenset[int]:
        """Blocks of four letters."""
        if self._fours is None:
            self._fours = frozenset(_layout(len(self.data) // _FOUR, "I").unpack_from(self.data))
        return self._fours


class _Index:
    """Needles by the blocks that one of is in any bytes which hold them."""

    __slots__ = ("_by_eight", "_by_four", "_short", "_targets")

    def __init__(self) -> None:
        self._targets: dict[bytes, Target] = {}
        self._by_eight: dict[int, tuple[bytes, ...]] = {}
        self._by_four: dict[int, tuple[bytes, ...]] = {}
        self._short: dict[bytes, None] = {}

    def add(self, needle: bytes, target: Target) -> None:
        is_new = needle not in self._targets
        self._targets[needle] = target
        if not is_new:
            return
        for index, size in ((self._by_eight, _EIGHT), (self._by_four, _FOUR)):
            if len(needle) >= 2 * size - 1:
                # Keys of one kind mostly begin alike, and seldom end so.
                letters = int.from_bytes(needle[1 - 2 * size :], "little")
                mask, alone = (1 << 8 * size) - 1, (needle,)
                for shift in range(0, 8 * size, 8):
                    block = letters >> shift & mask
                    before = index.setdefault(block, alone)
                    if before is not alone:
                        index[block] = (*before, needle)
                return
        self._short[needle] = None

    def within(self, blocks: Blocks) -> dict[Target, None]:
        """The targets that a needle in some bytes is of."""
        data, found = blocks.data, self._short
        if self._by_eight and not self._by_eight.keys().isdisjoint(blocks.eights):
            found = found | _at(self._by_eight, blocks.eights)
        if self._by_four and not self._by_four.keys().isdisjoint(blocks.fours):
            found = found | _at(self._by_four, blocks.fours)
        return {self._targets[needle]: None for needle in found if needle in data}


def _at(index: dict[int, tuple[bytes, ...]], blocks: frozenset[int]) -> dict[bytes, None]:
    return dict.fromkeys(needle for block in index.keys() & blocks for needle in index[block])


@lru_cache(maxsize=256)
def _layout(count: int, code: str) -> struct.Struct:
    return struct.Struct(f"<{count}{code}")


def distinct(data: bytes) -> bytes:
    """The pieces of some bytes, each once and in no order: most of what is recorded says the same again and again.

    What holds no comma and no line break is in them where it is in the bytes, in whatever escapes; base64
    text that is folded over lines, too.
    """
    if len(data) < _SHORT or _is_in_lines(data, _MAY_GO_ON):
        return data
    *others, last = _PARTING
    for other in others:
        data = data.replace(other, last)
    return b"\0".join(set(data.split(last)))


def folded_in(data: bytes) -> bytes:
    """The base64 text in some bytes that is folded over lines, without its folds."""
    if not _is_in_lines(data, _MAY_BE_FOLDED):
        return b""
    return b"\n".join(unfolded(run) for run in _FOLDED.findall(data))


def _is_in_lines(data: bytes, patterns: Mapping[bytes, re.Pattern[bytes]]) -> bool:
    """Whether one of the patterns, each of a line break, is in some bytes."""
    # A single letter is looked for many times as fast as two.
    return any(line_break[:1] in data and pattern.search(data) for line_break, pattern in patterns.items())


def unfolded(text: bytes) -> bytes:
    """Base64 text without line breaks."""
    return _FOLD.sub(b"", text)


def fold_in(text: bytes) -> re.Match[bytes] | None:
    """The first place where base64 text is folded."""
    return _FOLD.search(text)
