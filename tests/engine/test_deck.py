from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcr.errors import CannotOverwriteExistingCassetteException

from undrift.engine import Deck, DeckOptions, Origins, Policy, hooks_for
from undrift.engine.deck import Send
from undrift.errors import AnswersUsedUpError, NearMissError, NoCassetteError, NoMatchError, PlaybackError
from undrift.match import MatchRules
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

JSON = Headers.of([("Content-Type", "application/json")])


def get(path: str = "/a", url: str = "https://api.example.com") -> Request:
    return Request("GET", url + path)


def post(body: bytes, path: str = "/a") -> Request:
    return Request("POST", f"https://api.example.com{path}", JSON, body)


def answered(request: Request, text: str) -> Interaction:
    return Interaction(request, Response(200, "OK", body=text.encode()))


def deck(*interactions: Interaction, path: str = "cassettes/test_x.yaml", **options: Any) -> Deck:
    return Deck(Cassette(interactions), DeckOptions(**options), path=path)


def body(answer: object) -> str:
    assert isinstance(answer, Response)
    return answer.body.decode()


def test_equal_requests_are_answered_in_recorded_order() -> None:
    playing = deck(answered(get(), "first"), answered(get("/b"), "other"), answered(get(), "second"))
    assert [body(playing.answer(get())) for _ in range(2)] == ["first", "second"]


def test_answers_run_out() -> None:
    playing = deck(answered(get(), "only"))
    playing.answer(get())
    with pytest.raises(AnswersUsedUpError, match=r"recorded once.*\n.*\n  undrift record"):
        playing.answer(get())


def test_with_repeats_the_last_answer_comes_again() -> None:
    playing = deck(answered(get(), "pending"), answered(get(), "done"), repeats=True)
    assert [body(playing.answer(get())) for _ in range(4)] == ["pending", "done", "done", "done"]


def test_no_cassette_names_the_command_that_records() -> None:
    playing = Deck(None, DeckOptions(record_command="undrift record tests/test_x.py::test_y"), path="cassettes/y.yaml")
    with pytest.raises(NoCassetteError) as caught:
        playing.answer(get())
    assert str(caught.value) == (
        "GET https://api.example.com/a cannot be replayed: there is no cassette at cassettes/y.yaml.\n"
        "Record it:\n"
        "  undrift record tests/test_x.py::test_y"
    )


def test_a_near_miss_shows_only_what_differs() -> None:
    playing = deck(answered(get("/a?x=1&y=2"), "one"))
    with pytest.raises(NearMissError) as caught:
        playing.answer(get("/a?x=1&y=3"))
    message = str(caught.value)
    assert "interaction 0, GET https://api.example.com/a?x=1&y=2" in message
    differing = message.split("What differs:\n")[1].split("\nIf the code", maxsplit=1)[0]
    assert "y" in differing
    assert "x" not in differing.replace("recorded", "")


def test_nothing_like_it() -> None:
    playing = deck(answered(get("/a"), "one"))
    with pytest.raises(NoMatchError):
        playing.answer(Request("DELETE", "https://other.example.org/z"))


def test_every_refusal_is_what_users_of_vcrpy_catch_and_is_remembered() -> None:
    playing = deck(answered(get("/a"), "one"))
    for request in (get("/b"), get("/a"), get("/a")):
        with suppress(CannotOverwriteExistingCassetteException):
            playing.answer(request)
    assert all(isinstance(refusal, PlaybackError) for refusal in playing.refusals)
    assert [type(refusal).__name__ for refusal in playing.refusals] == ["NoMatchError", "AnswersUsedUpError"]


def test_a_changed_body_plays_the_next_of_its_url_and_is_client_drift() -> None:
    playing = deck(answered(post(b'{"amount": 1}'), "one"), answered(post(b'{"amount": 2}'), "two"))
    assert body(playing.answer(post(b'{"amount": 2}'))) == "two"
    assert body(playing.answer(post(b'{"amount": 3}'))) == "one"
    (drift,) = playing.client_drift()
    assert drift.index == 0
    assert drift.result is not None
    assert [(reason.at, reason.recorded, reason.sent) for reason in drift.result.reasons] == [("/amount", 1, 3)]


def test_another_operation_on_the_same_url_is_no_client_drift() -> None:
    def call(operation: str) -> Request:
        return Request("POST", "https://aws.example.com/", Headers.of([("X-Amz-Target", operation)]), b"{}")

    playing = deck(answered(call("Get"), "got"), answered(call("Put"), "put"))
    with pytest.raises(NearMissError):
        playing.answer(call("Delete"))


