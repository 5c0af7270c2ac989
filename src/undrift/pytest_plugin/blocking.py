"""The marker ``block_network`` and the option ``--block-network``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from undrift.config import Mode
from undrift.engine.blocking import blocking_context
from undrift.pytest_plugin.decks import modes
from undrift.pytest_plugin.state import has_deck

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def blocking_wanted(request: pytest.FixtureRequest, marker: pytest.Mark | None) -> Generator[None, None, None]:
    """Block, unless the test is one that records."""
    if marker is not None and (marker.args or list(marker.kwargs) not in ([], ["allowed_hosts"])):
        raise pytest.UsageError(
            "Invalid arguments to `block_network`. It accepts only the following keyword arguments: "
            f"`allowed_hosts`. Got args: {marker.args!r}; kwargs: {marker.kwargs!r}"
        )
    if has_deck(request.node):
        options = dict(request.getfixturevalue("vcr_config"))
        for vcr_marker in reversed(list(request.node.iter_markers(name="vcr"))):
            options.update(vcr_marker.kwargs)
        mode, record_mode = modes(request, options)
        if mode is not Mode.REPLAY or record_mode:
            yield
            return
    with blocking_context(request.getfixturevalue("allowed_hosts")):
        yield
