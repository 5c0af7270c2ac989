"""The deck of one test, from its markers, its fixtures and the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from undrift.app.session import DeckSpec, record_mode_named
from undrift.config import Mode
from undrift.errors import UsageError
from undrift.pytest_plugin.fixtures import cassette_path
from undrift.pytest_plugin.state import RUN, record_command

if TYPE_CHECKING:
    import pytest

    from undrift.app.session import OpenDeck


def deck_for(request: pytest.FixtureRequest) -> OpenDeck:
    """The deck of the test that a fixture request belongs to.

    Raises UsageError for options that mean nothing, and CassetteError for a broken cassette.
    """
    run = request.config.stash[RUN]
    markers = list(request.node.iter_markers(name="vcr"))
    options = dict(request.getfixturevalue("vcr_config"))
    for marker in reversed(markers):
        options.update(marker.kwargs)
    if options.get("serializer", "yaml") != "yaml":
        raise UsageError(f"The serializer {options['serializer']!r} is not known; cassettes are YAML.")
    folder = request.getfixturevalue("vcr_cassette_dir")
    path = cassette_path(folder, request.getfixturevalue("default_cassette_name"))
    mode, record_mode = modes(request, options)
    spec = DeckSpec(
        owner=request.node.nodeid,
        path=path,
        mode=mode,
        options=options,
        extra=tuple(Path(folder, name) for marker in markers for name in marker.args),
        record_mode=record_mode,
        maker=_maker(request.config),
        record_command=record_command(request.config, request.node.path, request.node.nodeid.partition("::")[2]),
    )
    return run.session.open(spec)


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
