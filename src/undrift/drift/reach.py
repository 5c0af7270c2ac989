"""What could not be looked at: failures, refusals, and what a broken run never reached."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.body import BodyKind
from undrift.drift.results import CouldNotCheck, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.drift.align import Alignment
    from undrift.drift.comparison import Context
    from undrift.drift.traffic import Exchange
    from undrift.model import Cassette, Failure

_SERVER_ERROR = 5
_SUCCESS = 2
_TOO_MANY_REQUESTS = 429
_UNAUTHORIZED = 401
_BROKEN_OFF = frozenset({"failed", "error", "skipped"})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is left of the stored side: truly missing interactions, and further problems."""

    missing: tuple[Exchange, ...]
    problems: tuple[CouldNotCheck, ...]


def could_not_look(stored: Exchange, fresh: Exchange, context: Context) -> CouldNotCheck | None:
    """Why a pair cannot be compared, or None where it can."""
    reason = _refusal(stored, fresh)
    if reason is not None:
        status = fresh.interaction.response.status
        detail = f"{fresh.method} {fresh.endpoint} answered {status}, where {stored.interaction.response.status} was."
        return CouldNotCheck(context.cassette, context.test, reason, detail)
    for name, exchange in (("stored", stored), ("fresh", fresh)):
        if _is_sealed(exchange) and stored.interaction.response.body != fresh.interaction.response.body:
            encoding = exchange.interaction.response.headers.get("Content-Encoding")
            detail = f"The {name} body of {stored.method} {stored.endpoint} is still packed as {encoding}."
            return CouldNotCheck(context.cassette, context.test, Reason.NOT_COMPARED, detail)
    return None


def unfinished(
    stored: Cassette, fresh: Cassette, alignment: Alignment, problems: Sequence[CouldNotCheck], context: Context
) -> Unfinished:
    """What the fresh take did not get to see, once all pairs were compared."""
    more = list(_failures(stored, fresh, context))
    missing = alignment.missing
    broken_off = bool(problems or more) or context.test_outcome in _BROKEN_OFF
    if missing and broken_off:
        if not (problems or more):
            # Where a failure to look is named already, this would say the same thing twice.
            more.append(_not_reached(missing, context))
        missing = ()
    if not (alignment.pairs or problems or more):
        more.extend(_nothing_in_common(stored, fresh, context))
    return Unfinished(missing, tuple(more))


def _nothing_in_common(stored: Cassette, fresh: Cassette, context: Context) -> Iterator[CouldNotCheck]:
    """Two sides of which nothing was compared: whatever else is said, they are not clean."""
    if stored.interactions or fresh.interactions:
        detail = "No request of one side answers to one of the other. Compare two recordings of one test."
    elif stored.failures or fresh.failures:
        return  # Requests that got no answer then, and get none now.
    else:
        detail = "Neither side holds an interaction. Record the test again, or delete the cassette."
    yield CouldNotCheck(context.cassette, context.test, Reason.NOT_COMPARED, detail)


def _not_reached(missing: Sequence[Exchange], context: Context) -> CouldNotCheck:
    first = f"{missing[0].method} {missing[0].endpoint}"
    more = f" and the {len(missing) - 1} after it" if len(missing) > 1 else ""
    detail = f"The fresh take never got to the stored {first}{more}."
    return CouldNotCheck(context.cassette, context.test, Reason.NOT_REACHED, detail)


def _refusal(stored: Exchange, fresh: Exchange) -> Reason | None:
    old, new = stored.interaction.response.status, fresh.interaction.response.status
    if fresh.family == _SERVER_ERROR and stored.family != _SERVER_ERROR:
        return Reason.SERVER_ERROR
    if new == _TOO_MANY_REQUESTS != old:
        return Reason.RATE_LIMITED
    if new == _UNAUTHORIZED and stored.family == _SUCCESS:
        return Reason.UNAUTHORIZED
    return None


def _is_sealed(exchange: Exchange) -> bool:
    """Whether a body still carries a content encoding that nobody could take off."""
    response = exchange.interaction.response
    encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    return encoding != "identity" and not response.encoding and exchange.received.kind is BodyKind.BINARY


def _failures(stored: Cassette, fresh: Cassette, context: Context) -> list[CouldNotCheck]:
    """The fresh failures that the stored side does not have too."""
    known = Counter(_failure_key(failure) for failure in stored.failures)
    found = []
    for failure in fresh.failures:
        key = _failure_key(failure)
        if known[key]:
            known[key] -= 1
            continue
        detail = f"{failure.request.method} {failure.request.url}: {failure.message or failure.kind}"
        found.append(CouldNotCheck(context.cassette, context.test, _reason(failure.kind), detail))
    return found


def _failure_key(failure: Failure) -> tuple[str, str]:
    return failure.request.method, failure.kind


def _reason(kind: str) -> Reason:
    try:
        return Reason(kind)
    except ValueError:
        return Reason.NOT_COMPARED
