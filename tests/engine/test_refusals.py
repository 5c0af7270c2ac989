"""The words of refusals: what was sent, what is nearest, what to do."""

from __future__ import annotations

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from undrift import errors
from undrift.engine import Deck, DeckOptions, refusals
from undrift.model import Cassette, Interaction, Request, Response

COMMAND = "undrift record tests/test_x.py::test_y"


def get(path: str) -> Request:
    return Request("GET", f"https://api.example.com/{path}")


def refusal(recorded: list[str], *sent: str) -> errors.PlaybackError:
    cassette = Cassette(tuple(Interaction(get(path), Response(200)) for path in recorded))
    deck = Deck(cassette, DeckOptions(record_command=COMMAND), path="cassettes/y.yaml")
    *fine, last = sent
    for path in fine:
        deck.answer(get(path))
    with pytest.raises(errors.PlaybackError) as caught:
        deck.answer(get(last))
    return caught.value


def test_used_up() -> None:
    error = refusal(["a", "a"], "a", "a", "a")
    assert str(error) == (
        "GET https://api.example.com/a was recorded 2 times in cassettes/y.yaml, and every answer was played already.\n"
        f"If the code under test should ask again, record the test again:\n  {COMMAND}\n"
        "If it polls, allow repeats: @pytest.mark.vcr(allow_playback_repeats=True)."
    )


def test_nothing_like_it() -> None:
    error = refusal(["a", "b"], "completely/elsewhere/1")
    assert type(error) is refusals.NoMatchError
    assert str(error) == (
        "GET https://api.example.com/completely/elsewhere/1 cannot be replayed: nothing like it is in "
        "cassettes/y.yaml, which holds 2 interactions.\n"
        f"If the code under test should send it, record the test again:\n  {COMMAND}"
    )


@pytest.mark.parametrize(("recorded", "held"), [([], "no interactions"), (["b/c/d"], "1 interaction")])
def test_a_cassette_that_holds_little_is_there(recorded: list[str], held: str) -> None:
    error = refusal(recorded, "completely/elsewhere/1")
    assert type(error) is refusals.NoMatchError
    assert f"cassettes/y.yaml, which holds {held}.\n" in str(error)


def test_a_near_miss_is_a_probability() -> None:
    error = refusal(["a?x=1"], "a?x=2")
    assert type(error) is refusals.NearMissError
    lines = str(error).splitlines()
    assert lines[0] == "GET https://api.example.com/a?x=2 cannot be replayed: no request in cassettes/y.yaml equals it."
    assert lines[1] == ("The nearest is probably interaction 0, GET https://api.example.com/a?x=1. What differs:")
    assert lines[-1] == f"  {COMMAND}"


def test_each_is_the_error_of_vcrpy_and_ours() -> None:
    for error in (refusal([], "a"), refusal(["a"], "a", "a"), refusal(["b?x=1"], "b?x=2")):
        assert isinstance(error, CannotOverwriteExistingCassetteException)
        assert error.request.startswith("GET https://api.example.com/")
        assert (error.cassette, error.failed_request, error.similar_requests) == (None, None, [])
