"""One change of each kind in a random place, among renamed ids and moved times: found, and called right."""

from __future__ import annotations

import copy
import json
import random
import string
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from undrift.drift import Comparison, Context, Kind, Severity, Where, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = string.ascii_letters + string.digits
START = datetime(2026, 11, 20, 23, 46, 2, 718000, tzinfo=UTC)
WORDS = [
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "indigo",
    "juniper",
    "kelp",
    "lotus",
    "maple",
    "nectar",
    "olive",
    "pine",
]


@dataclass
class Take:
    """What one run of the server makes up by itself: ids, tokens, times."""

    chance: random.Random
    now: datetime

    def id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self.chance.choices(ALPHABET, k=14))}"

    def uuid(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def later(self) -> datetime:
        self.now += timedelta(milliseconds=self.chance.randint(1, 1500))
        return self.now

    def iso(self) -> str:
        return self.later().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def epoch(self) -> int:
        return int(self.later().timestamp())

    def http(self) -> str:
        return self.later().strftime("%a, %d %b %Y %H:%M:%S GMT")


def converse(plan: int, take: Take) -> list[tuple[str, str, Any, Any]]:
    """A conversation of create, read and list; ``plan`` fixes all that is no chance."""
    fixed = random.Random(plan)  # noqa: S311 - the same plan each time
    talk: list[tuple[str, str, Any, Any]] = []
    customers = []
    for _ in range(fixed.randint(2, 3)):
        sent = {"name": " ".join(fixed.sample(WORDS, 2)), "plan": fixed.choice(["gold", "silver"])}
        customer = customer_of(fixed, take, sent)
        customers.append(customer)
        talk += [
            ("POST", "/v1/customers", sent, customer),
            ("GET", f"/v1/customers/{customer['id']}", None, copy.deepcopy(customer)),
        ]
        order = order_of(fixed, take, customer["id"])
        talk += [
            ("POST", "/v1/orders", {"customer": customer["id"]}, order),
            ("GET", f"/v1/orders/{order['id']}", None, copy.deepcopy(order)),
        ]
    listed = {"object": "list", "url": "/v1/customers", "has_more": False, "data": copy.deepcopy(customers)}
    return [*talk, ("GET", "/v1/customers?limit=10", None, listed)]


def customer_of(fixed: random.Random, take: Take, sent: dict[str, Any]) -> dict[str, Any]:
    identity = take.id("cus")
    return {
        "id": identity,
        "object": "customer",
        "name": sent["name"],
        "plan": sent["plan"],
        "balance": fixed.randint(0, 90000),
        # Of full precision it would be a number that somebody measured.
        "rate": round(round(fixed.uniform(0.5, 9.5), 2) + 0.001, 3),
        "active": fixed.random() < 0.5,
        "created": take.epoch(),
        "updated_at": take.iso(),
        "default_card": {"id": take.id("card"), "brand": fixed.choice(["Visa", "Amex"]), "last4": "4242", "year": 2031},
        "tags": fixed.sample(WORDS, 3),
        "addresses": [{"city": fixed.choice(WORDS), "zip": str(fixed.randint(10000, 99999)), "main": True}],
        "url": f"/v1/customers/{identity}/sources",
        "client_secret": f"{identity}_secret_{''.join(take.chance.choices(ALPHABET, k=24))}",
    }


def order_of(fixed: random.Random, take: Take, customer: str) -> dict[str, Any]:
    return {
        "id": take.uuid(),
        "object": "order",
        "customer": customer,
        "total": fixed.randint(100, 99999),
        "currency": fixed.choice(["usd", "eur"]),
        "paid": fixed.random() < 0.5,
        "note": " ".join(fixed.choices(WORDS, k=4)),
        "placed": take.iso(),
        "lines": [{"sku": word, "quantity": fixed.randint(1, 9), "price": 9.5} for word in fixed.sample(WORDS, 2)],
        "links": {"self": f"https://shop.test/{customer}", "next": None},
    }


def cassette(plan: int, seed: int, days: int) -> Cassette:
    chance = random.Random(seed)  # noqa: S311 - the same take each time
    take = Take(chance, START + timedelta(days=days, seconds=seed % 1000))
    return Cassette(tuple(interaction(take, *exchange) for exchange in converse(plan, take)))


def interaction(take: Take, method: str, path: str, sent: Any, received: Any) -> Interaction:
    plain = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    made_up = [
        ("Date", take.http()),
        ("ETag", f'"{take.chance.getrandbits(128):032x}"'),
        ("Request-Id", take.id("req")),
    ]
    return Interaction(
        Request(method, f"https://shop.test{path}", Headers.of(plain[:1]), b"" if sent is None else as_json(sent)),
        Response(200, "OK", Headers.of(plain + made_up), as_json(received)),
    )


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


Place = tuple["str | int", ...]


def places(body: Any, *, at: Place = ()) -> list[Place]:
    """All places below the root, containers included."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [place for step, value in steps for place in ((*at, step), *places(value, at=(*at, step)))]


def value_at(body: Any, place: Place) -> Any:
    for step in place:
        body = body[step]
    return body


def put(body: Any, place: Place, value: Any) -> None:
    value_at(body, place[:-1])[place[-1]] = value


def path_of(place: Place) -> str:
    return "".join("/*" if isinstance(step, int) else f"/{step}" for step in place)


Mutation = tuple["Callable[[random.Random, Any, Place, Any], Any]", "Callable[[Place, Any], bool]", Kind, set[Severity]]
VOLATILE = {"id", "created", "updated_at", "placed", "url", "client_secret", "customer", "self"}
GONE = object()
HURTS = {Severity.BREAKING, Severity.RISKY}


def other_text(chance: random.Random, _body: Any, _place: Place, value: Any) -> str:
    return chance.choice([word for word in WORDS if word != value])


MUTATIONS: dict[str, Mutation] = {
    "removed": (
        lambda *_: GONE,
        lambda place, _: isinstance(place[-1], str) and place != ("data",),
        Kind.FIELD_REMOVED,
        HURTS,
    ),
    "null": (lambda *_: None, lambda _, value: value is not None, Kind.NULLABILITY_CHANGED, HURTS),
    "number in a string": (
        lambda _c, _b, _p, value: str(value),
        lambda _, value: isinstance(value, int | float) and not isinstance(value, bool),
        Kind.TYPE_CHANGED,
        {Severity.BREAKING},
    ),
    "object for a text": (
        lambda _c, _b, _p, value: {"value": value},
        lambda _, value: isinstance(value, str | int),
        Kind.TYPE_CHANGED,
        {Severity.BREAKING},
    ),
    "fraction": (
        lambda _c, _b, _p, value: value + 0.5,
        lambda _, value: type(value) is int,
        Kind.TYPE_CHANGED,
        {Severity.BREAKING},
    ),
    "emptied": (lambda *_: [], lambda _, value: isinstance(value, list), Kind.ARRAY_EMPTIED, {Severity.RISKY}),
    "value": (
        lambda _c, _b, _p, value: not value if isinstance(value, bool) else value + 7,
        lambda place, value: isinstance(value, int | float) and place[-1] not in VOLATILE,
        Kind.VALUE_CHANGED,
        {Severity.INFO},
    ),
    "word": (
        other_text,
        lambda place, value: isinstance(value, str) and value.isalpha() and place[-1] not in VOLATILE,
        Kind.VALUE_CHANGED,
        {Severity.INFO},
    ),
    "date layout": (
        lambda _c, _b, _p, value: value.replace("Z", "+00:00"),
        lambda place, _: place[-1] in {"updated_at", "placed"},
        Kind.FORMAT_CHANGED,
        {Severity.BREAKING},
    ),
    "prefix": (
        lambda _c, _b, _p, value: f"g{value}",
        lambda place, value: place[-1] in {"id", "customer"} and "_" in str(value),
        Kind.FORMAT_CHANGED,
        {Severity.BREAKING},
    ),
    "reference": (
        lambda chance, _b, _p, _v: Take(chance, START).id("cus"),
        lambda place, _: place[-1] == "customer",
        Kind.REFERENCE_CHANGED,
        {Severity.RISKY},
    ),
}


def mutate(fresh: Cassette, name: str, chance: random.Random) -> tuple[Cassette, int, Place] | None:
    """One place of one answer changed, with its index and the place; None where there is none such."""
    change, suits, _, _ = MUTATIONS[name]
    bodies = [json.loads(one.response.body) for one in fresh.interactions]
    found = [(i, at) for i, body in enumerate(bodies) for at in places(body) if suits(at, value_at(body, at))]
    if not found:
        return None
    index, at = chance.choice(found)
    new = change(chance, bodies[index], at, value_at(bodies[index], at))
    if new is GONE:
        del value_at(bodies[index], at[:-1])[at[-1]]
    else:
        put(bodies[index], at, new)
    changed = list(fresh.interactions)
    changed[index] = with_body(changed[index], as_json(bodies[index]))
    return fresh.with_interactions(changed), index, at


def with_body(one: Interaction, body: bytes) -> Interaction:
    return replace(one, response=replace(one.response, body=body))


def check(stored: Cassette, fresh: Cassette) -> Comparison:
    return compare(stored, fresh, Context("a.yaml"))


def trial(number: int, name: str) -> str:
    """An empty text where the mutation was found and called right, else what came instead."""
    chance = random.Random(number)  # noqa: S311 - the same mutation each time
    stored, fresh = cassette(number, 2 * number, 0), cassette(number, 2 * number + 1, number % 40)
    mutated = mutate(fresh, name, chance)
    if mutated is None:
        return ""
    changed, index, at = mutated
    _, _, kind, severities = MUTATIONS[name]
    found = check(stored, changed).findings
    right = [
        finding
        for finding in found
        if finding.kind is kind
        and finding.where is Where.BODY
        and finding.path == path_of(at)
        and finding.severity in severities
        and index in {seen.interaction for seen in finding.occurrences}
    ]
    others = [finding for finding in found if finding.severity > Severity.INFO and finding not in right]
    # A reference that broke may be noticed in the other places that name the same thing, too.
    if right and (not others or name in {"reference", "prefix"}):
        return ""
    return f"{number} {name} at {index} {at}: {[(str(f.kind), f.severity.label, f.path) for f in found][:4]}"


def unmutated(number: int) -> list[str]:
    """What is found between two takes of one conversation, where there is nothing to find."""
    seen = check(cassette(number, 2 * number, 0), cassette(number, 2 * number + 1, number % 40))
    assert seen.could_not_check == ()
    return [f"{finding.kind} {finding.path} {finding.stored} {finding.fresh}" for finding in seen.findings]


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found_and_called_right(name: str) -> None:
    wrong = [problem for number in range(12) if (problem := trial(number, name))]
    assert wrong == []


def test_without_a_mutation_there_is_nothing_not_even_info() -> None:
    assert [found for number in range(40) if (found := unmutated(number))] == []
