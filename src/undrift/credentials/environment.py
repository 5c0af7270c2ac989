"""Credentials on this machine: environment variables, and ``.env.test`` beside ``pyproject.toml``."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from undrift.credentials.asking import Answer
from undrift.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dotenv.parser import Binding

ENV_FILE = ".env.test"
_EMPTY = "empty there"


class GitState(Enum):
    """What git makes of a file."""

    TRACKED = "tracked"
    IGNORED = "ignored"
    UNTRACKED = "untracked"
    UNKNOWN = "unknown"
    """There is no git, or no repository."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables of this process."""

    variables: Mapping[str, str] = field(repr=False)
    name: str = "the environment"
    is_remote: bool = False

    def ask(self, names: Sequence[str]) -> Answer:
        """The variables that are set to something; CI systems set a secret that they withhold to nothing."""
        return _answer({name: self.variables.get(name) for name in names})


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The file ``.env.test`` in a project's root, in the format of python-dotenv."""

    root: Path
    name: str = ENV_FILE
    is_remote: bool = False

    def ask(self, names: Sequence[str]) -> Answer:
        """Its values; raises CredentialError for a file that git tracks, and for one that is broken."""
        path = self.root / ENV_FILE
        if not path.exists():
            return Answer()
        if git_state(path) is GitState.TRACKED:
            raise CredentialError(
                f"{path} is tracked by git, so everybody could read the credentials in it. "
                f"Run `git rm --cached {path.name}`, add it to .gitignore, and renew what it held."
            )
        values = {binding.key: binding.value for binding in _bindings(path)}
        return _answer({name: values[name] for name in names if name in values})


def _answer(values: Mapping[str, str | None]) -> Answer:
    is_any_empty = any(value is not None and not value.strip() for value in values.values())
    return Answer(
        {name: value for name, value in values.items() if value is not None and value.strip()},
        _EMPTY if is_any_empty else "",
    )


def _bindings(path: Path) -> Iterator[Binding]:
    """The file's assignments, in order; nothing in it is expanded or run."""
    from io import StringIO  # noqa: PLC0415 - with what follows

    from dotenv.parser import parse_stream  # noqa: PLC0415 - only where there is such a file

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise CredentialError(f"{path} cannot be read: {why}. Mend it, or use the environment.") from error
    for binding in parse_stream(StringIO(text)):
        # Neither the line nor what the parser says of it is shown: a key may stand there.
        if binding.error or (binding.key is not None and binding.value is None):
            raise CredentialError(
                f"{path}, line {binding.original.line}, is half written: it is no NAME=VALUE, "
                f"or its quotation mark is never closed. Mend the line, or use the environment."
            )
        if binding.key is not None:
            yield binding


def git_state(path: Path) -> GitState:
    """What git makes of a file, which need not exist."""
    git = shutil.which("git")
    if git is None:
        return GitState.UNKNOWN

    def says(*arguments: str) -> int:
        command = [git, "-C", str(path.parent), *arguments, path.name]
        return subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603 - no shell, our words

    if says("ls-files", "--error-unmatch") == 0:
        return GitState.TRACKED
    return {0: GitState.IGNORED, 1: GitState.UNTRACKED}.get(says("check-ignore", "-q"), GitState.UNKNOWN)
