from __future__ import annotations

import json
from typing import Any

import pytest

from undrift.match import operation
from undrift.model import Headers, Request


def post(body: Any, media_type: str = "application/json", **headers: str) -> Request:
    fields = (("Content-Type", media_type), *((name.replace("_", "-"), value) for name, value in headers.items()))
    return Request("POST", "http://h/", Headers(fields), (body if isinstance(body, str) else json.dumps(body)).encode())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # GraphQL, named by the client, by the document, or not at all.
        ({"query": "query A { a } query B { b }", "operationName": "B"}, "B"),
        ({"operationName": "A", "extensions": {"persistedQuery": {"sha256Hash": "00"}}}, "A"),
        ({"query": "mutation Create($in: Input = {a: 1}) { query(x: 1) { id } }"}, "Create"),
        ({"query": "# query Not { a }\n query Users { users }"}, "Users"),
        ({"query": "query A { a } query B { b }"}, "A,B"),
        ({"query": "{ users { id,\n name # comment\n } }"}, "{ users { id name } }"),
        ({"query": "{users{id name}}", "operationName": None}, "{ users { id name } }"),
        ({"query": 'query { user(name: "query Not { }") { id } }'}, 'query { user ( name : "query Not { }" ) { id } }'),
        ([{"query": "query A { a }"}, {"query": "query B { b }"}, 5], "A,B"),
        # JSON-RPC, version 2 and version 1.
        ({"jsonrpc": "2.0", "method": "eth_call", "id": 1}, "eth_call"),
        ({"method": "echo", "params": ["hi"], "id": 1}, "echo"),
        ([{"jsonrpc": "2.0", "method": "a"}, {"jsonrpc": "2.0", "method": "b"}], "a,b"),
        # Bodies that only look like it.
        ({"query": "red shoes"}, ""),
        ({"query": '{"match": 1}'}, ""),
        ({"query": {"match_all": {}}}, ""),
        ({"query": "red shoes", "operationName": "A"}, ""),
        ({"method": "card"}, ""),
        ({"method": 5, "jsonrpc": "2.0"}, ""),
        ([], ""),
        ("5", ""),
        ("not JSON", ""),
    ],
)
def test_the_operation_of_a_json_body(body: Any, expected: str) -> None:
    assert operation(post(body)) == expected


def test_the_operation_of_amazon_protocols() -> None:
    assert operation(post({}, "application/x-amz-json-1.0", X_Amz_Target="DynamoDB_20120810.GetItem")).endswith(
        "GetItem"
    )
    form = "application/x-www-form-urlencoded"
    assert operation(post("Version=2012-11-05&Action=SendMessage", form)) == "SendMessage"
    assert operation(post("a=1", form)) == ""


def test_the_operation_of_a_bare_graphql_document() -> None:
    assert operation(post("query Users { users }", "application/graphql")) == "Users"
    assert operation(post("", "application/graphql")) == ""


def test_requests_without_a_body_say_it_all_in_their_url() -> None:
    assert operation(Request("GET", "http://h/?Action=SendMessage")) == ""
