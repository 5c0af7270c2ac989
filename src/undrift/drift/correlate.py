"""Ids that a provider hands out come back later: which fresh id answers to which stored one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from undrift.values import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.values import Likeness

# Values under such names are made anew for each answer; nothing refers to them.
_TRANSIENT = frozenset(
    (
        *("request", "requestid", "trace", "span", "nonce", "etag", "signature", "token", "digest", "hash", "rev"),
        *("checksum", "md5", "sha", "sha1", "sha256", "crc32", "idempotency", "csrf", "cursor", "fingerprint"),
    )
)


@lru_cache(maxsize=1024)
def _is_transient(name: str) -> bool:
    return not words(name).isdisjoint(_TRANSIENT)


def _counted(stored: str, fresh: str) -> Iterator[tuple[str, str]]:
    """The numbers in which two values differ: the values themselves, or those in two paths."""
    yield from (
        (one, other)
        for one, other in zip(_NUMBER.findall(stored), _NUMBER.findall(fresh), strict=False)
        if one != other
    )


_NUMBER = re.compile(r"\d+")
_PIECE = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z]+")
# What may be one id of several pieces.
_RUN = re.compile(r"[\w-]+(?:\.[\w-]+)*={0,2}", re.ASCII)
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Renaming:
    """A one-to-one renaming of stored ids to fresh ids, learned as the traffic goes by.

    ``forth`` and ``back`` hold the parts of ids that chance made, ``whole`` the ids with
    their prefixes, ``known`` how each pair of those was found to relate, ``counted`` the pairs
    of numbers and names that answers gave, and ``compounds`` those of the first that are more
    than one run of letters and digits.
    """

    forth: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[object, object], Likeness] = field(default_factory=dict)
    counted: set[tuple[str, str]] = field(default_factory=set)
    compounds: dict[str, str] = field(default_factory=dict)

    def learn(self, stored: object, fresh: object, likeness: Likeness, name: str = "") -> str | None:
        """Take note of the ids that two values rename.

        Gives None where they agree with all that was learned before, else a sentence that
        says what was expected. Nothing is learned from values that contradict.
        """
        if likeness.counted:
            self.counted.update(_counted(str(stored), str(fresh)))
        if not likeness.renamed or _is_transient(name):
            return None
        unknown = []
        for old, new in likeness.renamed:
            if self.forth.get(old) != new or self.back.get(new) != old:
                problem = self._contradiction(old, new)
                if problem is not None:
                    return problem
                unknown.append((old, new))
        for old, new in unknown:
            self.forth[old] = new
            self.back[new] = old
            if _PIECE.fullmatch(old) is None:
                self.compounds[old] = new
        if isinstance(stored, str) and isinstance(fresh, str) and len(stored) <= _LONGEST_ID and "/" not in stored:
            self.whole[stored] = fresh
            self.known[stored, fresh] = likeness
        return None

    def note(self, stored: str, fresh: str) -> None:
        """Take note that an answer has one text where another was: what is sent later may name either."""
        if len(stored) <= _LONGEST_ID and " " not in stored:
            self.counted.add((stored, fresh))

    def apply(self, text: str) -> str:
        """A stored text with each known id replaced by its fresh one."""
        if self.compounds and not self.compounds.keys().isdisjoint(_RUN.findall(text)):
            text = _RUN.sub(lambda match: self.compounds.get(match[0], match[0]), text)
        # Most texts have no known id in them, and looking is quicker than replacing.
        if self.forth.keys().isdisjoint(_PIECE.findall(text)):
            return text
        return _PIECE.sub(lambda match: self.forth.get(match[0], match[0]), text)

    def _contradiction(self, old: str, new: str) -> str | None:
        expected = self.forth.get(old)
        if expected is not None and expected != new:
            return f"{old} was {expected} before, and is {new} here"
        origin = self.back.get(new)
        if origin is not None and origin != old:
            return f"{new} stood for {origin} before, and stands for {old} here"
        return None
