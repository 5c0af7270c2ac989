from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.match import MatchRules
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.serve.player import Miss, Player, Recorded

if TYPE_CHECKING:
    from collections.abc import Sequence


def get(url: str) -> Request:
    return Request("GET", url)


def cassette(*pairs: tuple[str, int], failures: Sequence[Failure] = (), test: str | None = "tests/t.py::t") -> Cassette:
    interactions = tuple(Interaction(get(url), Response(status)) for url, status in pairs)
    return Cassette(interactions, tuple(failures), test)


def status(player: Player, url: str) -> int | str:
    found = player.look_up(get(url))
    assert isinstance(found, Recorded)
    player.use(found)
    return found.outcome.kind if isinstance(found.outcome, Failure) else found.outcome.status


def miss(player: Player, request: Request) -> Miss:
    found = player.look_up(request)
    assert isinstance(found, Miss)
    return found


def test_equal_requests_get_their_answers_in_order_then_the_last_again() -> None:
    recorded = cassette(("https://api.example.com/job", 202), ("https://api.example.com/job", 200))
    player = Player([recorded], MatchRules())
    assert [status(player, "http://127.0.0.1:80/job") for _ in range(4)] == [202, 200, 200, 200]


def test_an_answer_that_was_not_used_comes_again() -> None:
    player = Player([cassette(("http://h/a", 201), ("http://h/a", 202))], MatchRules())
    assert player.look_up(get("http://i/a")) == player.look_up(get("http://i/a"))
    assert status(player, "http://i/a") == 201


def test_every_recorded_origin_is_served() -> None:
    first, second = cassette(("https://a.example/x", 200)), cassette(("HTTP://b.example:81/y?z=1", 201))
    player = Player([first, second], MatchRules())
    assert [status(player, "http://127.0.0.1/x"), status(player, "http://127.0.0.1/y?z=1")] == [200, 201]
    assert player.origins == {"https://a.example", "HTTP://b.example:81"}


def test_recorded_failures_have_their_place_in_the_order() -> None:
    url = "http://h/a"
    failures = [Failure(2, get(url), "timeout"), Failure(1, get(url), "reset")]
    player = Player([cassette((url, 200), (url, 201), failures=failures)], MatchRules())
    assert [status(player, url) for _ in range(4)] == [200, "reset", 201, "timeout"]


def test_rules_are_those_of_matching() -> None:
    player = Player([cassette(("http://h/a?nonce=1", 200))], MatchRules(volatile=("nonce",)))
    assert status(player, "http://h/a?nonce=2") == 200


def test_a_miss_names_the_nearest_and_the_differences() -> None:
    form = Headers((("Content-Type", "application/x-www-form-urlencoded"),))
    request = Request("POST", "https://api.example.com/v1/charges", form, b"amount=100&currency=eur")
    player = Player([Cassette((Interaction(request, Response(200)),), test="tests/t.py::t")], MatchRules())
    found = miss(player, Request("POST", "http://127.0.0.1:81/v1/charges", form, b"amount=200&currency=eur"))
    assert found.problem == (
        "Nothing that was recorded equals POST /v1/charges. The nearest, as a guess, is POST /v1/charges "
        "(interaction 0 of tests/t.py::t). Send what was recorded, or record anew."
    )
    assert found.nearest == "POST /v1/charges (interaction 0 of tests/t.py::t)"
    assert found.differences == ('body amount: recorded "100" / sent "200"',)


def test_a_miss_may_be_near_to_a_failure() -> None:
    failures = [Failure(0, get("http://h/a?x=1"), "reset"), Failure(9, get("http://h/b?x=1"), "reset")]
    player = Player([cassette(("http://h/c", 200), failures=failures, test=None)], MatchRules())
    assert miss(player, get("http://h/a?x=2")).nearest == (
        "GET /a?x=1 (a failure before interaction 0 of a cassette without a test)"
    )
    assert (
        miss(player, get("http://h/b?x=2")).nearest == "GET /b?x=1 (a failure at the end of a cassette without a test)"
    )


def test_a_miss_without_anything_near_says_so() -> None:
    found = miss(Player([], MatchRules()), get("http://h"))
    assert found.problem.startswith("Nothing that was recorded equals GET /. Nothing is like it either.")
    assert (found.nearest, found.differences) == ("", ())
