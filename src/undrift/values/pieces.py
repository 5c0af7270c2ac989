"""Two texts that are alike but for what chance put into them: compared piece by piece."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from undrift.values.chance import TOKEN_MINIMUM
from undrift.values.classes import classify
from undrift.values.drawn import drawn_parts
from undrift.values.families import Family
from undrift.values.measures import FINE
from undrift.values.paths import without_made_names
from undrift.values.written import EMBEDDED

if TYPE_CHECKING:
    from undrift.values.families import ValueClass

_PIECE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    rf"|{EMBEDDED}"
    r"|(?:(?:\d{1,3}\.){3}\d{1,3}|localhost|\[[0-9a-f:]+\]):\d{4,5}(?!\d)"
    r"|(?<![\d.])(?:\d+(?:\.\d+)? ?(?:ns|us|µs|ms)|\d+\.\d+ ?(?:s|sec|secs|seconds))\b"
    r"|(?<![\d.])\d+\.\d{6,}(?![\d.])"
    r"|\b(?:\d+|an?) (?:second|minute|hour|day|week|month|year)s? ago\b"
    r"|0x[0-9a-fA-F]{4,}"
    r"|[0-9A-Za-z]+"
)
# What may be one opaque thing although it is no single run: the value of a parameter, or a
# run with dashes, dots and the like inside.
_COMPOUND = re.compile(
    r"(?<=[=\"'])[\w%+/.~-]{16,}={0,2}(?=[&\s\"'<>]|$)"
    r"|[0-9A-Za-z_-][\w:.-]{10,}[\w-]={0,2}",
    re.ASCII,
)
# Tokens have no dash now and then, and are taken out all the same.
_SHORTEST_COMPOUND = 12
# Ports that systems hand out by themselves.
FIRST_FREE_PORT = 32_768
_CHANCE_IS_HEX = 16

Renamed = dict[tuple[str, str], None]


def differing_pieces(stored: str, fresh: str) -> tuple[tuple[str, ...], Renamed] | None:
    """The classes of the pieces in which two texts differ, and the opaque ones among them in pairs.

    None where they differ in more than pieces that chance makes.
    """
    found = _by_pieces(stored, fresh)
    if found is not None:
        return found
    one, other = without_made_names(stored, fresh)
    found = _by_compounds(one, other)
    if found is None and "%" in one and "%" in other:
        return _by_compounds(unquote(one), unquote(other))
    if found is None or one == stored:
        return found
    families, renamed = found
    return (*families, "made path"), renamed


def _by_pieces(stored: str, fresh: str) -> tuple[tuple[str, ...], Renamed] | None:
    if _PIECE.sub("\0", stored) != _PIECE.sub("\0", fresh):
        return None
    renamed: Renamed = {}
    families: dict[str, None] = {}
    for old, new in zip(_PIECE.findall(stored), _PIECE.findall(fresh), strict=True):
        if old == new:
            continue
        one, other = classify(old), classify(new)
        if pieces_match(old, new, one, other):
            renamed[old, new] = None
        elif not _are_passing(old, new, one, other):
            return None
        families[one.family] = None
    return tuple(families), renamed


def _by_compounds(stored: str, fresh: str) -> tuple[tuple[str, ...], Renamed] | None:
    """The same, tokens of several runs taken out first: dashes fall anywhere in some."""
    old, before = _without_compounds(stored)
    new, after = _without_compounds(fresh)
    found = _by_pieces(old, new) if len(before) == len(after) else None
    if found is None:
        return None
    families, renamed = found
    for one, other in zip(before, after, strict=True):
        if one == other:
            continue
        kinds = classify(unquote(one)), classify(unquote(other))
        if not pieces_match(one, other, *kinds):
            return None
        renamed[one, other] = None
        families = (*families, kinds[0].family)
    return tuple(dict.fromkeys(families)), renamed


def _without_compounds(text: str) -> tuple[str, tuple[str, ...]]:
    taken: list[str] = []

    def take(match: re.Match[str]) -> str:
        whole = match[0]
        found = classify(unquote(whole) if "%" in whole else whole)
        if not found.family.is_opaque or found.family is Family.UUID or len(whole) < _SHORTEST_COMPOUND:
            return whole
        taken.append(whole)
        return f"\1{found.layout}"

    return _COMPOUND.sub(take, text), tuple(taken)


def _are_passing(old: str, new: str, one: ValueClass, other: ValueClass) -> bool:
    """Whether two pieces are times, spans of time or ports that the moment gave."""
    if one.family is not other.family:
        return False
    if one.family is Family.TIME:
        return one.layout == other.layout
    if one.family is Family.DURATION:
        if one.layout == other.layout == "ago":
            return True
        return FINE.search(old) is not None and FINE.search(new) is not None
    if one.family is Family.NUMBER:
        return "." in old and "." in new and not old.isalnum()
    host, _, port = old.rpartition(":")
    new_host, _, new_port = new.rpartition(":")
    return host == new_host != "" and min(int(port), int(new_port)) >= FIRST_FREE_PORT


def pieces_match(old: str, new: str, one: ValueClass, other: ValueClass) -> bool:
    """Whether two pieces are opaque and may come from one generator."""
    if not (one.family.is_opaque and other.family.is_opaque):
        # Now and then chance draws what could be a word; of two such draws rarely both.
        if not (one.family.is_opaque or other.family.is_opaque):
            return False
        return _is_mixed_alike(old, new) or drawn_parts(old, new) == (old, new)
    if one.family is other.family:
        return same_layout(one, other)
    return same_opaque(old, new, one, other)


def same_layout(old: ValueClass, new: ValueClass) -> bool:
    """Whether two classes of one family are written alike."""
    if old.family is Family.HEX and old.layout != new.layout:
        # Runs of hexadecimal digits that are no digest have no fixed length.
        return "" in (old.layout, new.layout) and all(layout in {"", *_DIGESTS} for layout in (old.layout, new.layout))
    return old.layout == new.layout


_DIGESTS = frozenset({"32", "40", "56", "64", "96", "128"})


def same_opaque(stored: str, fresh: str, old: ValueClass, new: ValueClass) -> bool:
    """Whether two opaque values of different families may come from one generator."""
    families = {old.family, new.family}
    if families <= {Family.TOKEN, Family.BASE64}:
        return True
    # Sixteen characters of chance are not all hexadecimal.
    return families <= {Family.TOKEN, Family.HEX} and min(len(stored), len(fresh)) < _CHANCE_IS_HEX


def _is_mixed_alike(old: str, new: str) -> bool:
    """Whether two runs are of one length and neither is of one kind of letter alone."""
    return len(old) == len(new) >= TOKEN_MINIMUM and all(
        text.isalnum() and text.isascii() and not (text.isdigit() or text.islower() or text.isupper())
        for text in (old, new)
    )
