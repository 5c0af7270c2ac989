"""What scrubbing costs is measured with scrubbing and truly without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.recording import measure

if TYPE_CHECKING:
    import pytest


def test_both_kinds_of_answers_are_recorded_with_scrubbing_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    # The run around this one is another project's.
    monkeypatch.setattr("undrift.app.use.running_session", lambda: None)

    measured = measure(interactions=2, rounds=1)

    assert len(measured) == 2
    assert all(result["ratio"] > 0 and result["part"] > 0 for result in measured.values())
