"""Where credentials are looked for: the environment, then ``.env.test``."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from undrift.credentials.standin import stand_in
from undrift.errors import CredentialError, CredentialMissingError
from undrift.scrub import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ENV_FILE = ".env.test"
_LOOKED_IN = ("the environment", ENV_FILE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a run, by name; its ``repr`` shows nothing of them."""

    _values: Mapping[str, str]
    _patterns: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<Credentials: {len(self._values)} of {len(self._patterns)} found>"

    def get(self, name: str) -> str:
        """The value of a credential.

        Raises CredentialError where no service names it, and CredentialMissingError where
        it was found nowhere.
        """
        if name not in self._patterns:
            known = ", ".join(self._patterns) or "none"
            raise CredentialError(
                f"No service in [tool.undrift.services] names the credential {name}. Known are: {known}."
            )
        if name not in self._values:
            raise CredentialMissingError(name, _LOOKED_IN)
        return self._values[name]

    def secrets(self) -> Secrets:
        """What must never reach a file."""
        return Secrets.named(self._values)


def find(needed: Iterable[tuple[str, str]], environment: Mapping[str, str], root: Path) -> Credentials:
    """Look up each credential, given as name and pattern, where it may be.

    Raises CredentialError for a value that does not fit its pattern, and for an
    ``.env.test`` that git tracks: both before any request is sent.
    """
    patterns = dict(needed)
    from_file = _from_file(root / ENV_FILE) if patterns else {}
    values: dict[str, str] = {}
    for name, pattern in patterns.items():
        for source, found in zip(_LOOKED_IN, (environment, from_file), strict=True):
            value = found.get(name)
            if value:
                _must_fit(name, value, pattern, source)
                values[name] = value
                break
    return Credentials(values, patterns)


def stand_ins(needed: Iterable[tuple[str, str]]) -> Credentials:
    """Stand-ins for all of them, as replay uses."""
    patterns = dict(needed)
    return Credentials({name: stand_in(name, pattern) for name, pattern in patterns.items()}, patterns)


def _must_fit(name: str, value: str, pattern: str, source: str) -> None:
    if re.fullmatch(pattern, value) is None:
        raise CredentialError(
            f"The credential {name}, found in {source}, does not match its pattern {pattern}. "
            f"It may be a live key. No request was sent; set a key of the sandbox instead."
        )


def _from_file(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    if _is_tracked(path):
        raise CredentialError(
            f"{path} is tracked by git, so everybody could read the credentials in it. "
            f"Run `git rm --cached {path.name}`, add it to .gitignore, and renew what it held."
        )
    try:
        return dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialError(f"{path} cannot be read: {error}. Mend it, or use the environment.") from error


def _is_tracked(path: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    command = [git, "-C", str(path.parent), "ls-files", "--error-unmatch", path.name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - no shell, our words
