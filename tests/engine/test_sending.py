from __future__ import annotations

import base64

import pytest

from undrift.engine import Deck, DeckOptions, Origins, Policy, SendRules, variable_of
from undrift.engine.deck import Send
from undrift.errors import NotSentError
from undrift.model import Cassette, Headers, Interaction, Request, Response

SHOP, LIVE, STAND_IN = "https://api.shop.example", "https://live.shop.example", "http://127.0.0.1:8420"
RULES = SendRules(
    read_only=frozenset({SHOP, LIVE, "http://127.0.0.1:*"}),
    writable=frozenset({SHOP, "http://127.0.0.1:8420", "https://*.pay.example"}),
    forbidden=("^sk_live_", "rk_live_[a-z]+$"),
)
READING = SendRules(RULES.read_only, RULES.writable, RULES.forbidden, only_reading=True)


def why(rules: SendRules, method: str, url: str, *, origins: Origins | None = None) -> str:
    refusal = rules.refusal(Request(method, f"{url}/v1/orders?a=b"), origins or Origins())
    assert refusal is None or refusal.request == f"{method} {url}"
    return str(refusal or "")


@pytest.mark.parametrize("url", [SHOP, STAND_IN, "https://eu.pay.example", "https://nobody.example"])
def test_an_ordinary_run_may_write_where_reading_is_not_all(url: str) -> None:
    assert why(RULES, "POST", url) == ""


@pytest.mark.parametrize("url", [LIVE, "http://127.0.0.1:9999"])
def test_a_read_only_origin_takes_get_and_head_alone_in_every_run(url: str) -> None:
    assert why(RULES, "DELETE", url) == (
        f"DELETE {url} was not sent: this origin is read_only, and takes GET and HEAD alone. "
        "Send it to the sandbox instead."
    )
    assert why(RULES, "GET", url) == why(RULES, "head", url) == ""


@pytest.mark.parametrize("url", [SHOP, LIVE, STAND_IN])
def test_a_read_only_check_reads_read_only_origins(url: str) -> None:
    assert why(READING, "GET", url) == ""
    assert why(READING, "PUT", url) == (
        f"PUT {url} was not sent: a read-only check sends GET and HEAD alone. Leave this test out of it."
    )


def test_a_read_only_check_goes_nowhere_else() -> None:
    assert why(READING, "GET", "https://eu.pay.example") == (
        "GET https://eu.pay.example was not sent: a read-only check goes to no origin but those with "
        "read_only = true. Add it to its service's origins so, or leave this test out."
    )


def basic(user: str) -> str:
    return base64.b64encode(f"{user}:".encode()).decode()


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", SHOP, Headers.of([("Authorization", "Bearer sk_live_0123456789")])),
        Request("GET", SHOP, Headers.of([("Authorization", f"Basic {basic('sk_live_0123456789')}")])),
        Request("GET", f"{SHOP}/?key=rk_live_abc&b=c"),
        Request("POST", SHOP, body=b'{"key":"sk_live_0123456789"}'),
        Request("POST", SHOP, body=b"a=b&key=rk_live_abc"),
    ],
)
def test_a_live_key_is_never_sent_whatever_it_is_called(request_: Request) -> None:
    refusal = RULES.refusal(request_, Origins())
    assert str(refusal) == (
        f"{request_.method} {SHOP} was not sent: it carries a live key. Use a key of the sandbox; a live one may "
        "only read, with `undrift check --read-only`, where an origin has read_only = true."
    )
    if request_.method == "GET":
        assert READING.refusal(request_, Origins()) is None


def test_what_only_looks_like_one_is_sent() -> None:
    headers = Headers.of([("Authorization", "Basic A"), ("X", f"Basic {basic('disk_live_1')}")])
    assert RULES.refusal(Request("GET", f"{SHOP}/rk_live_abc1", headers), Origins()) is None


TWO = Origins((("shop", (SHOP, "http://127.0.0.1:*")), ("pay-2", ("https://pay.example", "http://127.0.0.1:*"))))


def test_a_wildcard_that_two_claim_is_sent_to_when_somebody_says_whose_it_is() -> None:
    assert why(SendRules(), "GET", STAND_IN, origins=TWO) == (
        f"GET {STAND_IN} was not sent: the services shop and pay-2 claim it by the same wildcard, and nothing says "
        f'whose it is. Set UNDRIFT_ORIGIN_SHOP={STAND_IN}, or call undrift.origin("shop", "{STAND_IN}") before.'
    )
    assert why(SendRules(), "GET", STAND_IN, origins=TWO.bound("pay-2", STAND_IN)) == ""
    assert why(SendRules(), "GET", "https://pay.example", origins=TWO) == ""
    assert variable_of("pay-2") == "UNDRIFT_ORIGIN_PAY_2"


# In a deck.


def recording(policy: Policy = Policy.RECORD, **options: object) -> Deck:
    old = Interaction(Request("GET", f"{STAND_IN}/old"), Response(200))
    return Deck(Cassette((old,)), DeckOptions(policy=policy, origins=TWO, **options))  # type: ignore[arg-type] # any option


@pytest.mark.parametrize("policy", [Policy.RECORD, Policy.EXTEND])
def test_a_deck_remembers_what_it_did_not_send(policy: Policy) -> None:
    deck = recording(policy)
    with pytest.raises(NotSentError) as caught:
        deck.answer(Request("GET", f"{STAND_IN}/new"))
    assert deck.refusals == [caught.value]
    deck.bind("shop", STAND_IN)
    assert deck.answer(Request("GET", f"{STAND_IN}/new")) is Send.AND_KEEP
    assert not deck.has_recorded


def test_a_replay_sends_nothing_and_asks_for_nobody() -> None:
    deck = recording(Policy.PLAY)
    assert isinstance(deck.answer(Request("GET", f"{STAND_IN}/old")), Response), (
        "unbound, it stays under its own address"
    )


class Unseen:
    has_filters = True
    has_matchers = False

    def request(self, _request: Request) -> None:
        return None


def test_what_is_not_kept_obeys_too_but_needs_no_owner() -> None:
    deck = recording(hooks=Unseen(), sending=RULES)
    assert deck.answer(Request("POST", STAND_IN)) is Send.UNSEEN
    with pytest.raises(NotSentError, match="read_only"):
        deck.answer(Request("POST", LIVE))
    playing = recording(Policy.PLAY, hooks=Unseen(), sending=RULES)
    assert playing.answer(Request("POST", LIVE)) is Send.UNSEEN
