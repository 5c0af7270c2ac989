"""Differences in words, for error messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from undrift.match.differences import ABSENT, shorten

if TYPE_CHECKING:
    from undrift.match.differences import Difference, MatchResult

_MOST_LINES: Final = 20
_WIDTH: Final = 120


def describe(result: MatchResult) -> str:
    """A line for each difference: where it is, what was recorded, what was sent.

    Values are written as JSON, long ones shortened to where they differ, and characters that
    are not for printing escaped. After twenty lines it says how many more there are. The text
    is empty for a match.
    """
    lines = [_line(reason) for reason in result.reasons[:_MOST_LINES]]
    if len(result.reasons) > _MOST_LINES:
        lines.append(f"and {len(result.reasons) - _MOST_LINES} more differences")
    return "\n".join(lines)


def _line(reason: Difference) -> str:
    place = " ".join(filter(None, (reason.part, reason.at)))
    recorded, sent = shorten(_text(reason.recorded), _text(reason.sent), _WIDTH)
    return f"{_escape(place)}: recorded {recorded} / sent {sent}"


def _text(value: Any) -> str:
    return str(value) if value is ABSENT else _escape(json.dumps(value, ensure_ascii=False))


def _escape(text: str) -> str:
    """Escape what would act upon a terminal, or hide itself."""
    if text.isprintable():
        return text
    escaped = (letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    return "".join(escaped)
