"""How two different values relate: by chance, by layout, or in what they say.

The name of the field that holds them is a hint where the values alone do not tell: 17 is
an id in ``id``, and 2020-08-27 is no time in ``api_version``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from undrift.values.chance import TOKEN_MINIMUM, looks_random
from undrift.values.classes import classify, is_token
from undrift.values.drawn import are_unspeakable, drawn_parts
from undrift.values.families import Family, ValueClass
from undrift.values.measures import FINE, are_measured
from undrift.values.pieces import FIRST_FREE_PORT, differing_pieces, pieces_match, same_layout, same_opaque
from undrift.values.written import epoch_unit


class Relation(StrEnum):
    """What lies between two different values."""

    CHANCE = "chance"
    LAYOUT = "layout"
    VALUE = "value"


class Likeness(NamedTuple):
    """How two different values relate; a tuple, for there are many.

    ``why`` names the class that they share, or the two classes. ``renamed`` are the pairs of
    opaque tokens that stand in the same place of both, each once. ``counted`` marks numbers
    that are ids by their name alone, and therefore need not be one to one.
    """

    relation: Relation
    why: str
    renamed: tuple[tuple[str, str], ...] = ()
    counted: bool = False


_VALUE = Likeness(Relation.VALUE, "the values differ")
_BOTH_COUNT = Likeness(Relation.CHANCE, "both count since 1970")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "uid", "token", "nonce", "cursor", "etag", "key", "secret", "sha"})
_ID_WORDS |= {
    "hash",
    "digest",
    "checksum",
    "signature",
    "fingerprint",
    "md5",
    "commit",
    "handle",
    "request",
    "trace",
    "rev",
    "slug",
    "ref",
    "reference",
    "serial",
    "jti",
    "sid",
    "session",
    "tenant",
    "worker",
    "host",
    "hostname",
    "instance",
    "pod",
    "container",
}
_DIGEST_WORDS = frozenset({"etag", "signature", "digest", "hash", "checksum", "hmac"})
_SHORTEST_DIGEST = 20
# Kubernetes counts its state in a resourceVersion; every other version is one.
_OPAQUE_VERSION = frozenset({"resource", "version"})
_COUNTER_WORDS = frozenset({"id", "uid", "pid", "seq", "sequence", "serial", "rev", "revision", "offset", "generation"})
_TIME_WORDS = frozenset(
    [
        "at",
        "date",
        "time",
        "timestamp",
        "created",
        "updated",
        "modified",
        "start",
        "started",
        "end",
        "ended",
        "expires",
        "expiry",
        "expiration",
        "exp",
        "iat",
        "nbf",
        "until",
        "since",
        "reset",
        "due",
        "deadline",
        "anchor",
        "when",
        "ts",
        "epoch",
        "on",
        "last",
        "first",
        "next",
    ]
)
_PREFIXED_LETTERS = re.compile(r"[a-z]{1,8}_(?=.*[a-z])(?=.*[A-Z])[0-9A-Za-z]{8,}")
_HOST = re.compile(r"^([\d.]+):\d+$")
_SHORT_ID = re.compile(r"(?=.*\d)[0-9A-Za-z_-]{4,}")


@lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """The words of a field's name, lower-case: ``createdAt`` and ``created_at`` have the same."""
    return frozenset(word.lower() for word in _WORD.findall(name))


def relate(stored: str, fresh: str, name: str = "") -> Likeness:
    """How two different strings relate; ``name`` is the last name on the way to them."""
    # One id stands in many places: most pairs come again. Long texts do not, and would be kept.
    return (_relate_short if len(stored) + len(fresh) <= _SHORT else _relate)(stored, fresh, name)


