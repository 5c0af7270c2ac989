"""When to send again, and how long to wait before: what 429, 503 and Retry-After ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

from undrift.errors import NotAnsweredError, UsageError
from undrift.model import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.model import Request

_NONE: Final = timedelta(0)
# So many seconds fit any timedelta, and no one waits for more.
_MOST_DIGITS: Final = 12
# RFC 9110, section 9.2.2: doing it twice does what doing it once does.
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


class Clock(Protocol):
    """What time it is, and how to let some pass."""

    def now(self) -> datetime:
        """The time, with its zone."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Come back after this long."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Sleep in this thread."""
        time.sleep(duration.total_seconds())


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to send, and how long to wait in all.

    ``tries`` counts the first one too. ``longest_wait`` bounds the sum of all pauses: a pause
    that would go beyond it is not begun. ``first_pause`` is for answers that do not say how
    long, and doubles with each try.

    A 429 was not acted upon, and so any request is sent again after it. After a 503 or no
    answer nobody knows, and so only what may be done twice is sent again: the idempotent
    methods, and requests that carry an ``Idempotency-Key``.
    """

    tries: int = 4
    longest_wait: timedelta = timedelta(seconds=60)
    first_pause: timedelta = timedelta(seconds=1)

    def __post_init__(self) -> None:
        if self.tries < 1 or self.longest_wait < _NONE or self.first_pause < _NONE:
            raise UsageError("A policy of retries needs one try at least, and no negative times.")

    def wants_another_try(self, request: Request, status: int | None) -> bool:
        """Whether to send again after this status; None stands for no answer."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return True
        is_repeatable = request.method in _IDEMPOTENT or "Idempotency-Key" in request.headers
        return is_repeatable and status in {None, HTTPStatus.SERVICE_UNAVAILABLE}

    def pause(self, attempt: int, asked: timedelta | None) -> timedelta:
        """How long to wait after an attempt, counted from 1, where ``asked`` is what the answer says."""
        return self.first_pause * 2 ** (attempt - 1) if asked is None else asked


DEFAULT_POLICY: Final = RetryPolicy()


def send(
    request: Request,
    *,
    clock: Clock,
    transport: Callable[[Request], Response],
    policy: RetryPolicy = DEFAULT_POLICY,
) -> Response:
    """Send a request, and again when the answer asks for patience.

    Gives the last answer, whatever it is, once it is final or patience is used up. Raises what
    the transport raised, NotAnsweredError, where the last try got no answer.
    """
    waited = _NONE
    for attempt in range(1, policy.tries):
        outcome = _try(request, transport)
        answer = outcome if isinstance(outcome, Response) else None
        asked = None if answer is None else read_retry_after(answer, clock.now())
        pause = policy.pause(attempt, asked)
        wants_more = policy.wants_another_try(request, None if answer is None else answer.status)
        if not wants_more or pause > policy.longest_wait - waited:
            return _final(outcome)
        clock.sleep(pause)
        waited += pause
    return transport(request)


def read_retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long a response asks to wait (RFC 9110, section 10.2.3); None where it does not say.

    The field holds seconds or a date; a date that is past asks for no wait.
    """
    value = (response.headers.get("Retry-After") or "").strip()
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value)) if len(value) <= _MOST_DIGITS else timedelta.max
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date of HTTP is in GMT, also in the oldest of its three forms, which does not say so.
    return max(_NONE, (when if when.tzinfo else when.replace(tzinfo=UTC)) - now)


def _try(request: Request, transport: Callable[[Request], Response]) -> Response | NotAnsweredError:
    try:
        return transport(request)
    except NotAnsweredError as error:
        return error


def _final(outcome: Response | NotAnsweredError) -> Response:
    if isinstance(outcome, NotAnsweredError):
        raise outcome
    return outcome
