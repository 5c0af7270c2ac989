"""Whether two runs of characters may have been drawn by one generator.

Chance draws what looks like a word, a number or a time now and then: eight digits among ids
of hexadecimal digits, no digit among those of letters and digits. Such a draw is no change of
the layout, however it looks alone.
"""

from __future__ import annotations

import re
import string

# The characters of ids fall into these groups; a generator draws from some of them.
_GROUPS = (
    string.digits,
    "abcdef",
    "ghijklmnopqrstuvwxyz",
    "ABCDEF",
    "GHIJKLMNOPQRSTUVWXYZ",
    "-_+/.",
)
_GROUP_OF = {character: i for i, group in enumerate(_GROUPS) for character in group} | {"=": 5}
_SIZES = (10, 6, 20, 6, 20, 2)
_RUN = re.compile(r"[\w+/.-]+={0,2}", re.ASCII)
_COMMON = re.compile(r".*[\W_]", re.DOTALL)
_PREFIX = re.compile(r"[a-z]{2,8}[_-]")
# Draws that are rarer than this do not happen.
_RAREST = 1e-4
# Generators that drop zeros differ in length by these many characters.
_SLACK = 2
_LONG = 8
# Hardly any word has so many consonants in a row.
_UNSPEAKABLE = re.compile(r"[b-df-hj-np-tv-xz]{4}|[B-DF-HJ-NP-TV-XZ]{4}")


def drawn_parts(stored: str, fresh: str) -> tuple[str, str] | None:
    """The parts of two ids after what they have in common, where one generator may have drawn both; else None.

    One of them must have letters and digits, or letters of both cases: two words are none.
    """
    start = _common_length(stored, fresh)
    one, other = stored[start:], fresh[start:]
    if not (_RUN.fullmatch(one) and _RUN.fullmatch(other)) or abs(len(one) - len(other)) > _slack(one, other):
        return None
    if one.count(".") != other.count("."):
        # 12.50 is an amount, and no draw.
        return None
    if _PREFIX.match(one) and _PREFIX.match(other):
        # What stands before the first underscore says what an id is of.
        return None
    groups = [frozenset(map(_GROUP_OF.__getitem__, part)) for part in (one, other)]
    if not any(_is_mixed(seen) for seen in groups):
        return None
    everything = sum(_SIZES[i] for i in groups[0] | groups[1])
    for part, seen in zip((one, other), groups, strict=True):
        if (sum(_SIZES[i] for i in seen) / everything) ** len(part) < _RAREST:
            return None
    return one, other


def are_unspeakable(stored: str, fresh: str) -> bool:
    """Whether two runs of letters of one length are no words, as ids of letters alone are."""
    return (
        len(stored) == len(fresh) >= _LONG
        and stored.isalpha()
        and fresh.isalpha()
        and any(_UNSPEAKABLE.search(text) for text in (stored, fresh))
    )


def _common_length(stored: str, fresh: str) -> int:
    """How many characters two texts have in common at their start, up to the last separator among them."""
    length = 0
    for one, other in zip(stored, fresh, strict=False):
        if one != other:
            break
        length += 1
    match = _COMMON.match(stored[:length])
    return match.end() if match else 0


def _slack(one: str, other: str) -> int:
    return _SLACK if one.isalnum() and other.isalnum() and min(len(one), len(other)) >= _LONG else 0


def _is_mixed(groups: frozenset[int]) -> bool:
    kinds = {(0,), (1, 2), (3, 4)}
    return sum(any(i in groups for i in kind) for kind in kinds) > 1
