from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from undrift.match import MatchRules, RequestIndex, match, operation
from undrift.model import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON = ("Content-Type", "application/json")
requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(
        ["http://h/a", "http://H:80/%61", "http://h/a?x=1&y=2", "http://h/a?y=2&x=1", "http://i/a?x", "http://i/a?x="]
    ),
    st.sampled_from([Headers(), Headers((JSON,)), Headers((("X-Amz-Target", "A"), JSON))]),
    st.sampled_from([b"", b"1", b"1.0", b'{"t":1,"a":1}', b'{"a": 1, "t": 2}', b'{"jsonrpc": "2.0", "method": "m"}']),
)
# Of these no two are one, unless letter for letter: only their bodies may be equal.
plain_requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["http://h/a", "https://h/a", "http://h:81/a", "http://h/a?x=1&y=2", "http://h/a/"]),
    st.sampled_from([Headers(), Headers((JSON,)), Headers((("content-type", "application/json"),))]),
    st.sampled_from([b"", b'{"t":1,"a":1}', b'{"a": 1, "t": 2}', b'{"a": 1, "t": 1}']),
)
rule_sets = st.builds(MatchRules, st.sampled_from([(), ("X-Amz-Target",)]), st.sampled_from([(), ("/t", "x")]))


def get(url: str) -> Request:
    return Request("GET", url)


def post(body: str, *fields: tuple[str, str]) -> Request:
    return Request("POST", "http://h/", Headers((JSON, *fields)), body.encode())


@given(
    st.one_of(st.lists(requests, max_size=8), st.lists(plain_requests, max_size=8)),
    st.one_of(requests, plain_requests),
    rule_sets,
)
def test_the_index_finds_what_a_scan_would_find(recorded: Sequence[Request], sent: Request, rules: MatchRules) -> None:
    index = RequestIndex(recorded, rules)
    scan = tuple(at for at, request in enumerate(recorded) if match(request, sent, rules).matched)
    assert index.matches(sent) == scan
    counting = [(name.lower(), value) for name, value in sent.headers if name.lower() in index.counting]
    assert index.exact(sent.method, sent.url, tuple(counting), sent.body) in {(), scan}
    assert all(
        at in index.exact(each.method, each.url, tuple((n.lower(), v) for n, v in each.headers), each.body)
        for at, each in enumerate(recorded)
        if {name.lower() for name, _ in each.headers} <= index.counting
    )
    assert len(index) == len(recorded)


@given(st.lists(requests, max_size=8), requests, rule_sets)
def test_the_same_target_is_what_differs_in_body_and_headers_alone(
    recorded: Sequence[Request], sent: Request, rules: MatchRules
) -> None:
    def shares_url(request: Request) -> bool:
        return {reason.part for reason in match(request, sent, rules).reasons} <= {"body", "header"}

    index = RequestIndex(recorded, rules)
    at_url = [at for at, request in enumerate(recorded) if shares_url(request)]
    assert index.same_target(sent) == tuple(at for at in at_url if operation(recorded[at]) == operation(sent))
    assert index.has_one_operation(sent) == ({operation(recorded[at]) for at in at_url} == {operation(sent)})


@given(st.lists(requests, max_size=8), requests, rule_sets)
def test_the_nearest_is_the_match_where_there_is_one(
    recorded: Sequence[Request], sent: Request, rules: MatchRules
) -> None:
    index = RequestIndex(recorded, rules)
    found = index.nearest(sent)
    assert found == RequestIndex(recorded, rules).nearest(sent)
    if index.matches(sent):
        assert found == (index.matches(sent)[0], match(sent, sent))
    elif found is not None:
        assert found[1] == match(recorded[found[0]], sent, rules)
        assert found[1].reasons


def test_equal_requests_come_in_recorded_order() -> None:
    recorded = [get("http://h/a"), get("http://h/b"), get("http://H/a"), get("http://h:80/a")]
    index = RequestIndex(recorded)
    assert index.matches(get("http://h/a")) == (0, 2, 3)
    assert index.matches(get("http://h/%61")) == (0, 2, 3)
    assert index.matches(get("http://h/c")) == ()


def test_an_empty_index_finds_nothing() -> None:
    index = RequestIndex([])
    request = get("http://h/a")
    assert (index.matches(request), index.same_target(request), index.nearest(request)) == ((), (), None)
    assert not index.has_one_operation(request)


def test_operations_of_one_url_are_kept_apart() -> None:
    recorded = [post('{"query": "query A { a }"}'), post('{"query": "query B { b }"}')]
    index = RequestIndex(recorded)
    changed = post('{"query": "query A { a c }"}')
    assert index.matches(changed) == ()
    assert index.same_target(changed) == (0,)
    assert not index.has_one_operation(changed)
    assert RequestIndex(recorded[:1]).has_one_operation(changed)
