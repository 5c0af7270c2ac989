from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.engine import DeckOptions, hooks_for, new_maker
from undrift.engine.hooks import Hooks
from undrift.engine.lookup import Lookup
from undrift.model import Cassette, Failure, Interaction, Request, Response

if TYPE_CHECKING:
    import pytest


def get(path: str) -> Request:
    return Request("GET", f"https://api.example.com/{path}")


def answered(path: str, text: str = "") -> Interaction:
    return Interaction(get(path), Response(200, body=text.encode()))


def test_failures_stand_where_they_happened() -> None:
    cassette = Cassette(
        (answered("a"), answered("b")),
        (Failure(2, get("z"), "reset"), Failure(1, get("x"), "timeout"), Failure(1, get("y"), "dns")),
    )
    entries = Lookup.over(cassette, (), DeckOptions()).entries
    assert [(entry.index, entry.request.url[-1]) for entry in entries] == [
        (0, "a"),
        (1, "x"),
        (1, "y"),
        (1, "b"),
        (2, "z"),
    ]


def test_nothing_is_recorded() -> None:
    lookup = Lookup.over(None, (), DeckOptions())
    assert lookup.entries == ()
    assert lookup.take_equal(get("a"), repeats=True) is None
    assert lookup.take_same_target(get("a")) is None
    assert lookup.nearest(get("a")) is None


def test_the_nearest_is_a_guess_with_its_differences() -> None:
    lookup = Lookup.over(Cassette((answered("a?x=1&y=1"),)), (), DeckOptions())
    found = lookup.nearest(get("a?x=1&y=2"))
    assert found is not None
    assert found[0].index == 0
    assert not found[1].matched


def test_an_explicit_match_on_is_all_that_counts() -> None:
    options = DeckOptions(hooks=hooks_for({"match_on": ["method"]}, foreign=False))
    lookup = Lookup.over(Cassette((answered("a", "first"), answered("b", "second"))), (), options)
    assert lookup.equal(get("anything")) == (0, 1)
    assert lookup.take_same_target(get("a")) is None
    taken = [lookup.take_equal(get("anything"), repeats=False) for _ in range(3)]
    assert [entry.index for entry in taken if entry is not None] == [0, 1]


def test_what_was_played_may_be_played_again_after_rewinding() -> None:
    lookup = Lookup.over(Cassette((answered("a"), answered("b"))), (), DeckOptions())
    assert lookup.take_equal(get("a"), repeats=False) is not None
    assert [entry.index for entry in lookup.unused()] == [1]
    assert lookup.play_count == 1
    lookup.rewind()
    assert [entry.index for entry in lookup.unused()] == [0, 1]
    assert lookup.play_count == 0


def foreign(size: int, **options: Any) -> Lookup:
    hooks = hooks_for(options, foreign=True)
    return Lookup.over(Cassette(tuple(answered(f"{n}?x=1&y=2") for n in range(size))), (), DeckOptions(hooks=hooks))


def test_a_foreign_cassette_is_looked_up_without_asking_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Hooks, "matches", lambda _self, _sent, recorded: asked.append(recorded.url))
    lookup = foreign(100)
    assert lookup.equal(get("7?y=2&x=1")) == (7,)
    assert lookup.equal(get("100")) == ()
    assert asked == []


def test_a_matcher_without_a_key_is_asked_only_about_what_the_others_leave() -> None:
    asked: list[str] = []
    maker = new_maker()
    maker.register_matcher("mine", lambda _one, other: asked.append(other.uri))
    hooks = hooks_for({"match_on": ["path", "mine"]}, foreign=True, maker=maker)
    lookup = Lookup.over(Cassette(tuple(answered(str(n)) for n in range(100))), (), DeckOptions(hooks=hooks))
    assert not lookup.is_ready
    assert lookup.equal(get("7")) == (7,)
    assert asked == ["https://api.example.com/7"]


def test_a_matcher_that_a_user_put_in_the_place_of_vcrpy_s_is_asked() -> None:
    maker = new_maker()
    maker.register_matcher("path", lambda _one, _other: True)
    hooks = hooks_for({"match_on": ["method", "path"]}, foreign=True, maker=maker)
    assert hooks is not None
    assert hooks.keyed == {"method"}
    assert not hooks.is_keyed
    lookup = Lookup.over(Cassette((answered("a"), answered("b"))), (), DeckOptions(hooks=hooks))
    assert lookup.equal(get("other")) == (0, 1)
