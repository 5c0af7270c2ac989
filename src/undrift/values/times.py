"""When a value says: the moment of a time that is written in any known layout."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from undrift.values.classes import classify
from undrift.values.families import Family
from undrift.values.written import epoch_unit

_FACTORS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def moment(value: object) -> float | None:
    """The seconds since 1970 that a value stands for, or None where it is no time or in no known layout."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _counted(value)
    if not isinstance(value, str) or classify(value).family is not Family.TIME:
        return None
    if value.replace(".", "", 1).isdigit():
        return _counted(float(value))
    return _written(value)


def _counted(number: float) -> float | None:
    unit = epoch_unit(number)
    return number / _FACTORS[unit] if unit else None


def _written(text: str) -> float | None:
    for parse in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            parsed = parse(text)
        except (ValueError, IndexError):
            continue
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
        return aware.timestamp()
    return None
