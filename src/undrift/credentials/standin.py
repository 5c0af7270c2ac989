"""A stand-in for a credential: a text that fits its pattern, the same on every machine."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from undrift.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# The tree of the standard library's own parser: private by name, stable since 3.11, and
# the only account of what a pattern of `re` means.
_parser: Any = getattr(re, "_parser")  # noqa: B009 - a plain attribute is unknown to type checkers

_LETTERS = "standin" + string.ascii_lowercase
# In an order that no number, no version and no empty id has.
_DIGITS = "7418529630"
_OTHERS = string.ascii_uppercase + "_-" + string.punctuation + " "
_VARIANTS = len(_LETTERS + _DIGITS + _OTHERS)


def stand_in(name: str, pattern: str, taken: Collection[str] = ()) -> str:
    """A text that matches the whole pattern, made of the letters of "standin" where it may.

    It is in none of those that are ``taken``, and none of them in it, unless the pattern leaves no
    choice. Raises CredentialError where none can be made: the pattern uses look-arounds or
    references whose meaning is not followed here.
    """
    tree = _parser.parse(pattern)
    text = (
        next((text for text in _variants(tree) if not any(text in other or other in text for other in taken)), "")
        or next((text for text in _variants(tree) if text not in taken), "")
        or next(_variants(tree))
    )
    if re.fullmatch(pattern, text) is None:
        raise CredentialError(
            f"No stand-in can be made for the credential {name}: its pattern {pattern!r} is too involved. "
            f"Write it with letters, character classes, groups and repeats alone."
        )
    return text


def _variants(tree: Any) -> Iterator[str]:
    """Texts that fit a parsed pattern, each begun with another letter; some of them may be the same."""
    return (_Maker(first).make(tree) for first in range(_VARIANTS))


class _Maker:
    """Walks a parsed pattern and takes the first way through it; ``first`` is the letter to begin with, from 0."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._made = 0

    def make(self, tree: Any) -> str:
        return "".join(self._one(str(operator), argument) for operator, argument in tree)

    def _one(self, operator: str, argument: Any) -> str:  # noqa: PLR0911 - one for each operator of a pattern
        match operator:
            case "LITERAL":
                return chr(argument)
            case "NOT_LITERAL":
                return self._character(lambda character: ord(character) != argument)
            case "ANY":
                return self._character(lambda _character: True)
            case "IN":
                return self._character(lambda character: _in_set(character, argument))
            case "BRANCH":
                return self.make(argument[1][0])
            case "SUBPATTERN":
                return self.make(argument[3])
            case "ATOMIC_GROUP":
                return self.make(argument)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeat(*argument)
            case _:
                return ""

    def _repeat(self, least: int, most: int, tree: Any) -> str:
        # A few more than the least where any number will do, so that `+` gives no mere letter.
        times = max(least, min(int(most), 16)) if least != most else least
        return "".join(self.make(tree) for _ in range(times))

    def _character(self, fits: Any) -> str:
        start = (self._first + self._made % len("standin")) % _VARIANTS
        turn = (self._first + self._made) % len(_DIGITS)
        preferred = _LETTERS + _DIGITS[turn:] + _DIGITS[:turn] + _OTHERS
        self._made += 1
        candidates = preferred[start:] + preferred[:start]
        return next((character for character in candidates if fits(character)), "")


def _in_set(character: str, members: Any) -> bool:
    negated = bool(members) and str(members[0][0]) == "NEGATE"
    inside = any(_is_member(character, str(operator), argument) for operator, argument in members)
    return inside != negated


def _is_member(character: str, operator: str, argument: Any) -> bool:
    match operator:
        case "LITERAL":
            return bool(ord(character) == argument)
        case "RANGE":
            return bool(argument[0] <= ord(character) <= argument[1])
        case "CATEGORY":
            return _in_category(character, str(argument))
        case _:
            return False


def _in_category(character: str, category: str) -> bool:
    classes = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    inside = re.match(classes[category.rsplit("_", 1)[1]], character) is not None
    return inside != ("_NOT_" in category)