def test_a_request_that_is_no_longer_made_is_client_drift() -> None:
    playing = deck(answered(get("/a"), "a"), answered(get("/b"), "b"))
    playing.answer(get("/a"))
    (drift,) = playing.client_drift()
    assert (drift.index, drift.recorded.url, drift.sent) == (1, "https://api.example.com/b", None)
    assert not playing.all_played
    playing.rewind()
    assert len(playing.client_drift()) == 2


def test_extra_cassettes_are_played_last_and_not_judged() -> None:
    extra = Cassette((answered(get("/a"), "extra"), answered(get("/c"), "unused")))
    playing = Deck(Cassette((answered(get("/a"), "own"),)), DeckOptions(), extra=(extra,))
    assert [body(playing.answer(get("/a"))) for _ in range(2)] == ["own", "extra"]
    assert playing.client_drift() == ()


def test_named_headers_must_match_too() -> None:
    def versioned(version: str) -> Request:
        return Request("GET", "https://api.example.com/a", Headers.of([("Api-Version", version)]))

    rules = MatchRules(match_headers=("api-version",))
    playing = deck(answered(versioned("1"), "old"), answered(versioned("2"), "new"), rules=rules)
    assert body(playing.answer(versioned("2"))) == "new"


def test_all_origins_of_a_service_are_one() -> None:
    origins = Origins((("api", ("https://api.example.com", "http://127.0.0.1:*")),))
    playing = deck(answered(get("/a"), "a"), origins=origins)
    assert body(playing.answer(get("/a", "http://127.0.0.1:4711"))) == "a"


def test_recording_stores_the_first_origin_and_its_host() -> None:
    origins = Origins((("api", ("https://api.example.com", "http://127.0.0.1:*")),))
    recording = Deck(None, DeckOptions(policy=Policy.RECORD, origins=origins), clock=lambda: "2026-11-20T02:00:00Z")
    request = Request("get", "http://127.0.0.1:4711/a?b=1", Headers.of([("Host", "127.0.0.1:4711")]))
    assert recording.answer(request) is Send.AND_KEEP
    recording.keep(request, Response(200), elapsed=0.25)
    (kept,) = recording.take().interactions
    assert kept.request == Request("GET", "https://api.example.com/a?b=1", Headers.of([("Host", "api.example.com")]))
    assert (kept.recorded_at, kept.elapsed) == ("2026-11-20T02:00:00Z", 0.25)


def test_a_live_request_is_scrubbed_before_it_is_matched() -> None:
    stored = Request("GET", "https://api.example.com/a?key=%3CAPI_KEY%3E")
    playing = deck(answered(stored, "a"), secrets=Secrets.named({"API_KEY": "standinstandin"}))
    assert body(playing.answer(get("/a?key=standinstandin"))) == "a"


def test_failures_are_played_in_their_place() -> None:
    cassette = Cassette((answered(get(), "after"),), (Failure(0, get(), "timeout", "timed out"),))
    playing = Deck(cassette, DeckOptions())
    assert playing.answer(get()) == Failure(0, get(), "timeout", "timed out")
    assert body(playing.answer(get())) == "after"


def test_extending_plays_what_is_there_and_keeps_the_rest() -> None:
    extending = deck(answered(get("/a"), "a"), policy=Policy.EXTEND)
    assert body(extending.answer(get("/a"))) == "a"
    assert extending.answer(get("/b")) is Send.AND_KEEP
    extending.keep(get("/b"), Response(200, body=b"b"))
    extending.keep_failure(get("/c"), "reset", "gone")
    take = extending.take()
    assert [kept.request.url[-1] for kept in take.interactions] == ["a", "b"]
    assert [failure.position for failure in take.failures] == [2]
    assert extending.refusals == []


def test_made_up_values_are_made_once_and_handed_back() -> None:
    recording = Deck(None, DeckOptions(policy=Policy.RECORD))
    assert [recording.recorded_value("email", lambda: "a@example.com") for _ in range(2)] == ["a@example.com"] * 2
    playing = Deck(recording.take(), DeckOptions())
    assert playing.recorded_value("email", lambda: "b@example.com") == "a@example.com"
    with pytest.raises(PlaybackError, match="recorded value 'name' is not in"):
        playing.recorded_value("name", lambda: "x")


def test_it_counts_as_vcrpy_does() -> None:
    playing = deck(answered(get("/a"), "a"), answered(get("/b"), "b"))
    playing.answer(get("/a"))
    assert (len(playing), playing.play_count) == (2, 1)
    assert [request.uri[-1] for request in playing.requests] == ["a", "b"]
    assert [response["body"]["string"] for response in playing.responses] == [b"a", b"b"]
    assert repr(playing) == "<Deck cassettes/test_x.yaml: play, 2 interactions>"


