"""What Stripe really changed between 28 dates is found, among ids and times that are new in each take."""

from __future__ import annotations

import json
import random
import re
import string
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from undrift.drift import Comparison, Context, Verdict, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

HISTORY = Path(__file__).parents[3] / "shared" / "stripe-history"
DATES = sorted(HISTORY.glob("*.json"))
# Every test here takes a slice of the dates, so that a run is quick; all dates hold, see docs/drift.md.
STEPS = list(pairwise(DATES))[::6]

pytestmark = pytest.mark.skipif(not DATES, reason="the history of Stripe's examples is not here")

ALPHABET = string.ascii_letters + string.digits
ID = re.compile(r"\b([a-z]{2,5}(?:_[a-z]{2,})*_)([0-9A-Za-z]{14,})\b")
ERROR = {"error": {"type": "invalid_request_error", "message": "Unrecognized request URL", "code": "url_invalid"}}


class Sandbox:
    """Serves the resources of one date, with ids and times of its own in each take."""

    def __init__(self, resources: dict[str, Any], seed: int) -> None:
        self.resources = resources
        self.chance = random.Random(seed)  # noqa: S311 - the same take each time
        self.ids: dict[tuple[str, int], str] = {}
        self.started = 1_795_218_000 + seed * 37

    def answer(self, name: str, copy: int) -> Any:
        text = ID.sub(lambda match: match[1] + self.id(match[2], copy), json.dumps(self.resources[name]))
        return self.moved(json.loads(text), copy)

    def id(self, original: str, copy: int) -> str:
        key = original, copy
        if key not in self.ids:
            self.ids[key] = "".join(self.chance.choices(ALPHABET, k=len(original)))
        return self.ids[key]

    def moved(self, value: Any, copy: int) -> Any:
        if isinstance(value, dict):
            return {name: self.moved(member, copy) for name, member in value.items()}
        if isinstance(value, list):
            return [self.moved(element, copy) for element in value]
        if isinstance(value, int) and 1_000_000_000 < value < 2_000_000_000:
            return self.started + copy + value % 7
        return value

    def respond(self, status: int, body: Any) -> Response:
        made_up = {"Request-Id": f"req_{''.join(self.chance.choices(ALPHABET, k=14))}"}
        made_up["ETag"] = f'W/"{self.chance.getrandbits(64):016x}"'
        headers = Headers.of([("Content-Type", "application/json"), *made_up.items()])
        return Response(status, "", headers, json.dumps(body, indent=2).encode())


def record(date: Path, names: list[str], seed: int) -> Cassette:
    """A session that creates, reads, lists and expands each resource."""
    sandbox = Sandbox(json.loads(date.read_text("utf-8")), seed)
    talk: list[Interaction] = []

    def ask(method: str, path: str, body: Any) -> None:
        known = body is not None
        request = Request(method, f"https://api.stripe.com/v1/{path}")
        talk.append(Interaction(request, sandbox.respond(200 if known else 404, body if known else ERROR)))

    for name in names:
        if name not in sandbox.resources:
            ask("GET", f"{name}s", None)
            continue
        one = sandbox.answer(name, 0)
        ask("POST", f"{name}s", one)
        ask("GET", f"{name}s/{one.get('id', 'current')}", one)
        data = [sandbox.answer(name, copy) for copy in range(3)]
        ask("GET", f"{name}s?limit=3", {"object": "list", "data": data, "has_more": False, "url": f"/v1/{name}s"})
        expanded = {"object": "event", "data": {"object": one}, "pending_webhooks": 0}
        ask("GET", f"events/evt_{sandbox.id(f'{name:14.14}', 9)}?type={name}", expanded)
    return Cassette(tuple(talk))


def shape(value: Any, at: str = "") -> dict[str, set[str]]:
    """The types at each place, elements of an array being one place."""
    seen = {at: {type(value).__name__}}
    members = value.items() if isinstance(value, dict) else (("*", v) for v in value) if isinstance(value, list) else ()
    for name, member in members:
        for place, types in shape(member, f"{at}/{name.replace('/', '~1')}").items():
            seen.setdefault(place, set()).update(types)
    return seen


def changes(old: Any, new: Any) -> set[str]:
    """The places of fields that were added, removed or retyped, but not those below them.

    Elements of an array may differ among themselves: there, only what no element of the
    other side has is a change.
    """
    before, after = shape(old), shape(new)
    found = set()
    for at in before.keys() | after.keys():
        then, now = before.get(at, set()), after.get(at, set())
        if then.isdisjoint(now) if "/*" in at else then != now:
            found.add(at)
    fields = {at for at in found if not at.endswith("/*")}
    return {at for at in fields if not any(at.startswith(f"{above}/") for above in found)}


def missed(stored: Path, fresh: Path) -> tuple[int, set[tuple[str, str]]]:
    """How many true changes there are, and those that no finding names."""
    old, new = (json.loads(date.read_text("utf-8")) for date in (stored, fresh))
    names = sorted(old.keys() & new.keys())
    found = check(record(stored, names, 1), record(fresh, names, 2)).findings
    seen: dict[str, set[str]] = {}
    for finding in found:
        seen.setdefault(finding.endpoint, set()).add(finding.path)
    true = {(name, at) for name in names for at in changes(old[name], new[name])}
    return len(true), {(name, at) for name, at in true if not {at, f"/data/*{at}"} <= seen.get(f"/v1/{name}s", set())}


def check(stored: Cassette, fresh: Cassette) -> Comparison:
    return compare(stored, fresh, Context("stripe.yaml"))


@pytest.mark.parametrize(("stored", "fresh"), STEPS, ids=lambda date: date.stem)
def test_every_field_that_came_or_went_between_two_dates_is_found(stored: Path, fresh: Path) -> None:
    _, unfound = missed(stored, fresh)
    assert unfound == set()


@pytest.mark.parametrize("date", DATES[::6], ids=lambda date: date.stem)
def test_two_takes_of_one_date_are_clean_without_any_evidence(date: Path) -> None:
    names = sorted(json.loads(date.read_text("utf-8")))
    seen = check(record(date, names, 3), record(date, names, 4))
    assert seen.verdict is Verdict.CLEAN
    assert [(finding.path, finding.stored, finding.fresh) for finding in seen.findings] == []
