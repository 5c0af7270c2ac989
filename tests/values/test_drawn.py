"""Two draws of one generator are never taken for a change of the layout; other changes of it are."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

import pytest

from undrift.values import Relation, relate

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = string.ascii_letters + string.digits
ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base36": string.digits + string.ascii_lowercase,
    "BASE36": string.digits + string.ascii_uppercase,
    "base32": string.ascii_uppercase + "234567",
    "base62": LETTERS,
    "base64 for URLs": LETTERS + "-_",
    "base64": LETTERS + "+/",
    "letters": string.ascii_letters,
    "digits": string.digits,
}
WRAPPED: dict[str, Callable[[str], str]] = {
    "bare": str,
    "prefixed": "cus_{}".format,
    "dashed": "sess-{}".format,
    "in a path": "/v1/things/{}/parts".format,
    "in a sentence": "Thing {} was made.".format,
}


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_two_draws_have_one_layout(alphabet: str, wrapped: str) -> None:
    chance = random.Random(f"{alphabet} {wrapped}")  # noqa: S311 - the same draws each time
    wrong = []
    for length in (6, 8, 10, 12, 16, 20, 22, 32, 43, 64):
        for _ in range(20):
            one, other = ("".join(chance.choices(ALPHABETS[alphabet], k=length)) for _ in range(2))
            stored, fresh = WRAPPED[wrapped](one), WRAPPED[wrapped](other)
            if relate(stored, fresh, chance.choice(("id", "token", "data"))).relation is Relation.LAYOUT:
                wrong.append((stored, fresh))
    assert wrong == []


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("d41d8cd98f00b204e9800998ecf8427e", "zIWokK8LgC8VeBi0krXXqTjpFrxsnza4"),
        ("8fabe1c49db6dc95", "k3j9x0q2vpmz7t1w"),
        ("ch_3KmRaMARuRTs9TwLZmU6sKu1", "py_3KmRaMARuRTs9TwLZmU6sKu1"),
        ("12345", "abcde"),
        ("5.00", "5EUR"),
        ("1234.50", "EUR1234"),
        ("1234", "a2c1"),
        ("c6104cbe-af31-41e0-8154-cbc7ccf896c7", "zIWokK8LgC8VeBi0krXXqTjpFrxsnza4abcd"),
        ("c6104cbe-af31-41e0-8154-cbc7ccf896c7", "C6104CBE-AF31-41E0-8154-CBC7CCF896C7"),
        ("7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", "qIWokK8LgC8VeBi0krXXqTjpFrxsnza4qebfle23Azx2z4ywYcZL"),
    ],
)
def test_no_one_generator_draws_both(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "content").relation is Relation.LAYOUT


@pytest.mark.parametrize(
    ("stored", "fresh", "relation"),
    [
        ("TJLCWPYXEF", "QQULWHTOLT", Relation.CHANCE),
        ("starting", "finished", Relation.VALUE),
        ("k3j9x0q2", "abqwkzep", Relation.CHANCE),
        ("k3j9x0q2vp", "k3j9x0q2vp-and-more", Relation.LAYOUT),
        ("a1B2c3", "x9Y8z7", Relation.CHANCE),
    ],
)
def test_short_ids_by_their_name(stored: str, fresh: str, relation: Relation) -> None:
    assert relate(stored, fresh, "device_id").relation is relation
    if stored == "a1B2c3":
        assert relate(stored, fresh, "data").relation is Relation.VALUE


@pytest.mark.parametrize(
    ("stored", "fresh", "name"),
    [
        ("t-essrcg", "t-vq2834", "slug"),
        ("vague-hopper-3977", "calm-euler-2259", "slug"),
        ("worker-dd46a964aa-c1fm3", "worker-48aae3c71c-3mgg8", "runner"),
        ("1ed406d3.8e9dd9", "12345678.123456", "node"),
        ('W/"49da-LkecdSFOh0PrHQdl+/1ww9HO+xE"', 'W/"cbfb-HigRryTiTAUhqjfZQ8Aoe9YfFpI"', "etag"),
    ],
)
def test_names_that_were_made_up(stored: str, fresh: str, name: str) -> None:
    assert relate(stored, fresh, name).relation is Relation.CHANCE


@pytest.mark.parametrize(
    ("stored", "fresh", "name"),
    [("vague-hopper-3977", "calm-euler-2259", "title"), ("t-blue", "t-pink", "slug"), ("1.0a41", "0.64.8", "made")],
)
def test_names_that_were_chosen(stored: str, fresh: str, name: str) -> None:
    assert relate(stored, fresh, name).relation is Relation.VALUE


def test_what_is_drawn_is_known_again() -> None:
    assert relate("TJLCWPYXEF", "QQULWHTOLT", "device_id").renamed == (("TJLCWPYXEF", "QQULWHTOLT"),)
    assert relate("sess-abqwkzepqm", "sess-k3j9x0q2vp", "id").renamed == (("abqwkzepqm", "k3j9x0q2vp"),)
    assert relate("a1B2c3", "x9Y8z7", "id").renamed == ()