def _relate(stored: str, fresh: str, name: str) -> Likeness:
    about = words(name)
    if "version" in about and not about >= _OPAQUE_VERSION:
        return _VALUE
    found = _relate_prefixed(stored, fresh)
    if found is not None:
        return found
    old, new = classify(stored), classify(fresh)
    if old.family.is_volatile and old.family is new.family and same_layout(old, new):
        renamed = ((stored, fresh),) if old.family.is_opaque else ()
        return Likeness(Relation.CHANCE, f"both are of class {old.family}", renamed)
    found = _in_pieces(stored, fresh)
    if found is None and old.family.is_opaque and new.family.is_opaque and same_opaque(stored, fresh, old, new):
        why = f"both are opaque ({old.family}, {new.family})"
        found = Likeness(Relation.CHANCE, why, ((stored, fresh),))
    if found is None:
        found = _relate_by_name(stored, fresh, name, about) or _relate_urls(stored, fresh)
    if found is None:
        found = _relate_drawn(stored, fresh, old, new, about)
    if found is None and _are_reordered(stored, fresh):
        found = Likeness(Relation.CHANCE, "the same items stand in another order")
    if found is None and _layout_changed(stored, fresh, old, new):
        found = Likeness(Relation.LAYOUT, f"{_described(stored, old)} became {_described(fresh, new)}")
    return found or _VALUE


def _in_pieces(stored: str, fresh: str) -> Likeness | None:
    found = differing_pieces(stored, fresh)
    if found is None:
        return None
    classes, renamed = found
    return Likeness(Relation.CHANCE, f"they differ in pieces of class {', '.join(classes)}", tuple(renamed))


_SHORT = 512
_relate_short = lru_cache(maxsize=4096)(_relate)


def _relate_prefixed(stored: str, fresh: str) -> Likeness | None:
    """Two ids of one prefix, such as ``cus_``, that differ in the part after it; None for anything else."""
    prefix, underscore, old = stored.rpartition("_")
    if not underscore or not fresh.startswith(f"{prefix}_"):
        return None
    new = fresh[len(prefix) + 1 :]
    if not (old.isalnum() and new.isalnum() and fresh.isascii() and _is_prefix(prefix)):
        return None
    if not (is_token(old) and is_token(new)) and not pieces_match(old, new, classify(old), classify(new)):
        return None
    return Likeness(Relation.CHANCE, f"both are ids that start with {prefix}_", ((old, new),))


@lru_cache(maxsize=1024)
def _is_prefix(text: str) -> bool:
    return _PREFIX.fullmatch(text) is not None


_PREFIX = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")


def _relate_drawn(stored: str, fresh: str, old: ValueClass, new: ValueClass, about: frozenset[str]) -> Likeness | None:
    """Two texts that one generator may have drawn, whatever each looks like alone; None for anything else."""
    if not {old.family, new.family} <= _DRAWN:
        return None
    parts = drawn_parts(stored, fresh)
    if parts is None:
        if about & _ID_WORDS and (are_unspeakable(stored, fresh) or _are_made_up_names(stored, fresh)):
            return Likeness(Relation.CHANCE, "both are made-up names", ((stored, fresh),))
        return None
    if not (about & _ID_WORDS or is_id(stored) or is_id(fresh) or any(map(_is_partly_random, parts))):
        # So short, what was a number and is none now was no draw.
        return _VALUE if min(map(len, parts)) >= _SHORTEST_RENAMED else None
    renamed = (parts,) if min(map(len, parts)) >= _SHORTEST_RENAMED else ()
    return Likeness(Relation.CHANCE, "one generator may have drawn both", renamed)


def _is_partly_random(part: str) -> bool:
    return any(looks_random(piece) for piece in re.split(r"[-_]", part) if piece.isascii())


def _are_made_up_names(stored: str, fresh: str) -> bool:
    """Whether both are names as people are given for things, such as ``vague-hopper-3977``."""
    return _MADE_UP.fullmatch(stored) is not None and _MADE_UP.fullmatch(fresh) is not None


