"""What Stripe really changed between 28 dates is found, among ids and times that are new in each take."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.stripe_sandbox import DATES, Sandbox, serving

from undrift import cli, use_cassette
from undrift.drift import Comparison, Context, Finding, Severity, Verdict, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Every test here takes a slice of the dates, so that a run is quick; all dates hold, see docs/drift.md.
STEPS = list(pairwise(DATES))

pytestmark = pytest.mark.skipif(not DATES, reason="the history of Stripe's examples is not here")


def resources(date: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(date.read_text("utf-8"))
    return found


def record(date: Path, names: list[str], seed: int) -> Cassette:
    """A session with the sandbox of a date, as a cassette; without the network, for there are many."""
    sandbox = Sandbox(resources(date), seed)
    return Cassette(tuple(interaction(sandbox, *asked) for asked in sandbox.session(names)))


def interaction(sandbox: Sandbox, method: str, target: str) -> Interaction:
    status, fields, body = sandbox.handle(method, target)
    return Interaction(
        Request(method, f"https://api.stripe.com{target}"), Response(status, "", Headers.of(fields), body)
    )


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


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one step: how many true changes there are, which of them no finding names, and what is false."""

    stored: str
    fresh: str
    true: int
    missed: set[tuple[str, str]]
    false: list[str]


def step(stored: Path, fresh: Path) -> Step:
    old, new = resources(stored), resources(fresh)
    names = sorted(old.keys() & new.keys())
    findings = check(record(stored, names, 1), record(fresh, names, 2)).findings
    true = {(name, at) for name in names for at in changes(old[name], new[name])}
    return Step(stored.stem, fresh.stem, len(true), unnamed(true, findings), false_ones(old, new, findings))


def unnamed(true: set[tuple[str, str]], findings: Iterable[Finding]) -> set[tuple[str, str]]:
    """The true changes that are not found in what is created and read, or not in lists."""
    seen: dict[str, set[str]] = {}
    for finding in findings:
        seen.setdefault(finding.endpoint, set()).add(finding.path)
    return {(name, at) for name, at in true if not {at, f"/data/*{at}"} <= seen.get(f"/v1/{name}s", set())}


def false_ones(old: dict[str, Any], new: dict[str, Any], findings: Iterable[Finding]) -> list[str]:
    """Findings above info about resources that are the same on both dates, with all that is expanded in them."""

    def is_same(name: str) -> bool:
        return all(old.get(part) == new.get(part) for part in (name, *old[name].keys()) if part in old or part in new)

    # Events have all other resources in them.
    same = {f"/v1/{name}s" for name in old.keys() & new.keys() - {"event"} if is_same(name)}
    return [
        f"{finding.kind} {finding.endpoint}{finding.path}"
        for finding in findings
        if finding.severity > Severity.INFO and finding.endpoint.removesuffix("/{id}") in same
    ]


def check(stored: Cassette, fresh: Cassette) -> Comparison:
    return compare(stored, fresh, Context("stripe.yaml"))


def two_takes(date: Path) -> Comparison:
    names = sorted(resources(date))
    return check(record(date, names, 3), record(date, names, 4))


@pytest.mark.parametrize(("stored", "fresh"), STEPS[::6], ids=lambda date: date.stem)
def test_every_field_that_came_or_went_between_two_dates_is_found(stored: Path, fresh: Path) -> None:
    found = step(stored, fresh)
    assert (found.missed, found.false) == (set(), [])


@pytest.mark.parametrize("date", DATES[::6], ids=lambda date: date.stem)
def test_two_takes_of_one_date_are_clean_without_any_evidence(date: Path) -> None:
    seen = two_takes(date)
    assert seen.verdict is Verdict.CLEAN
    assert [(finding.path, finding.stored, finding.fresh) for finding in seen.findings] == []


def test_a_sandbox_of_one_date_is_recorded_and_checked_at_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A recording of its own: the run that this test is part of has nothing to say of it.
    monkeypatch.setattr("undrift.app.current._offers", [])
    stored, fresh = STEPS[-1]
    old, new = resources(stored), resources(fresh)
    changed = [name for name in sorted(old.keys() & new.keys()) if changes(old[name], new[name])][:4]
    names = [*changed, *(name for name in sorted(old) if old[name] == new.get(name))][:8]
    takes = (("old", stored, 1), ("again", stored, 2), ("new", fresh, 3))
    for name, date, seed in takes:
        sandbox = Sandbox(resources(date), seed)
        with serving(sandbox) as url, use_cassette(tmp_path / f"{name}.yaml", mode="record"):
            for method, target in sandbox.session(names):
                httpx.request(method, f"{url}{target}")

    def diff(one: str, other: str) -> Any:
        code = cli.main(["diff", "--format=json", *(str(tmp_path / f"{name}.yaml") for name in (one, other))])
        return code, json.loads(capsys.readouterr().out)

    code, report = diff("old", "again")
    assert (code, report["verdict"], report["findings"]) == (0, "clean", [])
    code, report = diff("old", "new")
    found = {(finding["endpoint"], finding["path"]) for finding in report["findings"]}
    true = {(f"/v1/{name}s", at) for name in changed for at in changes(old[name], new[name])}
    assert changed
    assert true <= found
    assert {endpoint.split("/")[2] for endpoint, _ in found} <= {*(f"{name}s" for name in changed), "events"}
