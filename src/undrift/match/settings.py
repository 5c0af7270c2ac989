"""What a comparison of two requests is told to look at, and to look away from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TARGET_HEADER: Final = "x-amz-target"


@dataclass(frozen=True, slots=True)
class MatchRules:
    """How requests are compared, beyond what always counts.

    ``match_headers`` names header fields that must be equal too. ``volatile`` names places
    whose values do not count, though their presence does: JSON Pointers (RFC 6901) into a
    JSON body, in which ``*`` stands for any index or member, or bare names of form fields,
    parts of a multipart body and query parameters.
    """

    match_headers: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()


DEFAULT_RULES: Final = MatchRules()


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """The same, taken apart once for many comparisons."""

    header_names: tuple[str, ...]
    pointers: tuple[tuple[str, ...], ...]
    names: frozenset[str]

    @classmethod
    def of(cls, rules: MatchRules) -> CompiledRules:
        """Take rules apart: what starts with a slash, or is empty, is a JSON Pointer."""
        return cls(
            tuple(dict.fromkeys(name.lower() for name in rules.match_headers)),
            tuple(_tokens(place) for place in rules.volatile if _is_pointer(place)),
            frozenset(place for place in rules.volatile if not _is_pointer(place)),
        )


def _is_pointer(place: str) -> bool:
    return not place or place.startswith("/")


def _tokens(pointer: str) -> tuple[str, ...]:
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
