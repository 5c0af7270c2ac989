"""``VCR``, ``VCRMixin`` and ``VCRTestCase`` for suites written for vcrpy: its names, within this project and this run.

Outside of a run with a mode of its own they do what vcrpy does. An explicit mode beats every
record mode, and a check touches no cassette.
"""

from __future__ import annotations

import unittest
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undrift import store
from undrift.app.current import running_session
from undrift.app.use import session_of_its_own
from undrift.config import Mode
from undrift.engine import vcrapi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.app.session import Session

_RECORD = {"record_mode": "all", "drop_unused_requests": True, "record_on_exception": False}
# How each mode of a run is said in vcrpy's options.
_IN_OPTIONS: Mapping[Mode, Mapping[str, Any]] = {
    Mode.REPLAY: {"record_mode": "none"},
    Mode.MISSING: {"record_mode": "once", "record_on_exception": False},
    Mode.RECORD: _RECORD,
    Mode.CHECK: _RECORD,
    Mode.LIVE: {"record_mode": "all", "before_record_request": lambda _request: None},
}


class Cassette(vcrapi.Cassette):
    """A cassette of ``VCR``, which knows what of this project is secret, and where a check leaves its takes."""

    @cached_property
    def _session(self) -> Session:
        return running_session() or session_of_its_own()

    @property
    def _is_checked(self) -> bool:
        return _mode_of_the_run() is Mode.CHECK

    def surroundings(self) -> vcrapi.Surroundings:
        """What of the project this cassette must know."""
        mode = Mode.REPLAY if self.record_mode == "none" else Mode.RECORD
        session = self._session
        return vcrapi.Surroundings(session.secrets(mode), session.origins, session.config.not_secret)

    @cached_property
    def _stored(self) -> Path:
        """The file of the cassette, wherever a take goes."""
        return Path(self._path).absolute()

    def _load(self) -> None:
        if self._is_checked:
            # Fully live, into a take beside; what is stored is compared later.
            self._session.workspace.ensure()
            self._path = str(self._session.workspace.take_path(self._session.run, self._stored))
            return
        super()._load()

    def _save(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - vcrpy's signature
        has_news = force or self.dirty
        stored = self._stored
        super()._save(force)
        if running_session() is None or not (has_news or self._is_checked):
            return
        relative = self._session.workspace.relative
        self._session.leave(
            {
                "test": relative(stored),
                "cassette": relative(stored),
                "take": relative(Path(self._path)) if self._is_checked and has_news else None,
                "outcome": "passed",
                "digest": store.digest(stored) if self._is_checked else None,
                "action": "" if self._is_checked else "recorded",
            }
        )


class VCR(vcrapi.VCR):
    """vcrpy's ``VCR``: all its settings with its defaults, its methods, and its cassettes.

    What it writes is scrubbed, and an explicit mode of the run beats its record mode.
    """

    cassette_class = Cassette

    def get_merged_config(self, **kwargs: Any) -> dict[str, Any]:
        """The settings for one cassette, as vcrpy merges them, and as the mode of the run wants them."""
        merged: dict[str, Any] = super().get_merged_config(**kwargs)
        mode = _mode_of_the_run()
        return merged if mode is None else {**merged, **_IN_OPTIONS[mode]}


class VCRMixin(vcrapi.VCRMixin):
    """vcrpy's mixin for test cases: a cassette for each method."""

    vcr_class = VCR


class VCRTestCase(VCRMixin, unittest.TestCase):
    """A ``unittest.TestCase`` with a cassette for each of its methods."""


def _mode_of_the_run() -> Mode | None:
    """The mode that beats every record mode; None where there is none."""
    session = running_session()
    if session is None or not (session.is_mode_explicit or session.mode is Mode.CHECK):
        return None
    return session.mode
