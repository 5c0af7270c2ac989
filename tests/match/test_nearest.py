from __future__ import annotations

import json

from undrift.match import RequestIndex
from undrift.model import Headers, Request


def get(url: str, method: str = "GET") -> Request:
    return Request(method, url)


def post(url: str, **members: object) -> Request:
    headers = Headers((("Content-Type", "application/json"),))
    return Request("POST", url, headers, json.dumps(members).encode())


def nearest(recorded: list[Request], sent: Request) -> tuple[int, list[str]] | None:
    found = RequestIndex(recorded).nearest(sent)
    return None if found is None else (found[0], [f"{reason.part} {reason.at}".strip() for reason in found[1].reasons])


def test_the_body_with_the_fewest_differences_wins_and_of_several_the_first() -> None:
    recorded = [post("http://h/a", x=1, y=2, z=3), post("http://h/a", x=1, y=2), post("http://h/a", x=2, y=2)]
    assert nearest(recorded, post("http://h/a", x=3, y=2)) == (1, ["body /x"])


def test_the_same_operation_is_nearer_than_another_one() -> None:
    recorded = [
        post("http://h/", query="query B { b }", variables={"x": 1}),
        post("http://h/", query="query A { a }", variables={"x": 3, "y": 3}),
    ]
    assert nearest(recorded, post("http://h/", query="query A { a c }", variables={"x": 1})) == (
        1,
        ["body /query", "body /variables/x", "body /variables/y"],
    )
    assert nearest(recorded[:1], post("http://h/", query="query A { a }", variables={"x": 1})) == (0, ["body /query"])


def test_then_come_the_query_the_method_an_id_the_origin_and_the_spelling() -> None:
    recorded = [
        get("http://h/v1/customers?limit=1"),
        get("http://h/v1/invoices", "DELETE"),
        get("http://h/v1/charges/ch_1/refunds"),
        get("http://h:81/v1/tokens"),
        get("http://h/v1/subscriptions"),
    ]
    assert nearest(recorded, get("http://h/v1/customers?limit=2")) == (0, ["query limit"])
    assert nearest(recorded, get("http://h/v1/invoices")) == (1, ["method"])
    assert nearest(recorded, get("http://h/v1/charges/ch_2/refunds")) == (2, ["path"])
    assert nearest(recorded, get("http://h/v1/tokens")) == (3, ["url"])
    assert nearest(recorded, get("http://h/v1/subscription")) == (4, ["path"])


def test_what_is_not_alike_has_no_nearest() -> None:
    recorded = [get("http://h/v1/customers")]
    assert nearest(recorded, get("http://other/entirely")) is None
    assert nearest(recorded, get("http://h/zzz")) is None


def test_of_very_many_candidates_only_so_many_are_looked_at() -> None:
    recorded = [post("http://h/a", x=number, y=0) for number in range(300)]
    recorded.append(post("http://h/a", x=0, y=1, z=2))
    assert nearest(recorded, post("http://h/a", x=0, y=1, z=3)) == (0, ["body /y", "body /z"])
    paths = [get(f"http://h/{'abcdefghij'[number // 26]}{chr(97 + number % 26)}") for number in range(260)]
    assert nearest([*paths, get("http://h/unmistakable")], get("http://h/unmistakeable")) is None


def test_of_very_large_candidates_only_so_many_bytes_are_looked_at() -> None:
    filler = "x" * 2_500_000
    recorded = [post("http://h/a", x=number, filler=filler) for number in range(3)]
    recorded.insert(2, post("http://h/a", x=9))
    assert nearest(recorded, post("http://h/a", x=8)) == (0, ["body /x", "body /filler"])
