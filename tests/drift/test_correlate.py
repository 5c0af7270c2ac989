"""Ids are new in each take, and must still refer to what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]

ORIGIN = "https://api.test"
OLD, NEW = ("cus_SLlAfpovZYiu0u", "cus_zFjt3LaAquN79g"), ("cus_K9wJ5n6D3NWfoR", "cus_4c84hSZyp52dRq")


def take(answer: Answer, ids: tuple[str, str], customer: str) -> list[Interaction]:
    """Two customers are made, and an order that names one of them."""
    made = [answer({"id": one}, method="POST", url=f"{ORIGIN}/v1/c", sent={"n": n}) for n, one in enumerate(ids)]
    return [*made, answer({"customer": customer, "url": f"/v1/c/{customer}"}, url=f"{ORIGIN}/v1/orders")]


def test_a_renamed_id_is_no_change(check: Check, answer: Answer) -> None:
    seen = check(take(answer, OLD, OLD[0]), take(answer, NEW, NEW[0]))
    assert seen.findings == ()
    assert {noise.pointer for noise in seen.noise} == {"/id", "/customer", "/url"}


@pytest.mark.parametrize("named", [NEW[1], "cus_saPKahnEroPDIT", OLD[0]], ids=["other", "unknown", "stale"])
def test_an_answer_that_names_another_thing_is_a_finding(check: Check, answer: Answer, told: Told, named: str) -> None:
    seen = check(take(answer, OLD, OLD[0]), take(answer, NEW, named))
    assert ("risky", "reference-changed", "/customer") in told(seen)
    assert any("before" in line or "should have become" in line for line in seen.findings[0].story)


def test_two_stored_ids_do_not_become_one(check: Check, answer: Answer, told: Told) -> None:
    stored = [answer({"id": OLD[0], "friend": OLD[1]})]
    assert told(check(stored, [answer({"id": NEW[0], "friend": NEW[0]})])) == [
        ("risky", "reference-changed", "/friend")
    ]


def test_a_request_for_another_thing_is_client_drift(check: Check, answer: Answer, told: Told) -> None:
    def read(ids: tuple[str, str], which: int) -> list[Interaction]:
        made = [answer({"id": one}, method="POST", sent={"n": n}) for n, one in enumerate(ids)]
        return [*made, answer({"ok": True}, url=f"{ORIGIN}/v1/c/{ids[which]}")]

    assert check(read(OLD, 0), read(NEW, 0)).findings == ()
    assert told(check(read(OLD, 0), read(NEW, 1))) == [("breaking", "request-changed", "")]


def test_an_id_that_looks_like_a_word_is_known_by_its_name(check: Check, answer: Answer) -> None:
    stored = [answer({"id": "cus_DOPiaxqYQLIPjB"}), answer({"url": "/c/cus_DOPiaxqYQLIPjB/x"}, url=f"{ORIGIN}/u")]
    fresh = [answer({"id": "cus_fitHomsewuWUZv"}), answer({"url": "/c/cus_fitHomsewuWUZv/x"}, url=f"{ORIGIN}/u")]
    assert check(stored, fresh).findings == ()


def test_ids_among_new_tokens_in_one_text(check: Check, answer: Answer) -> None:
    stored = [answer({"id": "pi_DOPiaxqYQLIPjB", "client_secret": "pi_DOPiaxqYQLIPjB_secret_mFJOK49lYwJCoyLD"})]
    fresh = [answer({"id": "pi_fitHomsewuWUZv", "client_secret": "pi_fitHomsewuWUZv_secret_xBPvK3kwDHlfduM7"})]
    assert check(stored, fresh).findings == ()


def test_values_made_anew_for_each_answer_refer_to_nothing(check: Check, answer: Answer) -> None:
    etags = "8fabe1c49db6dc95", "6a06825db3f73179", "29d54d8ea93c1427"
    stored = [answer({"etag": etags[0]}), answer({"etag": etags[0]}, url=f"{ORIGIN}/x")]
    fresh = [answer({"etag": etags[1]}), answer({"etag": etags[2]}, url=f"{ORIGIN}/x")]
    assert check(stored, fresh).findings == ()


def test_elements_are_paired_by_their_renamed_ids(check: Check, answer: Answer, told: Told) -> None:
    def list_of(ids: tuple[str, str], *, swapped: bool) -> list[Interaction]:
        made = [answer({"id": one}, method="POST", sent={"n": n}) for n, one in enumerate(ids)]
        data = [{"id": ids[0], "a": "ann"}, {"id": ids[1], "b": "bob"}]
        return [*made, answer({"data": data[::-1] if swapped else data}, url=f"{ORIGIN}/v1/c")]

    assert told(check(list_of(OLD, swapped=False), list_of(NEW, swapped=True))) == []


def test_urls_that_name_the_origin_of_their_take(check: Check, answer: Answer, told: Told) -> None:
    def at(port: int, made: str, color: str) -> list[Interaction]:
        base = f"http://127.0.0.1:{port}"
        body = {"self": f"{base}/v1/c", "item": f"{base}/v1/c/{made}", "color": color}
        return [answer(body, url=f"{base}/v1/c")]

    assert told(check(at(18420, OLD[0], "red"), at(18421, NEW[0], "red"))) == []
    assert told(check(at(18420, OLD[0], "red"), at(18421, NEW[0], "blue"))) == [("info", "value-changed", "/color")]


def test_a_page_that_is_the_same_among_renamed_ids(check: Check, answer: Answer) -> None:
    page = answer(b"hello", url=f"{ORIGIN}/page", headers=[("Content-Type", "text/plain")])
    assert check([answer({"id": OLD[0]}), page], [answer({"id": NEW[0]}), page]).findings == ()


def test_made_up_names_and_numbers_are_known_within_texts(check: Check, answer: Answer) -> None:
    def take_of(slug: str, number: int) -> list[Interaction]:
        return [
            answer({"slug": slug, "self": f"/v1/boards/{number}"}, method="POST", url=f"{ORIGIN}/v1/boards", sent={}),
            answer({"message": f"Board {slug} is locked."}, url=f"{ORIGIN}/v1/boards/{slug}"),
            answer({"ok": True}, url=f"{ORIGIN}/v1/boards/{number}/cards"),
        ]

    seen = check(take_of("vague-hopper-3977", 61875), take_of("calm-euler-2259", 29533))
    assert (seen.interactions, seen.findings) == (3, ())


def test_a_request_may_name_what_an_earlier_answer_gave(check: Check, answer: Answer, told: Told) -> None:
    def take_of(tenant: str) -> list[Interaction]:
        return [
            answer({"tenant": tenant}, method="POST", url=f"{ORIGIN}/tenants", sent={"name": "Acme"}),
            answer({"ok": True}, url=f"{ORIGIN}/t/{tenant}/audit"),
            answer({"ok": True}, method="POST", url=f"{ORIGIN}/audits", sent={"of": tenant}),
        ]

    seen = check(take_of("acme-cgruxu"), take_of("acme-zistuh"))
    assert told(seen) == [("info", "value-changed", "/tenant")]
    alone = check(take_of("acme-cgruxu")[2:], take_of("acme-zistuh")[2:])
    assert told(alone) == [("breaking", "request-changed", "/of")]