KEY = "sk_test_0123456789abcdef"
ready_requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "post"]),
    st.sampled_from(
        [
            "https://api.example.com/a",
            "https://api.example.com/a?b=1&a=2",
            "https://api.example.com/token-4711-4711",
            f"https://api.example.com/{KEY}",
            "http://127.0.0.1:9/a",
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                ("Content-Type", "application/json"),
                ("content-type", "text/plain"),
                ("Authorization", "Bearer token-4711-4711"),
                ("X-Version", "1"),
                ("X-Version", KEY),
                ("Content-Encoding", "gzip"),
                ("Accept", "*/*"),
            ]
        ),
        max_size=3,
    ).map(Headers.of),
    st.sampled_from([b"", b'{"a": 1}', b'{"a":1}', b"token-4711-4711", KEY.encode()]),
)
ready_options = st.builds(
    DeckOptions,
    policy=st.sampled_from([Policy.PLAY, Policy.EXTEND]),
    rules=st.sampled_from([MatchRules(), MatchRules(("X-Version",)), MatchRules(("Authorization",), ("/a",))]),
    origins=st.sampled_from([Origins(), Origins((("mine", ("https://api.example.com", "http://127.0.0.1:*")),))]),
    secrets=st.sampled_from([Secrets.named({}), Secrets.named({"KEY": KEY})]),
    hooks=st.sampled_from(
        [
            None,
            hooks_for({}, foreign=True),
            hooks_for({"match_on": ["method", "body"]}, foreign=False),
            hooks_for({"filter_headers": ["x-version"]}, foreign=False),
        ]
    ),
    repeats=st.booleans(),
)


@given(st.lists(ready_requests, max_size=5), st.lists(ready_requests, max_size=6), ready_options)
def test_the_short_way_gives_what_the_long_way_gives(
    recorded: list[Request], sent: list[Request], options: DeckOptions
) -> None:
    kept = scrub(Cassette(tuple(answered(each, str(n)) for n, each in enumerate(recorded))), options.secrets).cassette
    short, long = Deck(kept, options), Deck(kept, options)
    for request in (*sent, *recorded):
        fields = [(n.lower(), v) for n, v in request.headers if n.lower() in short.telling]
        at_hand = short.ready(request.method, request.url, fields, request.body)
        with suppress(PlaybackError):
            expected = long.answer(request)
            assert at_hand in {None, expected} if isinstance(expected, Response) else at_hand is None
        if at_hand is None:
            with suppress(PlaybackError):
                short.answer(request)
    assert short.play_count == long.play_count
    assert [str(refusal) for refusal in short.refusals] == [str(refusal) for refusal in long.refusals]
    assert short.client_drift() == long.client_drift()


def test_most_requests_go_the_short_way() -> None:
    playing = deck(answered(get(), "got"), answered(post(b"{}"), "posted"), secrets=Secrets.named({"KEY": KEY}))
    assert body(playing.ready("GET", "https://api.example.com/a", (), b"")) == "got"
    fields = [("content-type", "application/json")]
    assert body(playing.ready("POST", "https://api.example.com/a", fields, b"{}")) == "posted"
    assert playing.all_played


def test_a_stand_in_s_address_goes_the_short_way_too() -> None:
    origins = Origins((("mine", ("https://api.example.com", "http://127.0.0.1:*")),))
    assert body(deck(answered(get(), "got"), origins=origins).ready("GET", "http://127.0.0.1:9/a", (), b"")) == "got"
    hosted = answered(Request("GET", "https://api.example.com/a", Headers.of([("Host", "api.example.com")])), "got")
    playing = deck(hosted, origins=origins, rules=MatchRules(("Host",)))
    sent = Request("GET", "http://127.0.0.1:9/a", Headers.of([("Host", "127.0.0.1:9")]))
    assert playing.ready("GET", sent.url, [("host", "127.0.0.1:9")], b"") is None
    assert body(playing.answer(sent)) == "got"


def test_an_answer_holds_the_credential_that_the_test_was_given() -> None:
    letter_for_letter = answered(get("/whose"), "of <SHOP_KEY>")
    by_its_placeholder = answered(get("/%3CSHOP_KEY%3E"), "of <SHOP_KEY>")
    failing = Failure(2, get("/failing"), "timeout", "no answer to <SHOP_KEY>")
    cassette = Cassette((letter_for_letter, by_its_placeholder), (failing,), recorded_values=(("key", "<SHOP_KEY>"),))
    options = DeckOptions(secrets=Secrets.named({"SHOP_KEY": "test_abc123"}), handed_out={"SHOP_KEY": "test_abc123"})
    playing = Deck(cassette, options)

    assert body(playing.answer(get("/whose"))) == "of test_abc123"
    assert body(playing.answer(get("/test_abc123"))) == "of test_abc123"
    assert playing.answer(get("/failing")) is failing
    assert playing.recorded_value("key", dict) == "test_abc123"
    assert "test_abc123" not in repr(options)
