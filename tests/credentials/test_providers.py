from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from undrift.credentials import find, stand_ins
from undrift.errors import CredentialError, CredentialMissingError

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = [("SHOP_KEY", "sk_test_[a-z0-9]+"), ("SHOP_USER", "[a-z]+")]
KEY = "sk_test_fromtheenvironment"


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("SHOP_KEY=sk_test_fromthefile\nSHOP_USER=ann\nOTHER=${SHOP_USER}\n")
    found = find(NEEDED, {"SHOP_KEY": KEY}, tmp_path)
    assert (found.get("SHOP_KEY"), found.get("SHOP_USER")) == (KEY, "ann")


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("SHOP_KEY=sk_test_fromthefile\nSHOP_USER\n")
    found = find(NEEDED, {"SHOP_KEY": "", "SHOP_USER": ""}, tmp_path)
    assert found.get("SHOP_KEY") == "sk_test_fromthefile"
    with pytest.raises(CredentialMissingError):
        found.get("SHOP_USER")


def test_a_missing_one_is_missed_when_it_is_asked_for(tmp_path: Path) -> None:
    found = find(NEEDED, {"SHOP_KEY": KEY}, tmp_path)
    with pytest.raises(
        CredentialMissingError, match=r"SHOP_USER is missing\. .* the environment, \.env\.test\. "
    ) as caught:
        found.get("SHOP_USER")
    assert caught.value.name == "SHOP_USER"


@pytest.mark.parametrize(("needed", "known"), [(NEEDED, "SHOP_KEY, SHOP_USER"), ([], "none")])
def test_one_that_nobody_configured_is_another_error(tmp_path: Path, needed: list[tuple[str, str]], known: str) -> None:
    with pytest.raises(CredentialError) as caught:
        find(needed, {"SHOPKEY": KEY}, tmp_path).get("SHOPKEY")
    assert not isinstance(caught.value, CredentialMissingError)
    assert str(caught.value) == (
        f"No service in [tool.undrift.services] names the credential SHOPKEY. Known are: {known}."
    )


@pytest.mark.parametrize("source", ["the environment", ".env.test"])
@pytest.mark.parametrize("value", ["sk_live_0123456789", "sk_test_", "sk_test_abc\n", " sk_test_abc"])
def test_a_live_key_is_refused_by_name_and_never_shown(tmp_path: Path, source: str, value: str) -> None:
    environment = {"SHOP_KEY": value} if source == "the environment" else {}
    (tmp_path / ".env.test").write_text(f"SHOP_KEY='{value}'\n")
    with pytest.raises(CredentialError) as caught:
        find(NEEDED, environment, tmp_path)
    assert str(caught.value) == (
        f"The credential SHOP_KEY, found in {source}, does not match its pattern sk_test_[a-z0-9]+. "
        "It may be a live key. No request was sent; set a key of the sandbox instead."
    )


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_file_that_git_tracks_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env.test"
    file.write_text(f"SHOP_KEY={KEY}\n")
    git(tmp_path, "init")
    assert find(NEEDED, {}, tmp_path).get("SHOP_KEY") == KEY
    git(tmp_path, "add", ".env.test")
    with pytest.raises(CredentialError) as caught:
        find(NEEDED, {}, tmp_path)
    assert str(caught.value) == (
        f"{file} is tracked by git, so everybody could read the credentials in it. "
        "Run `git rm --cached .env.test`, add it to .gitignore, and renew what it held."
    )
    assert find([], {}, tmp_path).secrets() == stand_ins([]).secrets(), "whoever needs none looks nowhere"


def test_without_git_nothing_is_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env.test").write_text(f"SHOP_KEY={KEY}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(NEEDED, {}, tmp_path).get("SHOP_KEY") == KEY


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_bytes(b"SHOP_KEY=\xff\xfe\n")
    with pytest.raises(CredentialError, match=r"\.env\.test cannot be read: .* Mend it, or use the environment\.$"):
        find(NEEDED, {}, tmp_path)


def test_stand_ins_for_replay() -> None:
    made = stand_ins(NEEDED)
    for name, pattern in NEEDED:
        assert re.fullmatch(pattern, made.get(name))


def test_no_value_shows_in_a_repr(tmp_path: Path) -> None:
    found = find(NEEDED, {"SHOP_KEY": KEY}, tmp_path)
    assert repr(found) == "<Credentials: 1 of 2 found>"
    assert KEY not in repr(found.secrets())
    assert len(found.secrets()) == 1
