"""The deck of one test, from its markers, its fixtures and the run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from undrift.app.deck_options import endings, placed, unknown_in_words
from undrift.app.open_deck import DeckSpec
from undrift.app.session import record_mode_named
from undrift.config import Mode
from undrift.errors import UsageError
from undrift.pytest_plugin.record_command import RecordCommand
from undrift.pytest_plugin.state import RUN
from undrift.store import shortened

if TYPE_CHECKING:
    from undrift.app.open_deck import OpenDeck
    from undrift.pytest_plugin.state import Run


def deck_for(request: pytest.FixtureRequest) -> OpenDeck:
    """The deck of the test that a fixture request belongs to.

    Raises UsageError for options that mean nothing, and CassetteError for a broken cassette.
    """
    run = request.config.stash[RUN]
    markers = list(request.node.iter_markers(name="vcr"))
    options = dict(request.getfixturevalue("vcr_config"))
    for marker in reversed(markers):
        options.update(marker.kwargs)
    _refuse_unknown(run, request.node, options)
    folder = request.getfixturevalue("vcr_cassette_dir")
    path = _path(request.getfixturevalue("default_cassette_name"), folder, options, is_ours=run.config.is_explicit)
    mode, record_mode = modes(request, options)
    spec = DeckSpec(
        owner=request.node.nodeid,
        path=path,
        mode=mode,
        options=options,
        extra=tuple(Path(folder, name) for marker in markers for name in marker.args),
        record_mode=record_mode,
        maker=_maker(request.config),
        record_command=RecordCommand(
            request.config.invocation_params.dir, request.node.path, request.node.nodeid.partition("::")[2]
        ),
    )
    return run.session.open(spec)


def _refuse_unknown(run: Run, item: pytest.Item, options: dict[str, Any]) -> None:
    unknown = unknown_in_words(options, f"The marker vcr of {item.nodeid}, or its vcr_config,")
    if unknown and run.config.is_explicit:
        raise UsageError(unknown)
    if unknown:
        # pytest-recording takes anything, and its suites are to run as they are.
        warnings.warn(pytest.PytestWarning(unknown), stacklevel=2)


def _path(name: str, folder: str, options: dict[str, Any], *, is_ours: bool) -> Path:
    """The file of a cassette from its name, which may lack the ending."""
    ending, *others = endings(options.get("serializer") or "yaml")
    name = shortened(name, ending)
    # pytest-recording knows no other ending, and gives its own to whatever has another.
    is_whole = name.endswith((ending, *others) if is_ours else ending)
    if not is_whole and options.get("path_transformer") is None:
        name += ending
    return Path(placed(options, name, folder))


def _maker(config: pytest.Config) -> Any:
    """The ``VCR`` object that a suite's ``pytest_recording_configure`` shaped; None without such a hook."""
    hook = config.hook.pytest_recording_configure
    if not hook.get_hookimpls():
        return None
    from undrift.engine import new_maker  # noqa: PLC0415 - only where a suite has the hook

    maker = new_maker()
    hook(config=config, vcr=maker)
    return maker


def modes(request: pytest.FixtureRequest, options: dict[str, Any]) -> tuple[Mode, str]:
    """The deck's mode, and the record mode of vcrpy where it has no other name.

    An explicit ``--undrift`` beats every record mode; else the command line, then
    ``vcr_config`` and the marker, then the run's mode.
    """
    run = request.config.stash[RUN]
    if run.is_mode_explicit:
        return run.mode, ""
    chosen = request.config.getoption("--record-mode")
    if chosen is None and run.mode is Mode.CHECK:
        # Whatever a suite says of recording: a check touches no cassette.
        return run.mode, ""
    chosen = chosen or options.get("record_mode")
    fixture = request.getfixturevalue("record_mode")
    if chosen is None and fixture != "none":
        chosen = fixture
    if chosen is None:
        return run.mode, ""
    return record_mode_named(chosen)
