"""The project a command works in: its root and its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from undrift import config
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from undrift.config import Config


@dataclass(frozen=True, slots=True)
class Project:
    """A folder and what its ``pyproject.toml`` says of undrift."""

    root: Path
    config: Config


def load_project(folder: Path) -> Project:
    """The project that a folder belongs to: the nearest one above that has a ``[tool.undrift]`` table.

    Without one it is the nearest folder with a ``pyproject.toml``, else the folder itself,
    with the defaults. Raises ConfigError where a file on the way cannot be read or is wrong.
    """
    places = [place for place in (folder, *folder.parents) if (place / "pyproject.toml").is_file()]
    for place in places:
        config = load_config(place)
        if config.is_explicit:
            return Project(place, config)
    return Project(places[0] if places else folder, load_config(folder))


def project_of_run(folder: Path, asked: str | None) -> Project:
    """The project of a run of pytest whose root is ``folder``, where a command may ask for another.

    Raises ConfigError where the two are not one: what the tests leave would lie where the
    command does not look.
    """
    found = load_project(folder)
    if not found.config.is_explicit:
        # pytest's root is the root, as it is for everything else; a command knows better.
        found = Project(folder, found.config)
    if asked is None or Path(asked) == found.root:
        return found
    if not found.config.is_explicit and not load_config(Path(asked)).is_explicit:
        return Project(Path(asked), found.config)
    raise ConfigError(
        f"These tests belong to the project {found.root}, but undrift was started in {asked}. "
        f"Change to {found.root} and start it there."
    )


def load_config(root: Path) -> Config:
    """The configuration in a folder's ``pyproject.toml``, or the defaults without one."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return config.parse(None)
    try:
        return _config_in(path.read_text("utf-8"))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error


# Each use_cassette outside of a test run asks anew, and taking the text apart takes longer than all else it does.
@lru_cache(maxsize=8)
def _config_in(content: str) -> Config:
    """The configuration in a ``pyproject.toml`` of this text, or ConfigError; ValueError for what is not TOML."""
    if "undrift" not in content:
        return config.parse(None)  # whatever else it says, and whether or not it is right, is not ours
    import tomllib  # noqa: PLC0415 - every run of pytest would wait for it

    document = tomllib.loads(content)
    tool = document.get("tool", {})
    table = tool.get("undrift") if isinstance(tool, dict) else tool
    if table is not None and not isinstance(table, dict):
        raise ConfigError("tool.undrift must be a table.")
    return config.parse(table)
