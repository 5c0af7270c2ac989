"""What holds for whatever a server may send."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from undrift.drift import Context, Severity, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
)
NAMES = st.sampled_from(["id", "object", "created", "url", "a", "b/c", "~", "data", "version", "query_ms"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=16,
)
KINDS = st.sampled_from(
    [
        "application/json",
        "text/html",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/event-stream",
        "application/x-ndjson",
        "text/plain; charset=latin-1",
        "text/plain; charset=no-such",
        "nonsense",
        "",
    ]
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ETag", "Vary", "Set-Cookie", "Link", "Deprecation", "Date", "X-A", "Content-Encoding"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
    ),
    max_size=4,
)
BODIES = st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode())


def interactions(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Interaction]:
    requests = st.builds(
        Request,
        st.sampled_from(["GET", "POST", "get", "DELETE", ""]),
        st.sampled_from(
            [
                "https://a.test/v1/x/17?b=1",
                "https://a.test/",
                "//",
                "",
                "http://[::1",
                "nonsense",
                "http://a.test/é?%zz",
            ]
        ),
        KINDS.map(lambda kind: Headers.of([("Content-Type", kind)])),
        bodies,
    )
    responses = st.builds(
        lambda status, kind, headers, body: Response(status, "", Headers.of([("Content-Type", kind), *headers]), body),
        st.sampled_from([200, 201, 302, 404, 429, 401, 503, 0, 999]),
        KINDS,
        HEADERS,
        bodies,
    )
    return st.builds(Interaction, requests, responses)


ANYTHING = st.lists(interactions(BODIES), max_size=3).map(lambda found: Cassette(tuple(found)))
CONTEXT = Context("a.yaml")


def answered(body: Any) -> Cassette:
    request = Request("GET", "https://a.test/v1/x")
    kind = Headers.of([("Content-Type", "application/json")])
    return Cassette((Interaction(request, Response(200, "", kind, json.dumps(body).encode())),))


@quick
@given(ANYTHING, ANYTHING)
def test_nothing_crashes_and_nothing_uncompared_is_clean(stored: Cassette, fresh: Cassette) -> None:
    seen = compare(stored, fresh, CONTEXT, stored_takes=[fresh], fresh_takes=[stored])
    json.dumps([(one.stored, one.fresh, one.id) for one in seen.findings], allow_nan=False)
    if seen.interactions < len(stored):
        said = {i for one in seen.findings for i in (place.interaction for place in one.occurrences)}
        repeated = [noise for noise in seen.noise if noise.where == "request"]
        assert said or seen.could_not_check or repeated


@quick
@given(ANYTHING)
def test_a_take_does_not_differ_from_itself(take: Cassette) -> None:
    assert compare(take, take, CONTEXT).findings == ()


@quick
@given(JSON, JSON)
def test_the_order_of_members_says_nothing(stored: Any, fresh: Any) -> None:
    shuffled = reordered(fresh, random.Random(1))  # noqa: S311 - the same order each time
    one, other = (compare(answered(stored), answered(body), CONTEXT).findings for body in (fresh, shuffled))
    assert {without_value_order(found) for found in one} == {without_value_order(found) for found in other}


def without_value_order(found: Any) -> tuple[Any, ...]:
    places = frozenset(place.pointer for place in found.occurrences)
    return found.id, found.severity, places


def reordered(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [reordered(element, chance) for element in value]
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: reordered(value[name], chance) for name in names}
    return value


IDS = st.lists(st.uuids(version=4).map(str), min_size=6, max_size=6, unique=True)


@quick
@given(IDS, st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_renaming_all_ids_one_to_one_gives_nothing(ids: list[str], order: list[int]) -> None:
    def body(known: list[str]) -> Any:
        return {
            "made": [{"id": one} for one in known],
            "refs": [{"to": f"/x/{known[i]}", "of": known[i]} for i in order],
        }

    seen = compare(answered(body(ids[:3])), answered(body(ids[3:])), CONTEXT)
    assert seen.findings == ()


@quick
@given(JSON, JSON, JSON)
def test_evidence_of_noise_never_adds_a_finding(stored: Any, fresh: Any, take: Any) -> None:
    alone = compare(answered(stored), answered(fresh), CONTEXT)
    for takes in ({"stored_takes": [answered(take)]}, {"stored_takes": [answered(stored)]}):
        aided = compare(answered(stored), answered(fresh), CONTEXT, **takes)
        places = {(one.where, one.path) for one in alone.findings}
        assert {(one.where, one.path) for one in aided.findings} <= places


@quick
@given(JSON, JSON)
def test_a_finding_has_the_same_id_every_night_and_in_every_cassette(stored: Any, fresh: Any) -> None:
    one = compare(answered(stored), answered(fresh), CONTEXT)
    other = compare(answered(stored), answered(fresh), replace(CONTEXT, cassette="b.yaml"))
    assert [found.id for found in one.findings] == [found.id for found in other.findings]
    assert len({found.id for found in one.findings}) == len(one.findings)


def deep(levels: int, leaf: Any) -> bytes:
    return b'{"a":[' * levels + json.dumps(leaf).encode() + b"]}" * levels


def test_five_hundred_levels_are_compared_without_recursion() -> None:
    def take(body: bytes) -> Cassette:
        request = Request("GET", "https://a.test/v1/x")
        return Cassette((Interaction(request, Response(200, "", Headers.of([("Content-Type", "text/json")]), body)),))

    (found,) = compare(take(deep(250, "red")), take(deep(250, "blue")), CONTEXT).findings
    assert (found.kind, found.path) == ("value-changed", "/a/*" * 250)
    (found,) = compare(take(deep(250, {"b": 1})), take(deep(250, {})), CONTEXT).findings
    assert (found.kind, found.severity) == ("field-removed", Severity.BREAKING)
    (found,) = compare(take(b'{"x": 1, "y": ' + deep(240, 1) + b"}"), take(b'{"x": 1}'), CONTEXT).findings
    assert (found.kind, found.path) == ("field-removed", "/y")
    (found,) = compare(take(deep(20_000, 1)), take(deep(20_000, 2)), CONTEXT).findings
    assert found.kind in {"text-changed", "value-changed"}


def test_odd_numbers(answer: Callable[..., Interaction]) -> None:
    def take(text: bytes) -> Cassette:
        return Cassette((answer(b'{"n": ' + text + b"}"),))

    precise = b"0." + b"1234567890" * 4
    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 400, precise):
        assert compare(take(text), take(text), CONTEXT).findings == ()
        (found,) = compare(take(text), take(b"1.5"), CONTEXT).findings
        assert found.kind in {"value-changed", "type-changed"}
        json.dumps([found.stored, found.fresh], allow_nan=False)
    assert compare(take(b"9" * 5000), take(b"9" * 4999), CONTEXT).findings != ()


def test_a_name_that_cannot_be_written_as_text(answer: Callable[..., Interaction]) -> None:
    (found,) = compare(Cassette((answer(b'{"\\ud800": 1}'),)), Cassette((answer(b"{}"),)), CONTEXT).findings
    assert found.path == "/\\ud800"
    assert found.id
