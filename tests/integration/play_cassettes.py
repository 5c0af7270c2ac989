"""Cassettes played by vcrpy alone and by pytest-recording, request by request.

No tests of undrift: `test_other_players.py` runs this file in a pytest that has not loaded it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import vcr
import yaml

ROOT = Path(__file__).parents[2]
CASSETTES = sorted(
    path for folder in ("cassettes", "examples/stripe/cassettes") for path in (ROOT / folder).rglob("*.yaml")
)
MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CASSETTES, ids=name_of)
def test_vcrpy(path: Path) -> None:
    with vcr.use_cassette(str(path), record_mode="none", match_on=MATCH_ON) as cassette:
        play(path)
    assert cassette.all_played


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.vcr(match_on=MATCH_ON), pytest.mark.default_cassette(str(path))])
        for path in CASSETTES
    ],
    ids=name_of,
)
def test_pytest_recording(path: Path, vcr: Any) -> None:
    play(path)
    assert vcr.all_played


def play(path: Path) -> None:
    """Send what was recorded, in its order, and expect the recorded answers."""
    with requests.Session() as session:
        for interaction in yaml.safe_load(path.read_text())["interactions"]:
            sent, stored = interaction["request"], interaction["response"]
            headers = {name: values[0] for name, values in sent["headers"].items() if name.lower() != "content-length"}
            answer = session.request(
                sent["method"], sent["uri"], data=sent["body"], headers=headers, allow_redirects=False, timeout=5
            )
            assert answer.status_code == stored["status"]["code"]
            assert answer.text == stored["body"]["string"]
            assert answer.json() is not None
