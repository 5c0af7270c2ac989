"""Reading plain data: each function gives what it was asked for, or one sentence that says what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from undrift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def only(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise ConfigError for a key that nobody knows."""
    names = tuple(known)
    for key in table:
        if key not in names:
            raise ConfigError(f"{where} has the unknown key {key!r}.{hint(key, names)}")


def hint(word: str, known: Iterable[str]) -> str:
    """What may have been meant, and what would be right, with a space before it."""
    import difflib  # noqa: PLC0415 - only for a mistake

    names = [str(name) for name in known]
    near = difflib.get_close_matches(word, names, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"{guess} Valid are: {', '.join(names)}."


def choice(value: Any, valid: tuple[str, ...], where: str) -> str:
    """One of the valid words."""
    if not isinstance(value, str) or value not in valid:
        raise ConfigError(f"{where} is {value!r}, which is not valid.{hint(str(value), valid)}")
    return value


def text(value: Any, where: str) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} must be a text that is not empty, but is {value!r}.")
    return value


def texts(value: Any, where: str) -> tuple[str, ...]:
    """A list of such texts."""
    return tuple(text(item, f"Each item of {where}") for item in items(value, where))


def items(value: Any, where: str) -> list[Any]:
    """A list of anything."""
    if not isinstance(value, list):
        raise ConfigError(f"{where} must be a list, but is {value!r}.")
    return value


def table(value: Any, where: str) -> Mapping[str, Any]:
    """A table."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table, but is {value!r}.")
    return value


def boolean(value: Any, where: str) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise ConfigError(f"{where} must be true or false, but is {value!r}.")
    return value


def positive(value: Any, where: str) -> float:
    """A number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ConfigError(f"{where} must be a number above zero, but is {value!r}.")
    return float(value)


def pattern(value: Any, where: str) -> str:
    """A regular expression of ``re``."""
    expression = text(value, where)
    try:
        re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(
            f"{where} is {expression!r}, which is no regular expression: {error}. Write it as Python's re does."
        ) from error
    return expression


def patterns(value: Any, where: str) -> tuple[str, ...]:
    """A list of such expressions."""
    return tuple(pattern(item, f"Each item of {where}") for item in items(value, where))