_MADE_UP = re.compile(r"[a-z]+[-_][a-z]+[-_]\d{2,}")
# What is shorter may recur by chance.
_SHORTEST_RENAMED = 6
# What a draw of letters and digits may look like.
_DRAWN = frozenset(
    {Family.HEX, Family.TOKEN, Family.BASE64, Family.TEXT, Family.NUMBER, Family.TIME, Family.DURATION, Family.VERSION}
)


def _relate_urls(stored: str, fresh: str) -> Likeness | None:
    """Two URLs or paths that differ in numbers which name things, as in ``/orders/17``; None for anything else."""
    if not (_URL.fullmatch(stored) and _URL.fullmatch(fresh)):
        return None
    if _NUMBERED_STEP.sub("\0", stored) != _NUMBERED_STEP.sub("\0", fresh):
        return None
    return Likeness(Relation.CHANCE, "they differ in numbers of things in paths", counted=True)


_URL = re.compile(r"(?:[a-z]+://[^/\s]+)?/[^\s]*")
# A number that is a whole step of a path, after one of words.
_NUMBERED_STEP = re.compile(r"(?<=[a-z]/)\d+(?=[/?#]|$)")


def _are_reordered(stored: str, fresh: str) -> bool:
    """Whether two texts are lists of the same items, set apart by commas or spaces."""
    if len(stored) != len(fresh) or len(stored) > _LONGEST_LIST:
        return False
    return any(mark in stored and sorted(stored.split(mark)) == sorted(fresh.split(mark)) for mark in (", ", ",", " "))


_LONGEST_LIST = 4096


def _relate_by_name(stored: str, fresh: str, name: str, about: frozenset[str]) -> Likeness | None:
    """What the name of a field says of two strings that say nothing themselves."""
    if (about & _COUNTER_WORDS or _is_numbered(about)) and stored.isdigit() and fresh.isdigit():
        return Likeness(Relation.CHANCE, f"both are counters or ids, by the name {name!r}", counted=True)
    if (
        (about & _ID_WORDS or about >= _OPAQUE_VERSION)
        and _same_prefix(stored, fresh)
        and _are_short_ids(stored, fresh)
    ):
        tails = re.split(r"[_-]", stored)[-1], re.split(r"[_-]", fresh)[-1]
        renamed = (tails,) if min(map(len, tails)) >= TOKEN_MINIMUM else ()
        return Likeness(Relation.CHANCE, f"both are ids by the name {name!r}", renamed)
    return _relate_measured(stored, fresh, name, about)


def _relate_measured(stored: str, fresh: str, name: str, about: frozenset[str]) -> Likeness | None:
    """Two texts that follow from other things: digests, measured numbers, ports."""
    families = classify(stored).family, classify(fresh).family
    why = ""
    if Family.TEXT in families and about & _DIGEST_WORDS and len(stored) == len(fresh) >= _SHORTEST_DIGEST:
        why = f"both are digests, by the name {name!r}"
    elif families == (Family.NUMBER, Family.NUMBER) and are_measured(float(stored), float(fresh), about):
        why = f"both are measured, by the name {name!r}"
    elif families == (Family.DURATION, Family.DURATION) and FINE.search(stored) and FINE.search(fresh):
        why = "both are measured durations"
    elif families == (Family.ADDRESS, Family.ADDRESS) and _HOST.findall(stored) == _HOST.findall(fresh) != []:
        why = "both are ports of one address"
    return Likeness(Relation.CHANCE, why) if why else None


def _is_numbered(about: frozenset[str]) -> bool:
    """Whether a name is that of the number of something, such as ``orderNumber``."""
    return "number" in about and len(about) > 1


def _same_prefix(stored: str, fresh: str) -> bool:
    """Whether two ids have the same part before their last underscore or dash."""
    return re.split(r"[_-](?=[^_-]*$)", stored)[:-1] == re.split(r"[_-](?=[^_-]*$)", fresh)[:-1]


