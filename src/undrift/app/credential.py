"""``credential``: a credential by its name, in a test or outside of one."""

from __future__ import annotations

import os
from pathlib import Path

from undrift.app.current import running_session
from undrift.app.project import load_project
from undrift.config import Mode, mode_named
from undrift.credentials import find, stand_ins


def credential(name: str) -> str:
    """The value of a configured credential: the real one where requests are sent, else a stand-in.

    Within a test run that is decided by its mode; outside of one, by the environment
    variable ``UNDRIFT``, else the configuration. Raises CredentialError where no service
    names it or its value may not be used, CredentialMissingError where it was not found.
    """
    session = running_session()
    if session is not None:
        return session.credentials(session.mode).get(name)
    project = load_project(Path.cwd())
    needed = [pair for service in project.config.services for pair in service.credentials]
    chosen = os.environ.get("UNDRIFT")
    mode = mode_named(chosen, "The environment variable UNDRIFT") if chosen else project.config.mode
    found = stand_ins(needed) if mode is Mode.REPLAY else find(needed, os.environ, project.root)
    return found.get(name)
