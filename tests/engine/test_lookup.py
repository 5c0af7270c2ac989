from __future__ import annotations

from undrift.engine import DeckOptions, hooks_for
from undrift.engine.lookup import Lookup
from undrift.model import Cassette, Failure, Interaction, Request, Response


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
