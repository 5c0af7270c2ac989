"""One exchange, step by step, for clients that are intercepted where they send.

A generator decides: it yields the request when it must be sent, gets back what came of
it, and returns what the client shall see. The shells that drive it differ only in how
they send: one waits, the other awaits.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from undrift.engine.deck import Send
from undrift.engine.failures import kind_of, name_of
from undrift.engine.reading import BrokenOff, Reading
from undrift.model import Response

if TYPE_CHECKING:
    from collections.abc import Generator

    from undrift.engine.deck import Deck
    from undrift.model import Failure, Request


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending for real: all of a response, or what came before it broke off with an error."""

    response: Response
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """What connecting or sending raised, for drivers of clients whose errors do not say when they came."""

    error: Exception


Outcome: TypeAlias = "Response | Reading | BrokenOff | Exception | NotSent"
Steps: TypeAlias = "Generator[None, Outcome, Response | Failure | Sent]"


def exchange(deck: Deck, request: Request) -> Steps:
    """Play, or have the driver send and keep what came back.

    Yields at most once; the driver then sends the request for real, and sends the response,
    what its client is reading of it, what came of it before it broke off, or the exception into
    the generator. Returns the recorded response or failure to play, or ``Sent`` where the client
    has the real one. An exception sent in is raised again.
    """
    __tracebackhide__ = True
    answer = deck.answer(request)
    if not isinstance(answer, Send):
        return answer
    started = time.perf_counter()
    outcome = yield
    if isinstance(outcome, Reading):
        if answer is Send.AND_KEEP:
            deck.keep_reading(request, outcome, started)
        return Sent(outcome.head)
    if isinstance(outcome, BrokenOff):
        if answer is Send.AND_KEEP:
            error = outcome.error
            deck.keep_failure(request, kind_of(error), str(error), name_of(error), came=outcome.came)
        return Sent(outcome.came, outcome.error)
    if not isinstance(outcome, Response):
        error = outcome.error if isinstance(outcome, NotSent) else outcome
        if answer is Send.AND_KEEP:
            deck.keep_failure(request, kind_of(error), str(error), name_of(error, sent=error is outcome))
        raise error
    if answer is Send.AND_KEEP:
        deck.keep(request, outcome, elapsed=round(time.perf_counter() - started, 6))
    return Sent(outcome)


def settle(steps: Steps, outcome: Outcome) -> None:
    """Have the deck keep what came of sending, for a driver whose client has heard of it by another way."""
    # It ends with the response, or raises the error once more.
    with suppress(StopIteration, Exception):
        steps.send(outcome)
