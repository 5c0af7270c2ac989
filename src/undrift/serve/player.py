"""Which recorded outcome answers a request, whatever origin it was recorded from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from undrift.match import RequestIndex, describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.match import MatchResult, MatchRules
    from undrift.model import Cassette, Failure, Request, Response

_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_ONE_ORIGIN: Final = "http://undrift"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded for a request; ``group`` tells equal requests from others."""

    group: int
    request: Request
    outcome: Response | Failure


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a request has no answer, in whole sentences, with the nearest one as a guess.

    ``differences`` has a line for each thing in which the nearest differs.
    """

    problem: str
    nearest: str
    differences: tuple[str, ...]


class Player:
    """The recorded outcomes of some cassettes, and how many of each were used."""

    def __init__(self, cassettes: Sequence[Cassette], rules: MatchRules) -> None:
        self._entries = tuple(entry for cassette in cassettes for entry in _entries(cassette))
        self._index = RequestIndex([_without_origin(request) for request, _, _ in self._entries], rules)
        self._used: dict[int, int] = {}

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that was recorded, as it was written."""
        found = (_ORIGIN.match(request.url) for request, _, _ in self._entries)
        return frozenset(origin.group() for origin in found if origin is not None)

    def look_up(self, request: Request) -> Recorded | Miss:
        """The next unused outcome for a request, or the last one again where all were used."""
        local = _without_origin(request)
        positions = self._index.matches(local)
        if not positions:
            return self._miss(request, self._index.nearest(local))
        group = positions[0]
        recorded, outcome, _ = self._entries[positions[min(self._used.get(group, 0), len(positions) - 1)]]
        return Recorded(group, recorded, outcome)

    def use(self, recorded: Recorded) -> None:
        """Take an outcome for used, so that the next equal request gets the next one."""
        self._used[recorded.group] = self._used.get(recorded.group, 0) + 1

    def _miss(self, request: Request, nearest: tuple[int, MatchResult] | None) -> Miss:
        problem = f"Nothing that was recorded equals {_shown(request)}."
        if nearest is None:
            return Miss(f"{problem} Nothing is like it either. Record it, or serve the cassette that has it.", "", ())
        recorded, _, place = self._entries[nearest[0]]
        guess = f"{_shown(recorded)} ({place})"
        return Miss(
            f"{problem} The nearest, as a guess, is {guess}. Send what was recorded, or record anew.",
            guess,
            tuple(describe(nearest[1]).splitlines()),
        )


def _entries(cassette: Cassette) -> Iterator[tuple[Request, Response | Failure, str]]:
    name = cassette.test or "a cassette without a test"
    failures = sorted(cassette.failures, key=lambda failure: failure.position)
    for number, interaction in enumerate(cassette.interactions):
        while failures and failures[0].position <= number:
            yield failures[0].request, failures[0], f"a failure before interaction {number} of {name}"
            del failures[0]
        yield interaction.request, interaction.response, f"interaction {number} of {name}"
    for failure in failures:
        yield failure.request, failure, f"a failure at the end of {name}"


def _without_origin(request: Request) -> Request:
    return replace(request, url=_ORIGIN.sub(_ONE_ORIGIN, request.url, count=1))


def _shown(request: Request) -> str:
    return f"{request.method} {_ORIGIN.sub('', request.url, count=1) or '/'}"
