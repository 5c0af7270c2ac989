"""The hook of pytest-recording, which suites written for it implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Called with the ``VCR`` object of each test, to register matchers and the like."""
