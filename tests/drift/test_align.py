"""Which answer is compared with which, when the two takes did not ask the same in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.effort import calls

from undrift.drift import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]

ORIGIN = "https://api.test"


def test_reordered_requests_are_paired_by_what_they_ask(check: Check, answer: Answer) -> None:
    one = answer({"name": "a"}, url=f"{ORIGIN}/v1/a")
    other = answer({"title": "b"}, url=f"{ORIGIN}/v1/b")
    seen = check([one, other], [other, one])
    assert seen.findings == ()
    assert seen.interactions == 2


def test_reordered_requests_to_ids_of_this_take_are_paired_by_the_ids(check: Check, answer: Answer) -> None:
    def take(first: str, second: str, *, swapped: bool) -> list[Interaction]:
        made = [
            answer({"id": made, "name": name}, method="POST", url=f"{ORIGIN}/v1/c", sent={"name": name})
            for made, name in ((first, "ann"), (second, "bob"))
        ]
        read = [
            answer({"id": made, "name": name}, url=f"{ORIGIN}/v1/c/{made}")
            for made, name in ((first, "ann"), (second, "bob"))
        ]
        return made + (read[::-1] if swapped else read)

    stored = take("cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR", swapped=False)
    fresh = take("cus_zFjt3LaAquN79g", "cus_saPKahnEroPDIT", swapped=True)
    assert check(stored, fresh).findings == ()


@pytest.mark.parametrize(("stored", "fresh"), [(3, 1), (1, 3), (2, 5)])
def test_polling_more_or_less_often_is_no_drift(check: Check, answer: Answer, stored: int, fresh: int) -> None:
    def poll(times: int) -> list[Interaction]:
        return [answer({"status": "pending"})] * times + [answer({"status": "done", "result": {"n": 1}})]

    seen = check(poll(stored), poll(fresh))
    assert seen.findings == ()
    assert {noise.why for noise in seen.noise} == {"it repeats a request that both sides made"}
    assert seen.interactions == min(stored, fresh) + 1


def test_a_retry_after_a_refusal_is_no_drift(check: Check, answer: Answer) -> None:
    made = answer({"id": 1}, method="POST", sent={"a": 1})
    refused = answer({"error": "slow down"}, method="POST", sent={"a": 1}, status=429)
    assert check([made], [refused, made]).findings == ()
    assert check([refused, refused, made], [made]).findings == ()
    assert check([made], [refused, made]).could_not_check == ()


def test_the_same_creation_made_once_more_is_client_drift(check: Check, answer: Answer, told: Told) -> None:
    made = answer({"id": 1}, method="POST", sent={"a": 1})
    assert told(check([made, made], [made])) == [("breaking", "interaction-missing", "")]
    assert told(check([made], [made, made])) == [("breaking", "interaction-added", "")]


def test_a_list_may_have_another_number_of_pages(check: Check, answer: Answer) -> None:
    def pages(count: int) -> list[Interaction]:
        first = answer({"data": [1]}, url=f"{ORIGIN}/v1/c")
        rest = [answer({"data": [n]}, url=f"{ORIGIN}/v1/c?page={n}") for n in range(2, count + 1)]
        return [first, *rest]

    seen = check(pages(2), pages(5))
    assert [str(finding.kind) for finding in seen.findings] == []
    assert seen.noise_count == 3


def test_a_request_that_only_one_side_made_is_client_drift(check: Check, answer: Answer, told: Told) -> None:
    read, gone = answer({"a": 1}), answer({}, method="DELETE", url=f"{ORIGIN}/v1/things/1")
    seen = check([read, gone], [read])
    assert told(seen) == [("breaking", "interaction-missing", "")]
    assert seen.findings[0].occurrences[0].interaction == 1
    assert seen.findings[0].occurrences[0].fresh_interaction == -1
    assert seen.findings[0].endpoint == "/v1/things/{id}"
    seen = check([read], [read, gone])
    assert told(seen) == [("breaking", "interaction-added", "")]
    assert seen.findings[0].occurrences[0].interaction == -1


@pytest.mark.parametrize(("mode", "severity"), [("fail", Severity.BREAKING), ("warn", Severity.INFO)])
def test_client_drift_weighs_what_the_caller_says(check: Check, answer: Answer, mode: str, severity: Severity) -> None:
    stored, fresh = [answer({}, sent={"a": 1}, method="POST")], [answer({}, sent={"a": 2}, method="POST")]
    seen = check(stored, fresh, client_drift=mode)
    assert [finding.severity for finding in seen.findings] == [severity]
    assert (seen.findings[0].where, seen.findings[0].path) == ("request", "/a")
    assert check(stored, fresh, client_drift="ignore").findings == ()
    assert check(stored, [], client_drift="ignore").findings == ()


def test_a_query_that_changed_is_named(check: Check, answer: Answer, told: Told) -> None:
    stored, fresh = answer({"a": 1}, url=f"{ORIGIN}/v1/c?limit=1"), answer({"a": 1}, url=f"{ORIGIN}/v1/c?limit=2")
    assert told(check([stored], [fresh])) == [("breaking", "request-changed", "/?limit")]
    bare = answer({"a": 1}, url=f"{ORIGIN}/v1/c")
    assert told(check([stored], [bare])) == [("breaking", "request-changed", "/?limit")]
    twice = [answer({"a": 1}, url=f"{ORIGIN}/v1/c?tag=x&tag={tag}") for tag in "yz"]
    assert told(check(twice[:1], twice[1:])) == [("breaking", "request-changed", "/?tag/*")]


def test_operations_at_one_url_are_told_apart(check: Check, answer: Answer) -> None:
    def call(target: str, body: object) -> Interaction:
        return answer(body, method="POST", sent={}, sent_headers=[("X-Amz-Target", target)])

    put, get = call("Db.Put", {}), call("Db.Get", {"Item": {"n": 1}})
    assert check([put, get], [get, put]).findings == ()
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    create = answer({"a": 1}, method="POST", headers=form, sent=b"Action=Create", sent_headers=form)
    remove = answer({"b": 1}, method="POST", headers=form, sent=b"Action=Remove", sent_headers=form)
    assert check([create, remove], [remove, create]).findings == ()
    named = answer({"a": 1}, method="POST", sent={"query": "{x}", "operationName": "X"})
    inline = answer({"b": 1}, method="POST", sent={"query": "query Y { y }"})
    nameless = answer({"c": 1}, method="POST", sent={"query": "{ z }"})
    assert check([named, inline, nameless], [nameless, inline, named]).findings == ()


def test_odd_short_ids_in_paths_are_paired(check: Check, answer: Answer) -> None:
    stored, fresh = (answer({"ok": True}, url=f"{ORIGIN}/v1/jobs/j{n}x") for n in (1700, 1800))
    seen = check([stored], [fresh])
    assert (seen.interactions, seen.findings) == (1, ())


def test_what_answers_handed_out_names_a_thing_in_paths(check: Check, answer: Answer, told: Told) -> None:
    def take(made: str) -> list[Interaction]:
        return [
            answer({"slug": made}, method="POST", url=f"{ORIGIN}/v1/boards", sent={}),
            answer({"title": made}, url=f"{ORIGIN}/v1/boards/{made}"),
        ]

    seen = check(take("brave-turing"), take("lucid-hopper"))
    assert seen.interactions == 2
    assert ("breaking", "interaction-missing", "") not in told(seen)
    other = [answer({"a": 1}, url=f"{ORIGIN}/v1/charges")], [answer({"a": 1}, url=f"{ORIGIN}/v1/refunds")]
    assert {kind for _, kind, _ in told(check(*other))} == {"interaction-missing", "interaction-added"}


def test_numbers_in_paths_must_come_from_an_earlier_answer(check: Check, answer: Answer, told: Told) -> None:
    def take(made: int) -> list[Interaction]:
        return [
            answer({"id": made}, method="POST", url=f"{ORIGIN}/v1/orders", sent={"n": 1}),
            answer({"id": made}, url=f"{ORIGIN}/v1/orders/{made}"),
            answer({"id": made}, url=f"{ORIGIN}/v1/lines?order={made}&order_id={made}"),
            answer({}, method="POST", url=f"{ORIGIN}/v1/pay", sent={"order_id": made}),
        ]

    assert check(take(17), take(18)).findings == ()
    seen = check(take(17)[1:2], take(18)[1:2])
    assert told(seen) == [("breaking", "request-changed", "")]


def test_ten_times_the_interactions_take_about_ten_times_the_work(check: Check, answer: Answer) -> None:
    def work(count: int) -> int:
        take = [answer({"id": n}, url=f"{ORIGIN}/v1/c/{n}", method="POST", sent={"n": n}) for n in range(count)]

        def compare() -> None:
            assert check(take, take).findings == ()

        return calls(compare)

    # What is worked out once and kept is so now.
    work(50)
    assert work(500) < 12 * work(50)


def test_a_cursor_follows_from_the_last_answer(check: Check, answer: Answer, told: Told) -> None:
    def take(made: str, last: str) -> list[Interaction]:
        page = answer({"data": []}, url=f"{ORIGIN}/v1/c?starting_after={last}")
        return [answer({"id": made}, method="POST", sent={}), page]

    stored = take("cus_SLlAfpovZYiu0u", "cus_SLlAfpovZYiu0u")
    assert told(check(stored, take("cus_K9wJ5n6D3NWfoR", "cus_zFjt3LaAquN79g"))) == []
