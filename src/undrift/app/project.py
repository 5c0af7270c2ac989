"""The project a command works in: its root and its configuration."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift import config
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from undrift.config import Config


@dataclass(frozen=True, slots=True)
class Project:
    """A folder and what its ``pyproject.toml`` says of undrift."""

    root: Path
    config: Config


def load_project(folder: Path) -> Project:
    """The project that a folder belongs to: the nearest one above with a ``pyproject.toml``.

    A folder without one is a project of its own, with the defaults. Raises ConfigError
    where the file cannot be read or is wrong.
    """
    root = next((place for place in (folder, *folder.parents) if (place / "pyproject.toml").is_file()), folder)
    return Project(root, load_config(root))


def load_config(root: Path) -> Config:
    """The configuration in a folder's ``pyproject.toml``, or the defaults without one."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return config.parse(None)
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    tool = document.get("tool", {})
    table = tool.get("undrift") if isinstance(tool, dict) else tool
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.undrift must be a table.")
    try:
        return config.parse(table)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
