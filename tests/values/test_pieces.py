"""Longer texts that differ in what chance or the moment put into them."""

from __future__ import annotations

import pytest

from undrift.values import Relation, relate

PAGE = "<form><input name=csrf value='{}'><p>Served at {}</p><a href='/x?sig={}&v=1'>x</a></form>"
CHANCE = [
    (
        PAGE.format("Z6Ls0Xks3FZ9zzRS_oCHywhdo6u2zYEd", "23:46:02", "a%2Bb3dEf6hIjKlMn0pQrSTA%3D%3D"),
        PAGE.format("oS_fYNw0nqm3xMdWM8puOZB4IdxkTedp", "23:46:09", "Zk9x%2FyQ2wErTy1uIoP5abA%3D%3D"),
    ),
    ("peer ::ffff:127.0.0.1:57614 left", "peer ::ffff:127.0.0.1:57622 left"),
    ("peer localhost:40001 left", "peer localhost:50001 left"),
    ("done in 12.5 ms, 3 rows", "done in 9 ms, 3 rows"),
    ("done in 1.25 seconds", "done in 1.5 seconds"),
    ("took 0.0123456", "took 0.0654321"),
    ("job 2148419-1795246717-2 runs", "job 2148292-1795246718-2 runs"),
    ("made 2 seconds ago by a", "made an hour ago by a"),
    ("request 0e493881 took 32ms", "request 1d49c15e took 54ms"),
    (
        "https://a.test/f?se=2026-11-21T07%3A26%3A53Z&sig=xk7%2Fh2Jq9Lm4Np1Rs8Tv6w%3D%3D",
        "https://a.test/f?se=2026-11-21T07%3A27%3A32Z&sig=a3B%2Bd6EfGh1JkLmNoPqRsg%3D%3D",
    ),
    ("nonce='Vx8qj1Tz0Zk5a9Lw3eQmBg'", "nonce='Vx8qj1T_0Zk-a9Lw3eQmBg'"),
    ("http://api.test/orders/61875", "http://api.test/orders/29533"),
    ("/orders/61875/lines/7?a=b", "/orders/29533/lines/9?a=b"),
    ("openid profile email", "email openid profile"),
    ("Alert, Retry-After", "Retry-After, Alert"),
    ("b,a,c", "a,b,c"),
]
VALUE = [
    ("peer 127.0.0.1:8080 left", "peer 127.0.0.1:8081 left"),
    ("peer 10.0.0.1:57614 left", "peer 10.0.0.2:57614 left"),
    ("waits 5 seconds", "waits 6 seconds"),
    ("version 1.25", "version 1.26"),
    ("see ef058014-f08b-438d-1650-a12bd876 here", "see nothing here"),
    ("see ef058014-f08b-438d-1650-a12bd876 here", "see ef058014-f08b-438d-1650-a12bd877 there"),
    ("see ef058014-f08b-438d-1650-a12bd876 here", "see drMQp7dj-_gz09jy47zMGC1BsUlC3qHHDxbDn9JBveM here"),
    ("a, b", "a, c"),
    ("/orders/61875?page=1", "/orders/29533?page=2"),
    ("/v1/orders", "/v2/orders"),
    ("orders 61875", "orders 29533"),
    ("key 8fabe1c49db6dc95 here", "key k3j9x0q2vpmz7t1w here"),
    ("a b " * 2000, "b a " * 2000),
]


@pytest.mark.parametrize(("stored", "fresh"), CHANCE)
def test_chance_within_a_text(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "message").relation is Relation.CHANCE


@pytest.mark.parametrize(("stored", "fresh"), VALUE)
def test_more_than_chance_within_a_text(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "message").relation is Relation.VALUE


def test_tokens_within_a_text_are_known_again() -> None:
    tokens = "ef058014-f08b-438d-1650-a12bd876", "aa22f266-2718-4361-01f0-835e60e2"
    assert relate(*(f"see {token} of cus_SLlAfpovZYiu0u" for token in tokens)).renamed == (tokens,)
