from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.ports import held
from tests.webserver import WebServer, serving

from undrift import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "shop_test_k9Xw2mQ7"
SERVICE = """
[tool.undrift.services.shop]
origins = ["{url}", "http://127.0.0.1:*"]
credentials = {{ SHOP_KEY = "shop_test_[A-Za-z0-9]{{8}}", SHOP_USER = "[a-z]+" }}
forbidden = ["shop_live_"]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with serving() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: WebServer) -> Path:
    configure(tmp_path, server.url)
    monkeypatch.chdir(tmp_path)
    for name in ("SHOP_USER", "UNDRIFT_ORIGIN_SHOP", "all_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SHOP_KEY", KEY)
    return tmp_path


def configure(root: Path, url: str, more: str = "") -> None:
    (root / "pyproject.toml").write_text(SERVICE.format(url=url) + more, "utf-8")


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> list[str]:
    assert cli.main(["doctor", *arguments]) == code
    written = capsys.readouterr().out
    assert KEY not in written
    return written.splitlines()


def test_it_says_of_each_service_what_was_found_where_and_what_is_missing(
    project: Path, capsys: pytest.CaptureFixture[str], server: WebServer
) -> None:
    server.hits.clear()
    assert told(capsys) == [
        "project",
        "  -    .env.test is not there.",
        "  -    Credentials were looked for in the environment, .env.test.",
        "shop",
        "  ok   SHOP_KEY was found in the environment, and matches its pattern.",
        "  NO   SHOP_USER is missing: tests that ask for it are skipped when they run live.",
        f"  ok   {server.url} answers (status 200).",
        "  -    http://127.0.0.1:* stands for many; set UNDRIFT_ORIGIN_SHOP to ask one of them.",
        "1 problem.",
    ]
    assert [(method, path) for method, path, _ in server.hits] == [("HEAD", "/")]
    (project / ".env.test").write_text("SHOP_USER=annabella\n", "utf-8")
    lines = told(capsys, code=0)
    assert "  ok   SHOP_USER was found in .env.test, and matches its pattern." in lines
    assert lines[-1] == "Nothing is missing."


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("shop_live_k9Xw2mQ7", "is a live key: it matches shop_live_, which is forbidden."),
        ("shop_k9Xw2mQ7", "does not match its pattern shop_test_[A-Za-z0-9]{8}. It may be a live key."),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_value_that_may_not_be_used(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str, verdict: str
) -> None:
    monkeypatch.setenv("SHOP_KEY", value)
    (line,) = (line for line in told(capsys, "--offline") if "SHOP_KEY" in line)
    assert line.startswith(f"  NO   The credential SHOP_KEY, found in the environment, {verdict}")
    assert value not in line


def test_a_live_key_is_for_reading_alone(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: WebServer
) -> None:
    text = SERVICE.format(url=server.url).replace(
        '127.0.0.1:*"', '127.0.0.1:*", { url = "http://[::1]", read_only = true }'
    )
    (project / "pyproject.toml").write_text(text, "utf-8")
    monkeypatch.setenv("SHOP_KEY", "shop_live_k9Xw2mQ7")
    words = "SHOP_KEY, found in the environment, is a live key: it is for `undrift check --read-only` alone."
    assert f"  -    {words}" in told(capsys, "--offline")


def test_an_origin_that_does_not_answer(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: WebServer
) -> None:
    with held() as port:
        gone = f"http://127.0.0.1:{port}"
        configure(project, gone)
        assert f"  NO   {gone} does not answer (connection-refused)." in told(capsys)
        # Where the stand-in answers, the sandbox need not.
        monkeypatch.setenv("UNDRIFT_ORIGIN_SHOP", server.url)
        lines = told(capsys)
        assert f"  ok   {server.url} answers (status 200)." in lines
        assert f"  -    {gone} does not answer (connection-refused)." in lines
        assert not any("stands for many" in line for line in lines)


@pytest.mark.usefixtures("project")
def test_nobody_is_asked_offline_or_past_a_proxy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: WebServer
) -> None:
    server.hits.clear()
    assert f"  -    {server.url} was not asked: offline." in told(capsys, "--offline")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert f"  -    {server.url} was not asked: requests go through a proxy." in told(capsys)
    assert server.hits == []


def test_an_address_that_is_none_is_a_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: WebServer
) -> None:
    del project
    monkeypatch.setenv("UNDRIFT_ORIGIN_SHOP", "127.0.0.1:80")
    lines = told(capsys)
    (line,) = (line for line in lines if line.startswith("  -    127.0.0.1:80 cannot be asked: "))
    assert "Give a URL that starts with http:// or https:// and names a host." in line
    assert f"  ok   {server.url} answers (status 200)." in lines


def test_a_manager_that_fails_is_told_and_the_rest_goes_on(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: WebServer
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "hvs.none")
    with held() as port:
        vault = f'vault = {{ path = "a", address = "http://127.0.0.1:{port}" }}'
        configure(project, server.url, f"[tool.undrift.providers]\n{vault}\n")
        lines = told(capsys)
        assert any(line.startswith("  NO   HashiCorp Vault was asked for SHOP_USER and failed: ") for line in lines)
        assert "  -    Credentials were looked for in the environment, .env.test, HashiCorp Vault (failed)." in lines
        assert lines[-1] == "2 problems."
        assert told(capsys, "--offline")[-1] == "1 problem."


def test_what_git_makes_of_the_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def state() -> str:
        return told(capsys, "--offline")[1].partition(".env.test ")[2]

    file = project / ".env.test"
    file.write_text("OTHER=annabella\n", "utf-8")
    assert state() == "is there; git does not know this folder."
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    assert state() == "is not ignored by git: add it to .gitignore."
    (project / ".gitignore").write_text(".env.test\n", "utf-8")
    assert state() == "is ignored by git."
    subprocess.run(["git", "add", "-f", ".env.test"], cwd=project, check=True)
    assert state() == "is tracked by git, where everybody can read it."
    subprocess.run(["git", "rm", "-qf", ".env.test"], cwd=project, check=True)
    assert state() == "is not there."
    (project / ".gitignore").unlink()
    assert state() == "is not there; before you make one, add it to .gitignore."


def test_a_project_without_services_needs_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    assert told(capsys, code=0) == [
        "project",
        "  -    .env.test is not there.",
        "  -    There is no [tool.undrift.services.NAME] in pyproject.toml, so nothing is needed.",
        "Nothing is missing.",
    ]


def test_of_the_keys_that_a_ready_made_service_knows_one_will_do(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text('[tool.undrift.services.chat]\npreset = "slack"\n', "utf-8")
    for name in ("SLACK_BOT_TOKEN", "SLACK_USER_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert told(capsys, "--offline")[-1] == "3 problems."
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-" + "k9Xw2mQ7vB4nT1zLcR8s")
    lines = told(capsys, "--offline", code=0)
    assert "  ok   SLACK_BOT_TOKEN was found in the environment, and matches its pattern." in lines
    assert any(line.startswith("  -    SLACK_USER_TOKEN is missing: ") for line in lines)
