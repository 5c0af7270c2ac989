"""Whether letters and digits were drawn by chance, or chosen by people."""

from __future__ import annotations

import re
import string

TOKEN_MINIMUM = 8
# A word of no known language is this long without a separator.
_LONGER_THAN_WORDS = 32
_LETTER_KINDS = bytes.maketrans(
    f"{string.digits}{string.ascii_lowercase}{string.ascii_uppercase}".encode(), b"d" * 10 + b"l" * 26 + b"u" * 26
)
_DIGITS_INSIDE = re.compile(r"[A-Za-z]\d+[A-Za-z]", re.ASCII)
_TRANSITIONS = (b"dl", b"ld", b"du", b"ud", b"lu", b"ul")
# No word has so many consonants in a row; chance has.
_UNSPEAKABLE = re.compile(r"[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]{5}")


def looks_random(token: str) -> bool:
    """Whether a run of letters and digits was drawn by chance rather than chosen as a word.

    Chance mixes digits and letters, or upper and lower case, far more often than words,
    camel case or a word with a number at its end do.
    """
    if len(token) < TOKEN_MINIMUM or token.isdigit():
        return False
    if len(token) >= _LONGER_THAN_WORDS or _DIGITS_INSIDE.search(token):
        return True
    kinds = token.encode("ascii", "replace").translate(_LETTER_KINDS)
    return kinds.count(kinds[:1]) < len(kinds) and _is_mixed_by_chance(token, kinds)


def _is_mixed_by_chance(token: str, kinds: bytes) -> bool:
    has_digits = b"d" in kinds
    if not has_digits and _is_spoken(token):
        return False
    transitions = sum(map(kinds.count, _TRANSITIONS))
    if transitions * 20 >= len(token) * 7:
        return True
    if has_digits and not _has_digits_at_one_end(kinds):
        return transitions > 1
    return len(token) > TOKEN_MINIMUM and _UNSPEAKABLE.search(token) is not None


def _is_spoken(letters: str) -> bool:
    """Whether letters fall into words at their capitals, as in ``GetUserById``: each with a vowel and no gap."""
    return all(len(word) > 1 and _VOWEL.search(word) for word in _CAMEL.findall(letters))


_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")


def _has_digits_at_one_end(kinds: bytes) -> bool:
    """Whether all digits stand in one run at the start or the end, as in ``Version20``."""
    return b"d" not in kinds.strip(b"d") and not (kinds.startswith(b"d") and kinds.endswith(b"d"))


def is_worded(text: str) -> bool:
    """Whether a text falls into words at its dashes and underscores."""
    return not any(looks_random(part) for part in re.split(r"[-_]", text))
