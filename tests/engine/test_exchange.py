from __future__ import annotations

import pytest

from undrift.engine import Deck, DeckOptions, Policy, hooks_for
from undrift.engine.exchange import Sent, exchange
from undrift.errors import NoCassetteError
from undrift.model import Cassette, Interaction, Request, Response

REQUEST = Request("GET", "http://127.0.0.1/one")
RESPONSE = Response(200, "OK", body=b"one")


def finished(steps: object) -> object:
    with pytest.raises(StopIteration) as end:
        next(steps)  # type: ignore[call-overload] # a generator
    return end.value.value


def test_a_recorded_answer_is_given_without_sending() -> None:
    deck = Deck(Cassette((Interaction(REQUEST, RESPONSE),)), DeckOptions())
    assert finished(exchange(deck, REQUEST)) == RESPONSE


def test_a_refusal_comes_before_sending() -> None:
    with pytest.raises(NoCassetteError):
        next(exchange(Deck(None, DeckOptions()), REQUEST))


def test_what_was_sent_is_kept() -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    steps = exchange(deck, REQUEST)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(RESPONSE)
    assert end.value.value == Sent(RESPONSE)
    (kept,) = deck.take().interactions
    assert (kept.request, kept.response) == (REQUEST, RESPONSE)
    assert kept.elapsed is not None
    assert kept.elapsed >= 0


def test_a_failure_is_kept_and_raised_again() -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    steps = exchange(deck, REQUEST)
    next(steps)
    with pytest.raises(TimeoutError, match="too slow"):
        steps.send(TimeoutError("too slow"))
    (failure,) = deck.take().failures
    assert (failure.kind, failure.message) == ("timeout", "too slow")


@pytest.mark.parametrize("outcome", [RESPONSE, TimeoutError("too slow")])
def test_what_hooks_leave_out_is_sent_and_forgotten(outcome: Response | Exception) -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD, hooks=hooks_for({"ignore_localhost": True}, foreign=False)))
    steps = exchange(deck, REQUEST)
    next(steps)
    with pytest.raises((StopIteration, TimeoutError)):
        steps.send(outcome)
    assert not deck.has_recorded
