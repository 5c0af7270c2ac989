"""Times as they are written: which layout a text or a number has, and where a text holds times."""

from __future__ import annotations

import re

from undrift.values.families import Family, ValueClass

# Times outside of these years are numbers that happen to look like times.
_FIRST_SECOND = 978_307_200  # 2001-01-01
_LAST_SECOND = 4_102_444_800  # 2100-01-01
_EPOCHS = tuple(
    (_FIRST_SECOND * factor, _LAST_SECOND * factor, unit)
    for factor, unit in ((1, "s"), (1_000, "ms"), (1_000_000, "us"), (1_000_000_000, "ns"))
)

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_LONG_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-6]\d)?"
_HALF = r"[ \u202f]?(?:[AaPp]\.?[Mm]\.?)"
_ZONE = r"(?:[+-]\d{4}(?: \([A-Z]{3,4}\))?|[A-Z]{3})"
_ISO_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_ISO = re.compile(
    rf"(?P<date>{_ISO_DATE})"
    r"(?:(?P<separator>[Tt ])(?P<time>(?:[01]\d|2[0-4]):[0-5]\d)(?P<seconds>:[0-6]\d)?(?P<fraction>[.,]\d+)?"
    r"(?P<gap> ?)(?P<zone>Z|z|UTC|GMT|[+-]\d\d:\d\d|[+-]\d{4}|[+-]\d\d)?(?P<region>\[[\w/+-]+\])?)?"
)
_COMPACT = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?P<separator>[T_-]?)"
    r"(?:[01]\d|2[0-3])[0-5]\d[0-6]\d(?P<fraction>\.\d+)?(?P<zone>Z?)"
)
# Layouts with a name of their own, the more telling ones first.
_NAMED = (
    ("rfc7231", rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT"),
    ("rfc2822", rf"(?:{_DAY}, )?\d\d? {_MONTH} \d{{4}} \d\d:\d\d(?::\d\d)? {_ZONE}"),
    ("rfc850", rf"[A-Z][a-z]+day, \d\d-{_MONTH}-\d\d \d\d:\d\d:\d\d GMT"),
    ("javascript", rf"{_DAY} {_MONTH} \d\d \d{{4}} \d\d:\d\d:\d\d GMT[+-]\d{{4}}(?: \([^()]+\))?"),
    ("asctime", rf"{_DAY} {_MONTH} [ \d]\d \d\d:\d\d:\d\d \d{{4}}"),
    ("unix", rf"{_DAY} {_MONTH} [ \d]\d \d\d:\d\d:\d\d [A-Z]{{3,4}} \d{{4}}"),
    ("log", rf"\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}}"),
    ("dashes dmy", rf"\d\d-{_MONTH}-\d{{4}}(?: {_CLOCK})?"),
    ("slashes 12h", rf"\d\d?/\d\d?/\d{{4}},? {_CLOCK}{_HALF}"),
    ("slashes", rf"\d\d?/\d\d?/\d{{4}}(?:(?:, |[ T]){_CLOCK})?"),
    ("slashes ymd", rf"(?:19|20)\d\d/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])(?: {_CLOCK}(?:\.\d+)?)?"),
    ("dots", rf"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d(?:,? {_CLOCK})?"),
    ("english", rf"{_LONG_MONTH} \d\d?, \d{{4}}(?:,?(?: at)? {_CLOCK}(?:{_HALF})?)?"),
    ("aspnet", r"/Date\(\d+(?:[+-]\d{4})?\)/"),
    ("clock", r"(?:[01]?\d|2[0-3]):[0-5]\d:[0-6]\d(?:\.\d+)?Z?"),
)
_NAMED_TIMES = tuple((name, re.compile(pattern)) for name, pattern in _NAMED)
_STARTS = frozenset("0123456789MTWFSJAOND/")

# Any time that a longer text may hold. Digits beside it would make it another number.
_ISO_WITHIN = rf"{_ISO_DATE}(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_COMPACT_WITHIN = r"(?:19|20)\d{6}[T_-]\d{6}(?:\.\d+)?Z?"
EMBEDDED = rf"(?<![\d.])(?:{'|'.join([_COMPACT_WITHIN, _ISO_WITHIN, *(pattern for _, pattern in _NAMED)])})(?!\d)"


def time_class(text: str) -> ValueClass | None:
    """The class of a text that is a time as a whole, or None."""
    if text[0] not in _STARTS:
        return None
    if match := _ISO.fullmatch(text):
        return ValueClass(Family.TIME, _iso_layout(match))
    if match := _COMPACT.fullmatch(text):
        fraction = ".f" if match["fraction"] else ""
        return ValueClass(Family.TIME, f"compact {match['separator']}{fraction}{match['zone']}")
    for name, pattern in _NAMED_TIMES:
        if pattern.fullmatch(text):
            return ValueClass(Family.TIME, name)
    return None


def epoch_unit(number: float) -> str:
    """The unit in which a number counts since 1970: ``s``, ``ms``, ``us`` or ``ns``, or empty."""
    if not number >= _FIRST_SECOND:  # NaN, too
        return ""
    for first, last, unit in _EPOCHS:
        if first <= number < last:
            return unit
    return ""


def _iso_layout(match: re.Match[str]) -> str:
    if match["time"] is None:
        return "date"
    zone = match["zone"] or ""
    if zone[:1] in {"+", "-"}:
        zone = {6: "+hh:mm", 5: "+hhmm"}.get(len(zone), "+hh")
    # How many digits a fraction has is up to chance: many writers drop zeros at its end.
    fraction = f"{match['fraction'][0]}f" if match["fraction"] else ""
    region = "[region]" if match["region"] else ""
    return f"{match['separator']}{':ss' if match['seconds'] else ''}{fraction}{match['gap']}{zone}{region}"
