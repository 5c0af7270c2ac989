"""Credentials in a run: the real ones where requests are sent, skips that say why, and no request with a live key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keyring.backend import KeyringBackend
from tests.pytest_plugin.test_bad_input import words

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project

KEY = "shop_test_abcdefgh"
TABLE = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example", "http://127.0.0.1:*"]
credentials = { SHOP_KEY = "shop_test_[a-z]{8}", SHOP_USER = "[a-z]+" }
forbidden = ["shop_live_"]
"""


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("SHOP_KEY", "SHOP_USER"):
        monkeypatch.delenv(name, raising=False)
    project.configure(TABLE)
    return project


ASKING = """
import httpx, pytest, undrift

@pytest.fixture(scope="session")
def key(credentials):
    return credentials["SHOP_KEY"]

@pytest.mark.vcr
def test_one(key):
    httpx.get("{url}/one?key=" + key, verify=False)

@pytest.mark.vcr
def test_two(key):
    httpx.get("{url}/two?key=" + key, verify=False)

def test_three():
    undrift.credential("SHOP_KEY")

@pytest.fixture
def user():
    return undrift.credential("SHOP_USER")

def test_four(user):
    pass

@pytest.mark.vcr
def test_five():
    httpx.get("{url}/five", verify=False)
"""


@pytest.mark.parametrize("mode", ["record", "missing", "check"])
def test_whatever_asks_for_a_missing_credential_is_skipped_and_counted(shop: Project, mode: str) -> None:
    shop.write(ASKING)
    result = shop.run(f"--undrift={mode}", "-rs")
    result.assert_outcomes(passed=1, skipped=4)
    where = "It was looked for in the environment, .env.test. Set it in one of these, or replay, which"
    result.stdout.fnmatch_lines(
        [
            f"3 tests skipped: The credential SHOP_KEY is missing. {where}*",
            f"1 test skipped: The credential SHOP_USER is missing. {where}*",
        ]
    )
    assert [path for _, path, _ in shop.server.hits] == ["/five"], "the rest runs"


def test_a_live_run_counts_them_too(shop: Project) -> None:
    shop.write(ASKING)
    result = shop.run("--undrift=live")
    result.assert_outcomes(passed=1, skipped=4)
    result.stdout.fnmatch_lines(["3 tests skipped: The credential SHOP_KEY is missing.*"])