def _are_short_ids(stored: str, fresh: str) -> bool:
    """Whether two strings are ids, given that their field is.

    They have digits, or a prefix before mixed letters; or only one of them looks like chance,
    for now and then chance draws what could be a word.
    """
    if _SHORT_ID.fullmatch(stored) and _SHORT_ID.fullmatch(fresh):
        return True
    if _PREFIXED_LETTERS.fullmatch(stored) and _PREFIXED_LETTERS.fullmatch(fresh):
        return True
    return (
        len(stored) == len(fresh)
        and (is_id(stored) or is_id(fresh))
        and all(_PREFIXED.fullmatch(text) for text in (stored, fresh))
    )


def relate_numbers(stored: float, fresh: float, name: str = "") -> Likeness:
    """How two different numbers of one type relate."""
    about = words(name)
    if "version" in about:
        return _VALUE
    old = epoch_unit(stored)
    new = epoch_unit(fresh) if old else ""
    if new:
        if old == new:
            return _BOTH_COUNT
        if about & _TIME_WORDS:
            return Likeness(Relation.LAYOUT, f"{old} since 1970 became {new}")
    why, counted = "", False
    if are_measured(stored, fresh, about):
        why = f"both are measured, by the name {name!r}"
    elif "port" in about and min(stored, fresh) >= FIRST_FREE_PORT:
        why = "both are ports that a system handed out"
    elif (about & _COUNTER_WORDS or _is_numbered(about)) and isinstance(stored, int):
        why, counted = f"both are counters or ids, by the name {name!r}", True
    return Likeness(Relation.CHANCE, why, counted=counted) if why else _VALUE


_TELLING = frozenset({Family.TIME, Family.UUID, Family.JWT, Family.NUMBER, Family.BOOLEAN, Family.URL, Family.EMAIL})


def _layout_changed(stored: str, fresh: str, old: ValueClass, new: ValueClass) -> bool:
    """Whether a client that reads the stored value could not read the fresh one."""
    if new.family is Family.EMPTY or {old.family, new.family} <= _NUMBERED:
        return False
    if len(stored) == len(fresh) and stored.isdigit() and fresh.isdigit():
        # Some numbers happen to look like times, or to be as long as ids are.
        return False
    if old.family is not new.family:
        return old.family in _TELLING or old.family.is_opaque or _is_prefixed_id(stored)
    if old.family is Family.TEXT:
        return _is_prefixed_id(stored) and _is_prefixed_id(fresh)
    return old.layout != new.layout


_NUMBERED = frozenset({Family.NUMBER, Family.VERSION})
_PREFIXED = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)+")


def is_id(text: str) -> bool:
    """Whether a string is one opaque id, with a prefix or without, such as ``cus_SLlAfpovZYiu0u``.

    Some have a sign before them, such as ``$`` or ``!``.
    """
    if classify(text).family.is_opaque or _is_prefixed_id(text):
        return True
    core = text.strip(_SIGNS)
    return len(core) < len(text) and core != "" and is_id(core)


def holds_id(segment: str) -> bool:
    """Whether a part of a path has an id in it, such as ``!SLlAfpovZYiu0u:server.org`` or ``report-<uuid>.pdf``."""
    return is_id(segment) or any(is_id(part) for part in _WITHIN.split(segment) if len(part) >= TOKEN_MINIMUM)


_SIGNS = "$!@#~*.:;,=()<>[]{}'\""
_WITHIN = re.compile(r"[^0-9A-Za-z_-]+")


def _is_prefixed_id(text: str) -> bool:
    if _PREFIXED_LETTERS.fullmatch(text):
        return True
    return _PREFIXED.fullmatch(text) is not None and looks_random(re.split(r"[_-]", text)[-1])


def _described(text: str, found: ValueClass) -> str:
    if found.family is Family.TEXT and _is_prefixed_id(text):
        return "a prefixed id"
    return f"{found.family} {found.layout}".strip()
