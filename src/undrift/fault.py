"""Plans of what goes wrong: which answers come late, torn, not at all, or with another status.

A plan is drawn from a seed, answer by answer, with a hash in place of a random number
generator: the same seed gives the same plan on every machine and in every version of Python.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from undrift.errors import UsageError
from undrift.model import Headers, Response

_DRAWS: Final = 2**64
_LOWEST_STATUS: Final = 400
_HIGHEST_STATUS: Final = 599
# Statuses with which a server may say when to come again (RFC 9110, section 10.2.3; RFC 6585, section 4).
_WITH_RETRY_AFTER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class FaultKind(StrEnum):
    """What happens to an answer."""

    DELAY = "delay"
    RESET = "reset"
    TRUNCATE = "truncate"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one answer; each field is of the kind that it is named for.

    ``delay`` is how late the answer comes; ``cut`` a number from which ``kept_bytes`` follows;
    ``status`` the status in place of the recorded one, and ``retry_after`` what its field of
    that name says, in whole seconds, where it has one.
    """

    kind: FaultKind
    delay: timedelta = timedelta(0)
    cut: int = 0
    status: int = 0
    retry_after: timedelta | None = None

    def kept_bytes(self, size_bytes: int) -> int:
        """How many bytes of a body of this size go out before the connection breaks: never all."""
        return self.cut % size_bytes if size_bytes else 0

    def answer(self) -> Response:
        """The answer of a fault that sets another status: without a body."""
        fields = [("Content-Length", "0")]
        if self.retry_after is not None:
            fields.append(("Retry-After", str(int(self.retry_after.total_seconds()))))
        known = {int(status): status.phrase for status in HTTPStatus}
        return Response(self.status, known.get(self.status, ""), Headers.of(fields))


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which answers fail, and how.

    ``rate`` is the share of answers, from 0 to 1, that get a fault of one of ``kinds``. A delay
    is one millisecond at least and ``longest_delay`` at most; another status is one of
    ``statuses``, and 429 and 503 say to come again after ``retry_after``. ``fixed`` are
    faults for certain answers, which come before what is drawn. Raises UsageError for a plan
    that cannot be.
    """

    seed: int = 0
    rate: float = 0.1
    kinds: tuple[FaultKind, ...] = tuple(FaultKind)
    longest_delay: timedelta = timedelta(seconds=1)
    statuses: tuple[int, ...] = (429, 500, 502, 503)
    retry_after: timedelta = timedelta(seconds=1)
    fixed: tuple[tuple[int, Fault], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise UsageError(f"The rate of faults is {self.rate}. Give a share between 0 and 1.")
        if not self.kinds:
            raise UsageError("A plan of faults needs a kind of fault. Leave kinds out for all of them.")
        if FaultKind.STATUS in self.kinds and not self.statuses:
            raise UsageError("A plan that changes the status needs statuses. Name some, or leave that kind out.")
        wrong = [status for status in self.statuses if not _LOWEST_STATUS <= status <= _HIGHEST_STATUS]
        if wrong:
            raise UsageError(f"The status {wrong[0]} is no failure. Give statuses from 400 to 599.")
        if self.longest_delay < timedelta(milliseconds=1) or self.retry_after < timedelta(0):
            raise UsageError("A delay is too short. Give a longest_delay of 1 ms or more, and no negative retry_after.")

    def fault_for(self, ordinal: int) -> Fault | None:
        """What happens to the answer with this number, counted from 0; None where all goes well."""
        fixed = next((fault for number, fault in self.fixed if number == ordinal), None)
        if fixed is not None:
            return fixed
        if self._draw(ordinal, "whether", _DRAWS) >= self.rate * _DRAWS:
            return None
        kind = self.kinds[self._draw(ordinal, "kind", len(self.kinds))]
        if kind is FaultKind.DELAY:
            longest = self.longest_delay // timedelta(milliseconds=1)
            return Fault(kind, delay=timedelta(milliseconds=1 + self._draw(ordinal, "delay", longest)))
        if kind is FaultKind.TRUNCATE:
            return Fault(kind, cut=self._draw(ordinal, "cut", _DRAWS))
        if kind is FaultKind.STATUS:
            status = self.statuses[self._draw(ordinal, "status", len(self.statuses))]
            return Fault(kind, status=status, retry_after=self.retry_after if status in _WITH_RETRY_AFTER else None)
        return Fault(kind)

    def _draw(self, ordinal: int, purpose: str, below: int) -> int:
        digest = hashlib.sha256(f"{self.seed} {ordinal} {purpose}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below