def test_a_replay_needs_none_and_what_has_a_cassette_is_not_missed(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(ASKING)
    monkeypatch.setenv("SHOP_KEY", KEY)
    monkeypatch.setenv("SHOP_USER", "annabella")
    shop.run("--undrift=record").assert_outcomes(passed=5)
    shop.run("--undrift=missing").assert_outcomes(passed=5)
    monkeypatch.delenv("SHOP_KEY")
    monkeypatch.delenv("SHOP_USER")
    shop.server.hits.clear()
    shop.run().assert_outcomes(passed=5)
    assert shop.server.hits == []


BAD = {
    "shop_live_abcdefgh": "is a live key: it matches shop_live_, which is forbidden.",
    "other_test_abcdefgh": "does not match its pattern shop_test_[a-z]{8}. It may be a live key.",
}


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("mode", ["record", "check", "missing", "live"])
def test_a_key_that_may_not_be_used_ends_every_run_that_sends(
    shop: Project, monkeypatch: pytest.MonkeyPatch, mode: str, value: str
) -> None:
    shop.write(ASKING)
    monkeypatch.setenv("SHOP_KEY", value)
    result = shop.run(f"--undrift={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    seen = words(result)
    assert f"ERROR: The credential SHOP_KEY, found in the environment, {BAD[value]} No request was sent;" in seen
    assert value not in seen
    assert shop.server.hits == []
    assert not (shop.root / "cassettes").exists()
    assert not list((shop.root / ".undrift").rglob("*.yaml"))


def test_a_short_or_common_value_ends_the_run(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(ASKING)
    for value, why in {"ann": "is shorter than 8 characters", "undefined": "is a common word"}.items():
        monkeypatch.setenv("SHOP_USER", value)
        result = shop.run("--undrift=record")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert f"The credential SHOP_USER, found in the environment, {why}" in words(result)
    assert shop.server.hits == []


def test_a_half_written_file_ends_the_run(shop: Project) -> None:
    shop.write(ASKING)
    (shop.root / ".env.test").write_text(f'SHOP_USER=annabella\nSHOP_KEY="{KEY}\n', "utf-8")
    result = shop.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert ".env.test, line 2, is half written: it is no NAME=VALUE, or its quotation mark is" in words(result)
    assert KEY not in words(result)
    assert shop.server.hits == []


def test_a_manager_that_is_down_ends_the_run(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.configure(f'{TABLE}\n[tool.undrift.providers.vault]\npath = "shop"\naddress = "{shop.server.url}"\n')
    shop.write(ASKING)
    monkeypatch.setenv("VAULT_TOKEN", "hvs.0123456789")
    shop.server.shutdown()
    shop.server.server_close()
    result = shop.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    sentence = "ERROR: HashiCorp Vault was asked for SHOP_KEY, SHOP_USER and failed: it did not answer ("
    assert sentence in words(result)
    assert "No request was sent. Mend providers.vault, or what Vault lets this token read." in words(result)


class Counting(KeyringBackend):
    """A keyring that writes down what it is asked, whichever process asks."""

    priority = 10

    def get_password(self, service: str, username: str) -> str | None:
        from pathlib import Path

        with Path("asked.txt").open("a", encoding="utf-8") as file:
            file.write(f"{service} {username}\n")
        return {"SHOP_KEY": KEY}.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


# What a controller of pytest-xdist tells its workers, and a worker that was told it.
AS_CONTROLLER = """
import json
from undrift.pytest_plugin.state import RUN

def pytest_sessionfinish(session):
    with open("workerinput.json", "w") as file:
        json.dump(session.config.stash[RUN].for_worker(), file)
"""
AS_WORKER = """
import json, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    with open("workerinput.json") as file:
        config.workerinput = json.load(file)
    config.workeroutput = {}
"""


def test_a_keyring_is_asked_once_a_run_and_not_by_its_workers(shop: Project) -> None:
    import keyring

    shop.configure(f"{TABLE}\n[tool.undrift.providers]\nkeyring = true\n")
    shop.write(ASKING)
    shop.write(AS_CONTROLLER, "conftest.py")
    before = keyring.get_keyring()
    keyring.set_keyring(Counting())  # type: ignore[no-untyped-call] # keyring's
    try:
        result = shop.run("--undrift=record")
        result.assert_outcomes(passed=4, skipped=1)
        where = "It was looked for in the environment, .env.test, the system keyring."
        result.stdout.fnmatch_lines([f"1 test skipped: The credential SHOP_USER is missing. {where}*"])
        written = [path for path in shop.root.rglob("*") if path.is_file() and path.name != "workerinput.json"]
        assert not [path for path in written if KEY.encode() in path.read_bytes()]
        shop.write(AS_WORKER, "conftest.py")
        shop.run("--undrift=record", "-p", "no:xdist").assert_outcomes(passed=4, skipped=1)
    finally:
        keyring.set_keyring(before)
    asked = (shop.root / "asked.txt").read_text("utf-8").splitlines()
    assert asked == ["undrift SHOP_KEY", "undrift SHOP_USER"]


SENDING_A_TOKEN = """
import httpx, pytest

@pytest.mark.vcr
def test_one():
    httpx.post("{url}/one", json={"note": "ghp_" + "k9Xw2mQ7vB4nT1zLcR8sYd3fGh6jPa5eU0iO"}, verify=False)
"""


def test_a_recording_with_what_looks_like_a_token_is_not_kept(shop: Project) -> None:
    shop.write(SENDING_A_TOKEN)
    result = shop.run("--undrift=record")
    result.assert_outcomes(passed=1, errors=1)
    sentence = "what looks like a GitHub token is in interaction 0, request, body at /note. Name its field under redact"
    assert sentence in words(result)
    assert not list(shop.root.rglob("*.yaml"))
    shop.configure(f'[tool.undrift]\nnot_secret = ["ghp_.*"]\n{TABLE}')
    shop.run("--undrift=record").assert_outcomes(passed=1)
    assert shop.cassette().is_file()


# Whose a port is.

TWO = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example", "http://127.0.0.1:*"]

[tool.undrift.services.pay]
origins = ["https://api.pay.example", "http://127.0.0.1:*"]
"""
BINDING = """
import httpx, pytest, undrift

@pytest.fixture
def server():
    undrift.origin("SERVICE", "{url}")
    return "{url}"

@pytest.mark.vcr
def test_one(server):
    httpx.get(server + "/one", verify=False)
"""


def test_a_wildcard_of_two_is_bound_by_a_fixture_after_its_server_started(project: Project) -> None:
    project.configure(TWO)
    project.write(BINDING.replace("SERVICE", "pay"))
    project.run("--undrift=record").assert_outcomes(passed=1)
    assert "uri: https://api.pay.example/one" in project.cassette().read_text("utf-8")
    project.run().assert_outcomes(passed=1)


def test_an_unbound_wildcard_of_two_is_not_sent_to(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.configure(TWO)
    result = project.run("--undrift=record")
    result.assert_outcomes(failed=1)
    assert (
        f"GET {project.server.url} was not sent: the services shop and pay claim it by the same wildcard, and nothing "
        f"says whose it is. E Set UNDRIFT_ORIGIN_SHOP={project.server.url}, or call undrift.origin("
    ).replace(" E ", " ") in words(result).replace(" E ", " ")
    assert project.server.hits == []
    assert not project.cassette().exists()
    monkeypatch.setenv("UNDRIFT_ORIGIN_SHOP", project.server.url)
    project.run("--undrift=record").assert_outcomes(passed=1)
    assert "uri: https://api.shop.example/one" in project.cassette().read_text("utf-8")


def test_a_service_that_is_none_cannot_be_bound(project: Project) -> None:
    project.configure(TWO)
    project.write(BINDING.replace("SERVICE", "pya"))
    result = project.run("--undrift=record")
    result.assert_outcomes(errors=1)
    assert "undrift.origin names the service 'pya', which is not configured. Known are: shop, pay." in words(result)
