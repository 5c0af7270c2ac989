from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.webserver import WebServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Other plugins of this environment are no part of what is shown, and cost time in each run.
_WITHOUT = [
    part for name in ("recording", "cacheprovider", "hypothesispytest", "anyio") for part in ("-p", f"no:{name}")
]

TEST = """
import httpx, pytest

@pytest.mark.vcr
def test_one():
    assert httpx.get("{url}/one").json()["number"] == 7
"""


class Project:
    """A stranger's project: its files, and pytest run in it as its users would."""

    def __init__(self, pytester: pytest.Pytester, server: WebServer) -> None:
        self.pytester = pytester
        self.server = server
        self.root = pytester.path

    def write(self, text: str = TEST, name: str = "tests/test_it.py") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{url}", self.server.url), "utf-8")

    def configure(self, table: str = "[tool.undrift]") -> None:
        self.write(table, "pyproject.toml")

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess(*_WITHOUT, *arguments)

    def cassette(self, name: str = "test_one") -> Path:
        return self.root / "cassettes" / "tests" / "test_it" / f"{name}.yaml"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Iterator[Project]:
    with serving() as server:
        made = Project(pytester, server)
        made.configure()
        made.write()
        yield made
