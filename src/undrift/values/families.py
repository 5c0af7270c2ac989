"""The families of classes, and what a class is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The families of classes."""

    EMPTY = "empty"
    TIME = "time"
    UUID = "uuid"
    HEX = "hex"
    BASE64 = "base64"
    JWT = "jwt"
    TOKEN = "token"  # noqa: S105 - the name of a class, no secret
    DURATION = "duration"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URL = "url"
    EMAIL = "email"
    ADDRESS = "address"
    VERSION = "version"
    TEXT = "text"

    @property
    def is_volatile(self) -> bool:
        """Whether two runs of one server differ in such values."""
        return self in _VOLATILE

    @property
    def is_opaque(self) -> bool:
        """Whether such a value means nothing but itself: an id, a token, a digest."""
        return self in _OPAQUE


_OPAQUE = frozenset({Family.UUID, Family.HEX, Family.BASE64, Family.JWT, Family.TOKEN})
_VOLATILE = _OPAQUE | {Family.TIME}


@dataclass(frozen=True, slots=True)
class ValueClass:
    """The class of one value.

    ``layout`` says how the value is written within its family, such as ``T .f Z`` for a
    time; ``detail`` is what may differ between two values of one class, such as the version
    of a UUID.
    """

    family: Family
    layout: str = ""
    detail: str = ""
