"""Paths of files whose folders were made for one run, such as those of ``mkdtemp``."""

from __future__ import annotations

import re

# An absolute path of a file, as texts hold it. URLs have a host before their path.
_PATH = re.compile(
    r"(?<![\w:/.])(?:[A-Za-z]:)?[/\\](?:tmp|temp|var|srv|home|root|opt|usr|private|mnt|data|app|run|build|workspace|Users)"
    r"(?:[/\\][^\s/\\\"'<>|:,;]+)+",
    re.IGNORECASE,
)
_MARK = "\2"
# How many characters makers of temporary names draw: Python 8, Node 6, mktemp 10, others 12.
_DRAWN = (8, 6, 10, 12)
_RUN = re.compile(r"[0-9A-Za-z_]+", re.ASCII)
_DIGIT_INSIDE = re.compile(r"[A-Za-z_]\d+[A-Za-z_]", re.ASCII)
_SEPARATORS = ("-", "_", ".", "")
_STEP = re.compile(r"[/\\]")


def without_made_names(stored: str, fresh: str) -> tuple[str, str]:
    """Two texts, the names of files and folders that were made for one run replaced on both sides.

    A name was made where it ends in as many characters on both sides as such makers draw, and
    they look drawn: then the whole name, with what stands before them, is that of one run.
    """
    old, new = _PATH.findall(stored), _PATH.findall(fresh)
    if not old or len(old) != len(new):
        return stored, fresh
    for one, other in dict.fromkeys(zip(old, new, strict=True)):
        common = _common(one, other) if one != other else None
        if common is not None:
            stored, fresh = stored.replace(one, common), fresh.replace(other, common)
    return stored, fresh


def _common(one: str, other: str) -> str | None:
    """What two paths have in common, made names marked; None where they differ in more."""
    steps, others = _STEP.split(one), _STEP.split(other)
    if len(steps) != len(others):
        return None
    names: list[str] = []
    for name, also in zip(steps, others, strict=True):
        if name != also and not _are_made(name, also):
            return None
        names.append(name if name == also else _MARK)
    return "/".join(names)


def _are_made(one: str, other: str) -> bool:
    stem, dot, suffix = one.partition(".") if one.count(".") == other.count(".") == 1 else (one, "", "")
    if dot:
        also, _, other_suffix = other.partition(".")
        if suffix == other_suffix:
            return _are_made(stem, also)
    return any(_are_drawn(one, other, length) for length in _DRAWN)


def _are_drawn(one: str, other: str, length: int) -> bool:
    """Whether the last ``length`` characters of two names were drawn."""
    tails, heads = (one[-length:], other[-length:]), (one[:-length], other[:-length])
    if min(map(len, tails)) < length or not all(_RUN.fullmatch(tail) for tail in tails):
        return False
    if heads[0] != heads[1] and not all(head[-1:] in _SEPARATORS for head in heads):
        return False
    return any(_DIGIT_INSIDE.search(tail) for tail in tails)
