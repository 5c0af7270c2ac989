"""A replay finds what was recorded, whatever secrets it sends in the places of the recorded ones."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from undrift.engine import Deck, DeckOptions, hooks_for
from undrift.errors import NearMissError, PlaybackError
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

URL = "https://api.test/v1"
JSON = Headers.of([("Content-Type", "application/json")])


def post(path: str = "login", **fields: object) -> Request:
    return Request("POST", f"{URL}/{path}", JSON, json.dumps(fields).encode())


def get(path: str, *fields: tuple[str, str]) -> Request:
    return Request("GET", f"{URL}/{path}", Headers.of(fields))


def deck(*exchanges: tuple[Request, object], raw: bool = False, **options: Any) -> Deck:
    recorded = Cassette(
        tuple(
            Interaction(request, Response(200, "OK", JSON, json.dumps(answer).encode()))
            for request, answer in exchanges
        )
    )
    secrets = Secrets.named({"KEY": "sk_test_51HxyZ0abcDEF"})
    cassette = recorded if raw else scrub(recorded, secrets).cassette
    return Deck(cassette, DeckOptions(secrets=Secrets.named({"KEY": "sk_test_standin"}), **options), path="c.yaml")


def answer(player: Deck, request: Request) -> Any:
    found = player.answer(request)
    assert isinstance(found, Response)
    return json.loads(found.body)


RIGHT, WRONG = "hunter-22-right", "hunter-33-wrong"


def test_passwords_are_told_apart_by_their_order() -> None:
    player = deck((post(password=RIGHT), "in"), (post(password=WRONG), "out"), (post(password=RIGHT), "in again"))

    assert [answer(player, post(password=word)) for word in ("other-1-a", "other-2-b", "other-1-a")] == [
        "in",
        "out",
        "in again",
    ]
    assert player.client_drift() == ()


def test_a_wrong_password_does_not_get_the_answer_to_the_right_one() -> None:
    player = deck((post(password=RIGHT), "in"), (post("pay", password=RIGHT), "paid"))
    answer(player, post(password=RIGHT))

    with pytest.raises(PlaybackError):
        player.answer(get(f"pay?password={WRONG}"))
    assert answer(player, post("pay", password=WRONG)) == "paid"
    drift = player.client_drift()
    assert [change.index for change in drift] == [1]
    assert drift[0].result is not None
    (reason,) = drift[0].result.reasons
    assert (reason.recorded, reason.sent) == ("<secret:password:1>", "<secret:sent.password:2>")


def test_a_wrong_key_in_a_url_is_refused() -> None:
    player = deck((get("me?api_key=sk_test_51HxyZ0abcDEF"), "me"))

    with pytest.raises(NearMissError) as refusal:
        player.answer(get("me?api_key=sk_test_wrong-77"))
    assert "sk_test_wrong" not in str(refusal.value)
    assert answer(player, get("me?api_key=sk_test_standin")) == "me"


def test_a_token_that_an_answer_hands_out_equals_the_one_sent_next() -> None:
    player = deck(
        (post(password=RIGHT), {"access_token": "tok-abc-123"}),
        (get("me?access_token=tok-abc-123"), "me"),
        (get("tokens/tok-abc-123"), "token"),
    )

    token = answer(player, post(password="any-thing-1"))["access_token"]

    assert token == "<secret:access_token:1>"
    assert answer(player, get(f"me?access_token={token}")) == "me"
    assert answer(player, get(f"tokens/{token}")) == "token"


def test_a_secret_is_known_where_it_is_sent_before_anything_tells_it() -> None:
    player = deck((get("tokens/tok-abc-123"), "found"), (post("revoke", client_secret="tok-abc-123"), "gone"))

    assert answer(player, get("tokens/tok-zzz-999")) == "found"
    assert answer(player, post("revoke", client_secret="tok-zzz-999")) == "gone"
    with pytest.raises(PlaybackError):
        player.answer(get("tokens/tok-yyy-888"))


def test_the_place_of_a_secret_takes_no_other_path() -> None:
    player = deck((get("tokens/tok-abc-123?page=2"), "found"), (post("revoke", client_secret="tok-abc-123"), "gone"))

    with pytest.raises(PlaybackError):
        player.answer(get("tokens/tok-zzz-999?page=3"))
    with pytest.raises(PlaybackError):
        player.answer(get("tokens/list?page=2"))


def test_what_an_older_undrift_stored_is_played_as_it_stands() -> None:
    player = deck((post(password=RIGHT), "in"), (get(f"me?api_key={WRONG}"), "me"), raw=True)

    # Written otherwise than recorded, so that letters do not tell.
    spaced = Request("POST", f"{URL}/login", JSON, f'{{"password":   "{RIGHT}"}}'.encode())
    assert answer(player, spaced) == "in"
    assert answer(player, get(f"me?api_key={WRONG}")) == "me"


@pytest.mark.parametrize("matchers", [["method", "uri"], ["method", "uri", "body"]])
def test_vcrpy_s_matchers_see_secrets_as_recorded(matchers: list[str]) -> None:
    hooks = hooks_for({"match_on": matchers}, foreign=False)
    player = deck((get(f"me?api_key={RIGHT}"), "me"), (get(f"me?api_key={WRONG}"), "you"), hooks=hooks)

    assert [answer(player, get(f"me?api_key={key}")) for key in ("key-1-aaa", "key-2-bbb")] == ["me", "you"]


def test_answers_run_out_under_any_name() -> None:
    player = deck((get(f"me?api_key={RIGHT}"), "me"))

    assert answer(player, get("me?api_key=key-1-aaa")) == "me"
    with pytest.raises(PlaybackError, match="every answer was played already"):
        player.answer(get("me?api_key=key-1-aaa"))


def bearer(token: str, path: str = "echo") -> Request:
    return get(path, ("Authorization", f"Bearer {token}"))


def test_an_answer_holds_what_was_sent_where_it_held_that_live() -> None:
    player = deck(
        (bearer("tok-abc-123"), {"token": "tok-abc-123"}),
        (bearer("tok-def-456"), {"token": "tok-def-456", "other": "tok-abc-123"}),
        (post(password=RIGHT), {"password": RIGHT, "access_token": "tok-ghi-789"}),
        (get("me?access_token=tok-ghi-789"), {"yours": "tok-ghi-789"}),
    )

    assert answer(player, bearer("mine-1-a")) == {"token": "mine-1-a"}
    assert answer(player, bearer("mine-2-b")) == {"token": "mine-2-b", "other": "mine-1-a"}
    given = answer(player, post(password="mine-3-c"))
    assert given == {"password": "mine-3-c", "access_token": "<secret:access_token:1>"}
    assert answer(player, get("me?access_token=%3Csecret%3Aaccess_token%3A1%3E")) == {
        "yours": "<secret:access_token:1>"
    }
    assert player.client_drift() == ()


def test_what_an_answer_makes_a_cookie_is_found_in_the_url_that_asked_for_it() -> None:
    set_cookie = Headers.of([("Set-Cookie", "session=abc123xyz; Path=/")])
    told = Interaction(get("set/session/abc123xyz"), Response(302, "Found", set_cookie))
    shown = Interaction(get("all", ("Cookie", "session=abc123xyz")), Response(200, "OK", JSON, b'{"is": "abc123xyz"}'))
    player = Deck(scrub(Cassette((told, shown)), Secrets()).cassette, DeckOptions(), path="c.yaml")

    first = player.answer(get("set/session/other456uvw"))

    assert isinstance(first, Response)
    assert first.headers.get("Set-Cookie") == "session=other456uvw; Path=/"
    assert answer(player, get("all", ("Cookie", "session=other456uvw"))) == {"is": "other456uvw"}


def test_a_token_of_another_cassette_comes_back_as_that() -> None:
    player = deck((bearer("tok-abc-123"), {"token": "tok-abc-123"}))

    # A fixture of wider scope plays its own cassette, and hands out what stands there.
    assert answer(player, bearer("<secret:access_token:7>")) == {"token": "<secret:access_token:7>"}


def web_token(user: str) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, {"sub": user, "exp": 1})]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, user.encode() * 9))


def test_a_web_token_is_a_key_like_any_other() -> None:
    ann, bob = web_token("ann"), web_token("bob")
    player = deck((bearer(ann), {"token": ann}), (bearer(bob), {"token": bob}), (bearer(ann), {"again": ann}))

    assert answer(player, bearer("mine-1-a")) == {"token": "mine-1-a"}
    assert answer(player, bearer("mine-1-a")) == {"again": "mine-1-a"}
    assert answer(player, bearer(web_token("eve"))) == {"token": web_token("eve")}


def test_a_web_token_in_a_path_is_the_one_that_was_recorded_or_none() -> None:
    ann = web_token("ann")
    player = deck((post(token=ann), {"token": ann}), (get(f"tokens/{ann}/of/tok-abc-123"), "gone"), raw=False)
    given = answer(player, post(token=ann))["token"]

    with pytest.raises(PlaybackError):
        player.answer(get("tokens/other/of/tok-abc-123"))
    assert answer(player, get(f"tokens/{given}/of/tok-abc-123")) == "gone"


RIGHT_KEY, WRONG_KEY = "tok-right-123", "tok-wrong-456"


def test_equal_requests_with_different_keys_have_answers_of_their_own() -> None:
    def played(*tokens: str) -> list[str]:
        player = deck(
            (bearer("sk_test_51HxyZ0abcDEF"), "in"),
            (bearer(WRONG_KEY), "out"),
            (bearer("sk_test_51HxyZ0abcDEF"), "in again"),
        )
        return [answer(player, bearer(token)) for token in tokens]

    assert played("sk_test_standin", WRONG_KEY, "sk_test_standin") == ["in", "out", "in again"]
    assert played(WRONG_KEY, "sk_test_standin", "sk_test_standin") == ["out", "in", "in again"]
    assert played("sk_test_standin", "sk_test_standin", WRONG_KEY) == ["in", "in again", "out"]
    # Whoever makes no such difference gets them in their order.
    assert played("sk_test_standin", "sk_test_standin", "sk_test_standin") == ["in", "in again", "out"]


def test_keys_that_nobody_named_are_told_apart_by_their_order() -> None:
    player = deck(*((bearer(token), f"to {token[4:9]}") for token in (RIGHT_KEY, WRONG_KEY, RIGHT_KEY, WRONG_KEY)))

    tokens = ("one-1-a", "one-1-a", "two-2-b", "two-2-b")
    assert [answer(player, bearer(token)) for token in tokens] == ["to right", "to right", "to wrong", "to wrong"]


def test_a_key_of_basic_credentials_is_one_too() -> None:
    def basic(user: str) -> Request:
        return get("me", ("Authorization", f"Basic {base64.b64encode(f'{user}:'.encode()).decode()}"))

    player = deck((basic("sk_test_51HxyZ0abcDEF"), "in"), (basic(WRONG_KEY), "out"))

    assert [answer(player, basic(user)) for user in (WRONG_KEY, "sk_test_standin")] == ["out", "in"]


def test_without_any_key_that_was_recorded_the_order_is_that_of_the_recording() -> None:
    player = deck((bearer(RIGHT_KEY), "1"), (bearer(WRONG_KEY), "2"), (bearer(RIGHT_KEY), "3"), repeats=True)

    assert [answer(player, get("echo")) for _ in range(4)] == ["1", "2", "3", "3"]
