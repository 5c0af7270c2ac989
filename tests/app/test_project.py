from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.app.project import Project, load_config, load_project, project_of_run
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


def test_a_run_belongs_to_the_project_of_its_root(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    assert project_of_run(tmp_path, None) == Project(tmp_path, Config())
    (tmp_path / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    for asked in (None, str(tmp_path)):
        assert project_of_run(tmp_path / "tests", asked) == Project(tmp_path, Config(is_explicit=True))


def test_without_a_table_on_either_side_the_command_knows_the_root(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")
    assert project_of_run(tmp_path / "tests", str(tmp_path)) == Project(tmp_path, Config())


@pytest.mark.parametrize("has_table", ["inner", "outer"])
def test_two_projects_are_one_too_many(tmp_path: Path, has_table: str) -> None:
    for name in ("inner", "outer"):
        (tmp_path / name).mkdir()
    (tmp_path / has_table / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        project_of_run(tmp_path / "inner", str(tmp_path / "outer"))
    assert str(caught.value) == (
        f"These tests belong to the project {tmp_path / 'inner'}, but undrift was started in {tmp_path / 'outer'}. "
        f"Change to {tmp_path / 'inner'} and start it there."
    )


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\n", "tool = ["])
def test_a_file_without_the_table_gives_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    assert load_config(tmp_path) == Config()


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    for folder in ("tapes", "reels", "tapes"):
        (tmp_path / "pyproject.toml").write_text(f'[tool.undrift]\ncassettes = "{folder}"\n', "utf-8")
        assert load_config(tmp_path).cassettes == folder


MISTAKES = {
    b"# undrift\ntool = [": "{path} cannot be read: Invalid value (at end of document).",
    b"name = '\xff'": "{path} cannot be read: 'utf-8' codec can't decode byte 0xff",
    b"tool = 3 # undrift": "{path}: tool.undrift must be a table.",
    b"[[tool]]\nundrift = 1": "{path}: tool.undrift must be a table.",
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
