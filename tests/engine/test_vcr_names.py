"""A deck by vcrpy's names."""

from __future__ import annotations

import pytest
from vcr.errors import UnhandledHTTPRequestError
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest

from undrift.engine.deck import Deck, DeckOptions, Policy
from undrift.model import Cassette, Failure, Interaction, Request, Response

A, B = "https://api.example/a", "https://api.example/b"
STORED = Cassette(
    (
        Interaction(Request("GET", A), Response(200, body=b"first")),
        Interaction(Request("GET", B), Response(200, body=b"other")),
        Interaction(Request("GET", A), Response(200, body=b"second")),
    ),
    (Failure(1, Request("GET", "https://api.example/gone"), "timeout"),),
)


def deck(policy: Policy = Policy.PLAY, *, repeats: bool = False) -> Deck:
    return Deck(STORED, DeckOptions(policy=policy, repeats=repeats), file="/suite/cassettes/test_x.yaml")


def asked(url: str) -> VcrRequest:
    return VcrRequest("GET", url, None, {})


def texts(responses: list[dict[str, dict[str, bytes]]]) -> list[bytes]:
    return [response["body"]["string"] for response in responses]


def test_what_is_stored_is_told_in_order_and_without_failures() -> None:
    playing = deck()
    assert [request.uri for request in playing.requests] == [A, B, A]
    assert texts(playing.responses) == [b"first", b"other", b"second"]
    assert [(request.uri, response["body"]["string"]) for request, response in playing.data] == [
        (A, b"first"), (B, b"other"), (A, b"second"),
    ]  # fmt: skip
    assert len(playing) == 3
    assert playing._path == "/suite/cassettes/test_x.yaml"


def test_what_was_played_is_counted_by_interaction() -> None:
    playing = deck(repeats=True)
    playing.answer(Request("GET", "https://api.example/gone"))
    for _ in range(3):
        playing.answer(Request("GET", A))
    assert playing.play_counts == {0: 1, 2: 2}
    assert playing.play_counts[1] == 0
    assert not playing.all_played
    playing.answer(Request("GET", B))
    assert (playing.all_played, playing.play_count) == (True, 5)
    playing.rewind()
    assert (playing.all_played, playing.play_counts) == (False, {})


@pytest.mark.parametrize(
    ("policy", "mode"),
    [(Policy.PLAY, RecordMode.NONE), (Policy.RECORD, RecordMode.ALL), (Policy.EXTEND, RecordMode.NEW_EPISODES)],
)
def test_the_record_mode_is_vcrpys_own(policy: Policy, mode: RecordMode) -> None:
    playing = deck(policy)
    assert playing.record_mode is mode
    assert playing.write_protected == (mode is RecordMode.NONE)


def test_it_is_dirty_once_something_was_recorded() -> None:
    recording = deck(Policy.RECORD)
    assert not recording.dirty
    recording.keep(Request("GET", A), Response(200))
    assert recording.dirty


def test_what_can_be_played_is_what_was_not_played_yet() -> None:
    playing = deck()
    assert asked(A) in playing
    assert texts(playing.responses_of(asked(A))) == [b"first", b"second"]
    for _ in range(2):
        playing.answer(Request("GET", A))
    assert not playing.can_play_response_for(asked(A))
    assert playing.can_play_response_for(asked(B))
    assert not playing.allow_playback_repeats
    assert deck(repeats=True).can_play_response_for(asked(A))


def test_what_was_never_recorded_cannot_be_played() -> None:
    playing = deck()
    assert asked("https://api.example/c") not in playing
    with pytest.raises(UnhandledHTTPRequestError, match="holds no GET https://api"):
        playing.responses_of(asked("https://api.example/c"))
