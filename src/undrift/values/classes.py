"""What class a value is of: a time, an id, a token, a number, or plain text.

A class has a family and a layout. Two values of one class are written alike, and a client
that reads one reads the other; a change of class is a change of the contract.
"""

from __future__ import annotations

import re
from functools import lru_cache

from undrift.values.chance import looks_random
from undrift.values.compounds import compound_class
from undrift.values.families import Family, ValueClass
from undrift.values.written import epoch_unit, time_class

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_POINTER = re.compile(r"0x[0-9a-fA-F]{4,}")
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")
_BASE64_MINIMUM = 16
_ISO_DURATION = re.compile(r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:[\d.]+S)?)?")
_MEASURED = re.compile(r"\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|sec|seconds|m|min|h)")
_AGO = re.compile(r"(?:\d+|an?) (?:second|minute|hour|day|week|month|year)s? ago")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?P<fraction>\.\d+)?(?:[eE][+-]?\d+)?")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?::\d{1,5})?")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{3,39}")
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}[0-9A-Za-z]*(?:[-.+][0-9A-Za-z]+)*")
_ALNUM = re.compile(r"[0-9A-Za-z]+")

# No amount or count has so many digits; the ids of many systems have.
_ID_DIGITS = 16, 40
_LONGEST_CLASSIFIED = 8192
# Digits between letters, among them one that no number, time or run of hexadecimal digits has.
_MIXED = re.compile(r"(?!0x)(?=[0-9A-Za-z]*[g-wyz])(?=[0-9A-Za-z]*[A-Za-z][0-9]+[A-Za-z])[0-9A-Za-z]{8,}")
# A letter first, or one that no compact time, number or address of memory has.
_NEITHER_TIME_NOR_NUMBER = re.compile(r"[A-Za-z]|(?!0x).*[a-df-wyz]")


@lru_cache(maxsize=4096)
def classify(text: str) -> ValueClass:
    """The class of a string, as a whole."""
    if not text:
        return ValueClass(Family.EMPTY)
    if len(text) > _LONGEST_CLASSIFIED:
        return ValueClass(Family.TEXT)
    is_run = text[0].isalpha() and text.isalnum() and text.isascii()
    for recognise in _RECOGNISERS_OF_RUNS if is_run else _RECOGNISERS:
        found = recognise(text)
        if found is not None:
            return found
    return ValueClass(Family.TEXT)


def is_token(text: str) -> bool:
    """Whether ASCII letters and digits are of the class ``token`` beyond doubt; quicker than classifying them."""
    if _MIXED.fullmatch(text):
        return True
    return _NEITHER_TIME_NOR_NUMBER.match(text) is not None and looks_random(text) and _HEX.fullmatch(text) is None


# Every class that is recognised last has one of these.
_TELLTALES = re.compile(r"[0-9:@.+-]|P|ago$")


def _number(text: str) -> ValueClass | None:
    if text[0] not in "+-0123456789":
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    if len(text) >= 10 and (unit := epoch_unit(float(text))):  # noqa: PLR2004 - seconds since 1970 have ten digits
        return ValueClass(Family.TIME, f"digits {unit}{'.f' if match['fraction'] else ''}")
    if text.isdigit() and _ID_DIGITS[0] <= len(text) <= _ID_DIGITS[1]:
        return ValueClass(Family.TOKEN, "digits")
    return ValueClass(Family.NUMBER, "string")


def _boolean(text: str) -> ValueClass | None:
    if len(text) > len("false") or text.lower() not in {"true", "false"}:
        return None
    layout = "lower" if text.islower() else "upper" if text.isupper() else "title"
    return ValueClass(Family.BOOLEAN, layout)


def _opaque(text: str) -> ValueClass | None:
    return next((found for recognise in _OPAQUES if (found := recognise(text)) is not None), None)


def _uuid(text: str) -> ValueClass | None:
    match = _UUID.fullmatch(text)
    return ValueClass(Family.UUID, _case(text), f"v{match[1]}") if match else None


def _jwt(text: str) -> ValueClass | None:
    return ValueClass(Family.JWT) if _JWT.fullmatch(text) else None


def _hex(text: str) -> ValueClass | None:
    if _POINTER.fullmatch(text):
        return ValueClass(Family.HEX, "0x")
    if _HEX.fullmatch(text) and (looks_random(text) or len(text) in _DIGESTS):
        return ValueClass(Family.HEX, str(len(text)) if len(text) in _DIGESTS else "", _case(text))
    return None


def _token(text: str) -> ValueClass | None:
    if _ALNUM.fullmatch(text):
        return ValueClass(Family.TOKEN, "", _token_kind(text)) if looks_random(text) else None
    return compound_class(text)


def _base64(text: str) -> ValueClass | None:
    if len(text) < _BASE64_MINIMUM or _ALNUM.fullmatch(text) or not _BASE64.fullmatch(text):
        return None
    return ValueClass(Family.BASE64) if "=" in text or _reads_as_base64(text) else None


_OPAQUES = (_uuid, _jwt, _hex, _token, _base64)
_DIGESTS = frozenset({32, 40, 56, 64, 96, 128})


def _case(text: str) -> str:
    return "upper" if text.upper() == text and text.lower() != text else "lower"


_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_KSUID_LENGTH = 27


def _token_kind(text: str) -> str:
    if _ULID.fullmatch(text):
        return "ulid"
    return "ksuid" if len(text) == _KSUID_LENGTH else ""


def _reads_as_base64(text: str) -> bool:
    """Whether a text with plus or slash is base64 rather than a path of words."""
    if _WORD_IN_PATH.search(text):
        return False
    return "+" in text or looks_random(max(text.split("/"), key=len))


# Five small letters between two slashes are a word more often than chance.
_WORD_IN_PATH = re.compile(r"(?:^|/)[a-z]{5,}(?:/|$)")


def _other(text: str) -> ValueClass | None:
    if not _TELLTALES.search(text):
        return None
    if _MEASURED.fullmatch(text) or _ISO_DURATION.fullmatch(text):
        return ValueClass(Family.DURATION, "iso" if text.lstrip("-").startswith("P") else text.lstrip("0123456789."))
    if _AGO.fullmatch(text):
        return ValueClass(Family.DURATION, "ago")
    if _IPV4.fullmatch(text) or _IPV6.fullmatch(text):
        return ValueClass(Family.ADDRESS, "v4" if "." in text else "v6")
    for family, pattern in ((Family.URL, _URL), (Family.EMAIL, _EMAIL), (Family.VERSION, _VERSION)):
        if pattern.fullmatch(text):
            return ValueClass(family)
    return None


_RECOGNISERS = (time_class, _number, _boolean, _opaque, _other)
# What a run of letters and digits can be that starts with a letter; most ids end in one.
_RECOGNISERS_OF_RUNS = (_boolean, _hex, _token, _other)
