"""Two folders of cassettes compared: file by file, in the light of all of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from undrift import store
from undrift.app import cores
from undrift.app.folders import compare_folders
from undrift.config import Config
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TODAY = dt.date(2026, 11, 20)
JSON = Headers.of([("Content-Type", "application/json")])
WITH, WITHOUT = {"a": 1, "b": 2}, {"a": 1}


def put(path: Path, body: Any, resource: str = "things") -> None:
    answer = Response(200, "OK", JSON, json.dumps(body).encode())
    cassette = Cassette((Interaction(Request("GET", f"https://api.example.com/v1/{resource}"), answer),))
    store.write(path, scrub(cassette, Secrets.named({})))


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[], dict[str, list[tuple[str, str]]]]:
    """What is found in each cassette of two folders, in short."""

    def compared() -> dict[str, list[tuple[str, str]]]:
        found, _ = compare_folders(Config(), tmp_path / "old", tmp_path / "new", TODAY)
        return {
            name: [(finding.severity.label, finding.path) for finding in comparison.findings]
            for name, comparison in found
        }

    return compared


def test_other_cassettes_tell_what_is_optional(tmp_path: Path, compared: Callable[[], dict[str, Any]]) -> None:
    put(tmp_path / "old/a.yaml", WITH)
    put(tmp_path / "new/a.yaml", WITHOUT)
    assert compared() == {"a.yaml": [("breaking", "/b")]}
    put(tmp_path / "old/sub/b.yaml", WITH)
    put(tmp_path / "new/sub/b.yaml", WITH)
    assert compared() == {"a.yaml": [("risky", "/b")], "sub/b.yaml": []}
    put(tmp_path / "old/sub/b.yaml", WITHOUT)
    assert compared() == {"a.yaml": [], "sub/b.yaml": []}


def test_cassettes_of_other_endpoints_say_nothing(tmp_path: Path, compared: Callable[[], dict[str, Any]]) -> None:
    put(tmp_path / "old/a.yaml", WITH)
    put(tmp_path / "new/a.yaml", WITHOUT)
    put(tmp_path / "old/b.yaml", WITH, "others")
    put(tmp_path / "new/b.yaml", WITH, "others")
    assert compared() == {"a.yaml": [("breaking", "/b")], "b.yaml": []}


def test_many_cassettes_are_compared_on_all_cores(
    tmp_path: Path, compared: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "_FEW", 4)
    for number in range(6):
        put(tmp_path / f"old/{number}.yaml", WITH, f"r{number % 2}")
        put(tmp_path / f"new/{number}.yaml", WITHOUT if number == 1 else WITH, f"r{number % 2}")
    expected: dict[str, Any] = {f"{number}.yaml": [] for number in range(6)}
    assert compared() == expected | {"1.yaml": [("risky", "/b")]}


def test_whoever_looks_on_sees_how_far_it_is(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path / f"old/{name}.yaml", WITH)
        put(tmp_path / f"new/{name}.yaml", WITHOUT if name == "a" else WITH)
    seen: list[tuple[str, int, int]] = []

    def watch(results: Iterator[Any], total: int, doing: str) -> Iterator[Any]:
        come = list(results)
        seen.append((doing, len(come), total))
        yield from come

    compare_folders(Config(), tmp_path / "old", tmp_path / "new", TODAY, watch)
    assert seen == [("Comparing", 2, 2), ("Looking for evidence", 1, 1)]


def test_a_cassette_that_goes_away_meanwhile_stays_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path / f"old/{name}.yaml", WITH)
        put(tmp_path / f"new/{name}.yaml", WITHOUT if name == "a" else WITH)

    def watch(results: Iterator[Any], total: int, doing: str) -> Iterator[Any]:
        del total
        if doing != "Comparing":
            (tmp_path / "old/b.yaml").unlink()
        yield from results

    found, problems = compare_folders(Config(), tmp_path / "old", tmp_path / "new", TODAY, watch)
    assert [comparison.interactions for _, comparison in found] == [1, 1]
    assert problems == []
