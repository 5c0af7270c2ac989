"""Ids and tokens that are more than one run of letters and digits, and yet one thing."""

from __future__ import annotations

import re

from undrift.values.chance import is_worded, looks_random
from undrift.values.families import Family, ValueClass
from undrift.values.written import epoch_unit

_NANOID = re.compile(r"[\w-]{21}", re.ASCII)
# Base64 for URLs, with all kinds of characters that it draws from.
_URL_SAFE = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)(?=[^_-]*[_-])[\w-]{20,}={0,2}", re.ASCII)
# The word before the first underscore or dash says what an id is of: ``cus_``, ``sk-``.
_PREFIX = re.compile(r"[a-z]{2,8}[_-]")
# Chance rarely draws so many letters of one case in a row, and no digit between two separators.
_WORD = re.compile(r"(?:^|(?<=[_-]))(?:[A-Z]?[a-z]{3,}|[A-Z]{4,})(?=[_-]|$)")
_UUID_START = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9a-f]{4,}(?:([-.])[0-9a-f]{4,})(?:\1[0-9a-f]{4,})*", re.IGNORECASE)
_KEY = re.compile(r"[0-9A-Z]{4,6}(?:-[0-9A-Z]{4,6}){2,}")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_STAMP = re.compile(r"\d+(?:[-_:]\d+)+")
_SEPARATORS = re.compile(r"[-._:]")
_FEWEST_HEX_DIGITS = 12
_EPOCH_DIGITS = 10


def compound_class(text: str) -> ValueClass | None:
    """The class of a text of several runs that is one id or token, or None."""
    return _nanoid(text) or _url_safe(text) or _grouped(text) or _keyed(text) or _stamp(text)


def _nanoid(text: str) -> ValueClass | None:
    if _NANOID.fullmatch(text) and not is_worded(text):
        return ValueClass(Family.TOKEN, "", "nanoid")
    return None


def _url_safe(text: str) -> ValueClass | None:
    """Base64 in the alphabet for URLs: its dashes and underscores fall anywhere, and between no words."""
    if not _URL_SAFE.fullmatch(text) or _PREFIX.match(text) or _WORD.search(text) or _UUID_START.match(text):
        return None
    return ValueClass(Family.TOKEN, "", "url-safe")


def _grouped(text: str) -> ValueClass | None:
    """Hexadecimal digits in groups, as some make up ids that are no UUIDs."""
    if not _GROUPED.fullmatch(text):
        return None
    together = _SEPARATORS.sub("", text)
    if len(together) < _FEWEST_HEX_DIGITS or not (together.islower() or together.isupper()):
        return None
    if not looks_random(together):
        return None
    return ValueClass(Family.HEX, f"groups of {_SEPARATORS.findall(text)[0]}")


def _keyed(text: str) -> ValueClass | None:
    """Groups of capitals and digits, as keys of licences have them, or the address of a network card."""
    if _MAC.fullmatch(text):
        return ValueClass(Family.HEX, "mac")
    groups = text.split("-")
    is_key = _KEY.fullmatch(text) and len(set(map(len, groups))) == 1 and looks_random("".join(groups))
    return ValueClass(Family.TOKEN, f"{len(groups)} groups") if is_key else None


def _stamp(text: str) -> ValueClass | None:
    """Numbers of which one counts since 1970, such as an inode, a time and a size as one tag."""
    if not _STAMP.fullmatch(text):
        return None
    parts = _SEPARATORS.split(text)
    if not any(len(part) >= _EPOCH_DIGITS and epoch_unit(int(part)) for part in parts if len(part) < len("9" * 20)):
        return None
    return ValueClass(Family.TOKEN, f"stamp of {len(parts)}")
