from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from undrift.credentials import EnvFile, Environment, GitState, git_state
from undrift.errors import CredentialError

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk_test_fromthefile"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_an_empty_variable_is_none_and_that_is_said() -> None:
    answer = Environment({"A": "", "B": "  ", "C": KEY}).ask(["A", "B", "C", "D"])
    assert (answer.values, answer.remark) == ({"C": KEY}, "empty there")
    assert Environment({"C": KEY}).ask(["C", "D"]).remark == ""


def test_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text(
        f"# a comment\nexport A={KEY}\nB='b b'\nC=\nD=${{A}}\nE=\"two\\nlines\"\n\n", "utf-8-sig"
    )
    answer = EnvFile(tmp_path).ask(["A", "B", "C", "D", "E", "F"])
    assert answer.values == {"A": KEY, "B": "b b", "D": "${A}", "E": "two\nlines"}
    assert answer.remark == "empty there"


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert EnvFile(tmp_path).ask(["A"]).values == {}


@pytest.mark.parametrize("line", [f'B="{KEY}', f"B='{KEY}", "SHOP_KEY", f"= {KEY}", f"B {KEY}"])
def test_a_half_written_file_names_the_line_and_shows_nothing_of_it(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env.test"
    path.write_text(f"A=1\n{line}\n")
    with pytest.raises(CredentialError) as caught:
        EnvFile(tmp_path).ask(["A"])
    assert str(caught.value) == (
        f"{path}, line 2, is half written: it is no NAME=VALUE, or its quotation mark is never closed. "
        "Mend the line, or use the environment."
    )


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / ".env.test"
    path.write_bytes(b"SHOP_KEY=\xff\xfe\n")
    with pytest.raises(CredentialError) as caught:
        EnvFile(tmp_path).ask([])
    assert str(caught.value) == f"{path} cannot be read: it is no UTF-8 text. Mend it, or use the environment."
    path.unlink()
    path.mkdir()
    with pytest.raises(CredentialError, match=r"cannot be read: Is a directory\. Mend it, or use the environment\."):
        EnvFile(tmp_path).ask([])


def test_a_file_that_git_tracks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env.test"
    path.write_text(f"A={KEY}\n")
    git(tmp_path, "init")
    assert EnvFile(tmp_path).ask(["A"]).values == {"A": KEY}
    git(tmp_path, "add", ".env.test")
    with pytest.raises(CredentialError) as caught:
        EnvFile(tmp_path).ask([])
    assert str(caught.value) == (
        f"{path} is tracked by git, so everybody could read the credentials in it. "
        "Run `git rm --cached .env.test`, add it to .gitignore, and renew what it held."
    )


def test_what_git_makes_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env.test"
    assert git_state(path) is GitState.UNKNOWN, "there is no repository"
    git(tmp_path, "init")
    assert git_state(path) is GitState.UNTRACKED
    (tmp_path / ".gitignore").write_text(".env.*\n")
    assert git_state(path) is GitState.IGNORED
    path.write_text("A=1\n")
    git(tmp_path, "add", "-f", ".env.test")
    assert git_state(path) is GitState.TRACKED
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(path) is GitState.UNKNOWN, "there is no git"
