from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import undrift
from undrift.app.credential import providers_of, values_at_hand
from undrift.app.current import offered
from undrift.app.session import Session
from undrift.config import Mode, parse
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

PATTERN = "sk_test_[a-z]{12}"
KEY = "sk_test_abcdefghijkl"
SHOP = {"services": {"shop": {"origins": ["https://shop.example"], "credentials": {"SHOP_KEY": PATTERN}}}}
TABLE = f"""
[tool.undrift.services.shop]
origins = ["https://shop.example"]
credentials = {{ SHOP_KEY = "{PATTERN}" }}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNDRIFT", raising=False)
    monkeypatch.delenv("SHOP_KEY", raising=False)
    # No run surrounds the code of these tests, whatever runs the tests themselves.
    monkeypatch.setattr("undrift.app.current._offers", [])
    return tmp_path


@pytest.mark.usefixtures("project")
def test_outside_of_a_run_it_is_a_stand_in_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    made = undrift.credential("SHOP_KEY")
    assert re.fullmatch(PATTERN, made)
    assert made != KEY
    monkeypatch.setenv("UNDRIFT", "record")
    assert undrift.credential("SHOP_KEY") == KEY


def test_the_configuration_may_say_the_mode(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    (project / "pyproject.toml").write_text(f'[tool.undrift]\nmode = "live"\n{TABLE}', "utf-8")
    assert undrift.credential("SHOP_KEY") == KEY


@pytest.mark.usefixtures("project")
def test_a_mode_that_is_none_is_no_mode_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDRIFT", "reply")
    with pytest.raises(
        undrift.ConfigError, match=r"The environment variable UNDRIFT is 'reply'.*Did you mean 'replay'"
    ):
        undrift.credential("SHOP_KEY")


@pytest.mark.usefixtures("project")
def test_a_missing_one_and_an_unknown_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDRIFT", "record")
    with pytest.raises(undrift.CredentialMissingError, match="SHOP_KEY is missing"):
        undrift.credential("SHOP_KEY")
    with pytest.raises(undrift.CredentialError, match=r"names the credential SHOPKEY\. Known are: SHOP_KEY\."):
        undrift.credential("SHOPKEY")


@pytest.mark.parametrize(("mode", "is_real"), [(Mode.REPLAY, False), (Mode.CHECK, True), (Mode.MISSING, True)])
def test_within_a_run_its_mode_decides(project: Path, mode: Mode, *, is_real: bool) -> None:
    environment = {"SHOP_KEY": KEY}
    session = Session(parse(SHOP), Workspace(project), "run", environment, mode=mode, guarded=True)
    with offered(lambda: session):
        assert (undrift.credential("SHOP_KEY") == KEY) is is_real
        environment.clear()
        assert (undrift.credential("SHOP_KEY") == KEY) is is_real, "they are looked up once"


@pytest.mark.usefixtures("project")
def test_an_address_is_bound_within_a_run_only(project: Path) -> None:
    with pytest.raises(undrift.UsageError, match=r"works within a run of tests\. Outside of one, set the environment"):
        undrift.origin("shop", "http://127.0.0.1:8000")
    session = Session(parse(SHOP), Workspace(project), "run", {}, mode=Mode.RECORD, guarded=True)
    with offered(lambda: session), pytest.raises(undrift.ConfigError, match=r"Give the real one, without a wildcard\."):
        undrift.origin("shop", "http://127.0.0.1:*")


def test_a_keyring_and_a_cloud_are_asked_where_somebody_says_so(project: Path) -> None:
    asked = parse({"providers": {"keyring": True, "aws": {"secret": "a"}, "vault": {"path": "b"}}})
    names = [provider.name for provider in providers_of(asked, {}, project)]
    assert names == ["the environment", ".env.test", "the system keyring", "AWS Secrets Manager", "HashiCorp Vault"]


@pytest.mark.parametrize(
    ("environment", "known"),
    [
        ({"SHOP_KEY": KEY, "OTHER": "other-9-words"}, 1),
        # Of no use for a recording, and still nobody's business.
        ({"SHOP_KEY": "sk_live_abcdefghijkl"}, 1),
        # It would be found by chance where no secret is.
        ({"SHOP_KEY": "test"}, 0),
        ({"SHOP_KEY": ""}, 0),
        ({}, 0),
    ],
)
def test_a_replay_knows_what_code_may_read_in_the_environment_by_itself(
    environment: dict[str, str], known: int
) -> None:
    assert len(values_at_hand(parse(SHOP), environment)) == known
    assert not values_at_hand(parse({}), environment)
