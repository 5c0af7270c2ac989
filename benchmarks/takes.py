"""Made-up traffic for benchmarks: takes of one API, with ids and times of their own in each."""

from __future__ import annotations

import json
import random
import string
from typing import TYPE_CHECKING, Any

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALPHABET = string.ascii_letters + string.digits
START = 1_795_218_000

Body = dict[str, Any]


class Take:
    """One run of a server: what it makes up by itself differs from run to run, all else is the same."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.now = START + 3_600 * number
        self.chance = random.Random(number)  # noqa: S311 - the same take each time
        self.plan = random.Random(0)  # noqa: S311 - the same in all takes

    def id(self, prefix: str, length: int = 14) -> str:
        return f"{prefix}_{''.join(self.chance.choices(ALPHABET, k=length))}"

    def customer(self, index: int) -> Body:
        return {
            "id": self.id("cus"),
            "object": "customer",
            "created": self.now + index,
            "livemode": False,
            "email": f"user{index}@example.com",
            "request_id": self.id("req"),
            "updated_at": f"2026-11-{20 + self.number % 9}T10:{index % 60:02}:07Z",
            "items": [],
        }

    def volatile_item(self, holder: Body, number: int) -> Body:
        """Three of its fields are new in each take."""
        item = self.stable_item(holder, number)
        return {"id": self.id("li", 24), "customer": holder["id"], "created": self.now + number, **item}

    def stable_item(self, _holder: Body, number: int) -> Body:
        return {
            "sku": f"sku-{number}",
            "amount": self.plan.randint(1, 9999),
            "currency": "usd",
            "quantity": number,
            "discounts": [],
            "price": {"type": "one_time", "unit_amount": 100 * number, "nickname": None, "active": True, "tax": 1.5},
        }

    def bodies(self, count: int, size: int, item: Callable[[Take, Body, int], Body]) -> list[Body]:
        """That many bodies, each of about ``size`` bytes of JSON."""
        return [self._filled(self.customer(index), size, item) for index in range(count)]

    def long_body(self, size: int) -> Body:
        """One body of about ``size`` bytes of JSON."""
        body = self.customer(0)
        each = len(json.dumps(self.volatile_item(body, 100_000)))
        return {**body, "items": [self.volatile_item(body, number) for number in range(size // each)]}

    def _filled(self, body: Body, size: int, item: Callable[[Take, Body, int], Body]) -> Body:
        items = body["items"]
        while len(json.dumps(body)) < size:
            items.append(item(self, body, len(items)))
        return body

    def cassette(self, bodies: list[Body]) -> Cassette:
        return Cassette(tuple(self.interaction(body) for body in bodies))

    def interaction(self, body: Body) -> Interaction:
        made_up = [("Request-Id", self.id("req")), ("ETag", f'"{self.chance.getrandbits(128):032x}"')]
        fields = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *made_up]
        request = Request("GET", f"https://api.example.com/v1/customers/{body['id']}")
        return Interaction(request, Response(200, "OK", Headers.of(fields), json.dumps(body).encode()))


def fill_folder(folder: Path, number: int, cassettes: int) -> None:
    """Write cassettes of ten interactions of 1 KB each, as a project has them."""
    for index in range(cassettes):
        take = Take(1_000 * number + index)
        cassette = take.cassette(take.bodies(10, 1_000, Take.stable_item))
        write(folder / f"suite_{index % 20}" / f"test_{index}.yaml", scrub(cassette, Secrets.named({})))
