"""What class a value is of: a time, an id, a token, a number, or plain text.

A class has a family and a layout. Two values of one class are written alike, and a client
that reads one reads the other; a change of class is a change of the contract.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


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


# Times outside of these years are numbers that happen to look like times.
_FIRST_SECOND = 978_307_200  # 2001-01-01
_LAST_SECOND = 4_102_444_800  # 2100-01-01
_EPOCHS = tuple(
    (_FIRST_SECOND * factor, _LAST_SECOND * factor, unit)
    for factor, unit in ((1, "s"), (1_000, "ms"), (1_000_000, "us"), (1_000_000_000, "ns"))
)

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ISO = re.compile(
    r"(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))"
    r"(?:(?P<separator>[Tt ])(?P<time>(?:[01]\d|2[0-4]):[0-5]\d)(?P<seconds>:[0-6]\d)?(?P<fraction>[.,]\d+)?"
    r"(?P<gap> ?)(?P<zone>Z|z|UTC|GMT|[+-]\d\d:\d\d|[+-]\d{4}|[+-]\d\d)?)?"
)
_COMPACT = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T?(?:[01]\d|2[0-3])[0-5]\d[0-6]\d(?P<zone>Z?)"
)
_NAMED_TIMES = (
    ("rfc7231", re.compile(rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT")),
    ("rfc2822", re.compile(rf"(?:{_DAY}, )?\d\d? {_MONTH} \d{{4}} \d\d:\d\d(?::\d\d)? [+-]\d{{4}}")),
    ("rfc850", re.compile(rf"[A-Z][a-z]+day, \d\d-{_MONTH}-\d\d \d\d:\d\d:\d\d GMT")),
    ("asctime", re.compile(rf"{_DAY} {_MONTH} [ \d]\d \d\d:\d\d:\d\d \d{{4}}")),
    ("log", re.compile(rf"\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}}")),
    ("slashes", re.compile(r"\d\d?/\d\d?/\d{4}(?:[ T]\d\d:\d\d(?::\d\d)?)?")),
    ("clock", re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d(?:\.\d+)?Z?")),
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_POINTER = re.compile(r"0x[0-9a-fA-F]{4,}")
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")
_BASE64_MINIMUM = 16
_ISO_DURATION = re.compile(r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:[\d.]+S)?)?")
_MEASURED = re.compile(r"\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|sec|seconds|m|min|h)")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?P<fraction>\.\d+)?(?:[eE][+-]?\d+)?")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?::\d{1,5})?")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{3,39}")
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}[0-9A-Za-z]*(?:[-.+][0-9A-Za-z]+)*")
_ALNUM = re.compile(r"[0-9A-Za-z]+")
_NANOID = re.compile(r"[\w-]{21}", re.ASCII)

# No amount or count has so many digits; the ids of many systems have.
_ID_DIGITS = 16, 40
_TOKEN_MINIMUM = 8
_LONGEST_CLASSIFIED = 8192
# A word of no known language is this long without a separator.
_LONGER_THAN_WORDS = 32
_LETTER_KINDS = bytes.maketrans(
    f"{string.digits}{string.ascii_lowercase}{string.ascii_uppercase}".encode(), b"d" * 10 + b"l" * 26 + b"u" * 26
)
_DIGITS_INSIDE = re.compile(r"[A-Za-z]\d+[A-Za-z]", re.ASCII)
# Digits between letters, among them one that no number, time or run of hexadecimal digits has.
_MIXED = re.compile(r"(?!0x)(?=[0-9A-Za-z]*[g-wyz])(?=[0-9A-Za-z]*[A-Za-z][0-9]+[A-Za-z])[0-9A-Za-z]{8,}")
# A letter first, or one that no compact time, number or address of memory has.
_NEITHER_TIME_NOR_NUMBER = re.compile(r"[A-Za-z]|(?!0x).*[a-df-wyz]")
_TRANSITIONS = (b"dl", b"ld", b"du", b"ud", b"lu", b"ul")
# No word has so many consonants in a row; chance has.
_UNSPEAKABLE = re.compile(r"[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]{5}")


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


def epoch_unit(number: float) -> str:
    """The unit in which a number counts since 1970: ``s``, ``ms``, ``us`` or ``ns``, or empty."""
    if not number >= _FIRST_SECOND:  # NaN, too
        return ""
    for first, last, unit in _EPOCHS:
        if first <= number < last:
            return unit
    return ""


def looks_random(token: str) -> bool:
    """Whether a run of letters and digits was drawn by chance rather than chosen as a word.

    Chance mixes digits and letters, or upper and lower case, far more often than words,
    camel case or a word with a number at its end do.
    """
    if len(token) < _TOKEN_MINIMUM or token.isdigit():
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
    return len(token) > _TOKEN_MINIMUM and _UNSPEAKABLE.search(token) is not None


def _is_spoken(letters: str) -> bool:
    """Whether letters fall into words at their capitals, as in ``GetUserById``: each with a vowel and no gap."""
    return all(len(word) > 1 and _VOWEL.search(word) for word in _CAMEL.findall(letters))


_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")


def _has_digits_at_one_end(kinds: bytes) -> bool:
    """Whether all digits stand in one run at the start or the end, as in ``Version20``."""
    return b"d" not in kinds.strip(b"d") and not (kinds.startswith(b"d") and kinds.endswith(b"d"))


_TIME_STARTS = frozenset("0123456789MTWFS")
# Every class that is recognised last has one of these.
_TELLTALES = re.compile(r"[0-9:@.+-]|P")


def _time(text: str) -> ValueClass | None:
    if text[0] not in _TIME_STARTS:
        return None
    if match := _ISO.fullmatch(text):
        return ValueClass(Family.TIME, _iso_layout(match))
    if match := _COMPACT.fullmatch(text):
        return ValueClass(Family.TIME, f"compact {'T' if 'T' in text else ''}{match['zone']}")
    for name, pattern in _NAMED_TIMES:
        if pattern.fullmatch(text):
            return ValueClass(Family.TIME, name)
    return None


def _iso_layout(match: re.Match[str]) -> str:
    if match["time"] is None:
        return "date"
    zone = match["zone"] or ""
    if zone[:1] in {"+", "-"}:
        zone = {6: "+hh:mm", 5: "+hhmm"}.get(len(zone), "+hh")
    # How many digits a fraction has is up to chance: many writers drop zeros at its end.
    fraction = f"{match['fraction'][0]}f" if match["fraction"] else ""
    return f"{match['separator']}{':ss' if match['seconds'] else ''}{fraction}{match['gap']}{zone}"


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
    if _NANOID.fullmatch(text) and not _is_worded(text):
        return ValueClass(Family.TOKEN, "", "nanoid")
    return None


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
    return "+" in text or looks_random(max(text.split("/"), key=len))


def _is_worded(text: str) -> bool:
    """Whether a text falls into words at its dashes and underscores."""
    return not any(looks_random(part) for part in re.split(r"[-_]", text))


def _other(text: str) -> ValueClass | None:
    if not _TELLTALES.search(text):
        return None
    if _MEASURED.fullmatch(text) or _ISO_DURATION.fullmatch(text):
        return ValueClass(Family.DURATION, "iso" if text.lstrip("-").startswith("P") else text.lstrip("0123456789."))
    if _IPV4.fullmatch(text) or _IPV6.fullmatch(text):
        return ValueClass(Family.ADDRESS, "v4" if "." in text else "v6")
    for family, pattern in ((Family.URL, _URL), (Family.EMAIL, _EMAIL), (Family.VERSION, _VERSION)):
        if pattern.fullmatch(text):
            return ValueClass(family)
    return None


_RECOGNISERS = (_time, _number, _boolean, _opaque, _other)
# What a run of letters and digits can be that starts with a letter; most ids end in one.
_RECOGNISERS_OF_RUNS = (_boolean, _hex, _token, _other)
