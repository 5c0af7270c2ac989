from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.stranger import Stranger, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def tapes() -> dict[str, dict[str, bytes]]:
    return {}


@pytest.fixture
def stranger(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tapes: dict[str, dict[str, bytes]],
) -> Iterator[Stranger]:
    with serving() as server:
        yield Stranger(pytester, monkeypatch, capfd, server, tapes)
