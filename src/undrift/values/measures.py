"""Numbers that a machine measured: how long something took, how much memory it uses, any number of full precision."""

from __future__ import annotations

import re

from undrift.values.written import epoch_unit

_MEASURED_WORDS = frozenset({"took", "elapsed", "latency", "uptime", "runtime", "ago", "lag", "remaining", "ttl"})
# What is measured where a unit or "time" stands beside it: processingTimeMs, but not timeoutMs.
_DOING_WORDS = frozenset({"processing", "execution", "exec", "query", "response", "search", "render", "cpu", "wall"})
_UNIT_WORDS = frozenset({"ms", "us", "ns", "msec", "millis", "micros", "nanos", "secs", "seconds", "duration", "time"})
# What a machine says of its own state; what people set, such as a limit, has rounder numbers.
_GAUGE_WORDS = frozenset(
    {"rss", "heap", "memory", "mem", "freemem", "vms", "swap", "used", "free", "available", "usage"}
)
_LOAD_WORDS = frozenset({"loadavg", "cpu"})
# A greater age is one in milliseconds or so, and no person's.
_OLDEST_YEARS = 130
_MEASURED_DIGITS = 6
# A fraction that was computed or drawn has as many digits as fit; nobody writes so many.
_PRECISE_DIGITS = 13
# Durations that a clock made rather than a hand: with a fraction, or in less than seconds.
FINE = re.compile(r"\.\d|\d ?(?:ns|us|µs|ms)$")


def are_measured(stored: float, fresh: float, about: frozenset[str]) -> bool:
    """Whether two numbers were measured, by the words of their name or by more digits than people write."""
    if about & _MEASURED_WORDS or (_is_precise(stored) and _is_precise(fresh)):
        return True
    if about & _LOAD_WORDS and isinstance(stored, float):
        return True
    if "age" in about and min(stored, fresh) > _OLDEST_YEARS:
        return True
    if not about & (_UNIT_WORDS | _GAUGE_WORDS):
        return False
    units = about & _UNIT_WORDS
    # duration_ms and query_time are measured, timeout_ms is set.
    is_time_of_work = len(units) > 1 or bool(units and about & _DOING_WORDS)
    return is_time_of_work or (_has_many_digits(stored) and _has_many_digits(fresh))


def _has_many_digits(number: float) -> bool:
    """Whether a number has more digits than people write."""
    if type(number) is int:
        return abs(number) >= 10**_MEASURED_DIGITS and epoch_unit(number) == ""
    return _digits(number) >= _MEASURED_DIGITS


def _is_precise(number: float) -> bool:
    """Whether a number has about all the digits that a fraction can have."""
    return type(number) is float and _digits(number) >= _PRECISE_DIGITS


def _digits(number: float) -> int:
    """How many digits a fraction has, its exponent left out."""
    return len(repr(number).partition("e")[0].replace(".", "").strip("0"))
