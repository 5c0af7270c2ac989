"""The command line options, ours and those of pytest-recording."""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest

from undrift.config import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

# Other cassette plugins: the name of each one's entry point, its module and its package.
_OTHERS: Mapping[str, tuple[str, str]] = {
    "recording": ("pytest_recording", "pytest-recording"),
    "vcr": ("pytest_vcr", "pytest-vcr"),
    "cassetter": ("cassetter", "cassetter"),
}


def refuse_other_plugins(pluginmanager: pytest.PytestPluginManager) -> None:
    """Stop where another cassette plugin is active too: both would answer each request."""
    suspects = [name for name, (module, _) in _OTHERS.items() if importlib.util.find_spec(module) is not None]
    if not suspects:
        return
    registered = {point.name for point in entry_points(group="pytest11")}
    for name in suspects:
        if name in registered and not pluginmanager.is_blocked(name):
            package = _OTHERS[name][1]
            raise pytest.UsageError(
                f"undrift takes the place of {package}, and both are installed: "
                f"uninstall {package}, or run pytest with -p no:{name}."
            )


def add_options(parser: pytest.Parser) -> None:
    """Add the options of undrift, and of pytest-recording for suites written for it."""
    group = parser.getgroup("undrift", "record, replay and check HTTP traffic")
    group.addoption(
        "--undrift",
        metavar="MODE",
        choices=[mode.value for mode in Mode],
        default=None,
        help="replay (the default), record, check, missing or live.",
    )
    # By the name and in the words under which a suite's people know them.
    group = parser.getgroup("recording")
    group.addoption(
        "--record-mode",
        choices=("once", "new_episodes", "none", "all", "rewrite"),
        default=None,
        help="VCR.py record mode. Default to none, which is replay; once is missing, rewrite is record.",
    )
    group.addoption("--block-network", action="store_true", default=False, help="Refuse network access.")
    group.addoption(
        "--allowed-hosts",
        default=None,
        help="Regular expressions, separated by commas, of hosts to which connections are allowed.",
    )
    group.addoption("--disable-recording", action="store_true", default=False, help="Leave all tests without a deck.")
