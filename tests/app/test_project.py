from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.app.project import Project, load_config, load_project
from undrift.config import Config
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_project_is_the_nearest_folder_above_with_the_file(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    (inner / "tests" / "api").mkdir(parents=True)
    (tmp_path / "outer" / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    (inner / "pyproject.toml").write_text('[tool.undrift]\ncassettes = "tapes"\n', "utf-8")
    project = load_project(inner / "tests" / "api")
    assert (project.root, project.config.cassettes) == (inner, "tapes")


def test_a_folder_without_the_file_is_a_project_with_the_defaults(tmp_path: Path) -> None:
    assert load_project(tmp_path) == Project(tmp_path, Config())
    (tmp_path / "pyproject.toml").mkdir()
    assert load_project(tmp_path) == Project(tmp_path, Config())


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\n"])
def test_a_file_without_the_table_gives_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    assert load_config(tmp_path) == Config()


MISTAKES = {
    b"tool = [": "{path} cannot be read: Invalid value (at end of document).",
    b"name = '\xff'": "{path} cannot be read: 'utf-8' codec can't decode byte 0xff",
    b"tool = 3": "{path}: tool.undrift must be a table.",
    b"[[tool]]\na = 1": "{path}: tool.undrift must be a table.",
    b"[tool]\nundrift = 3": "{path}: tool.undrift must be a table.",
    b"[tool.undrift]\nmode = 'reply'": "{path}: mode is 'reply', which is not valid. Did you mean 'replay'?",
}


@pytest.mark.parametrize("content", MISTAKES)
def test_a_mistake_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert str(caught.value).startswith(MISTAKES[content].format(path=path))
