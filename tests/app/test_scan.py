from __future__ import annotations

import base64
import gzip
import json
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from undrift import cli
from undrift.app.detector import Detected

KEY = "shop_test_k9Xw2mQ7"
TABLE = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example"]
credentials = { SHOP_KEY = "shop_test_[A-Za-z0-9]{8}", SHOP_USER = "[a-z]+" }
redact = { fields = ["pin_code"] }
"""
# Made up; in two pieces, so that nobody takes them for more.
GITHUB = "ghp_" + "k9Xw2mQ7vB4nT1zLcR8sYd3fGh6jPa5eU0iO"
ACCESS_KEY = "AKIA" + "QK2WJ7MZP4XN5RTB"
DIGEST = base64.b64encode(bytes(range(64))).decode()
MAILCHIMP = "9f86d081884c7d659a2feaa0c55ad015" + "-us12"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOP_USER", raising=False)
    monkeypatch.setenv("SHOP_KEY", KEY)
    return tmp_path


def interaction(
    url: str = "https://api.shop.example/a",
    sent: dict[str, str] | None = None,
    answered: dict[str, str] | None = None,
    said: object = "",
) -> dict[str, Any]:
    body = said if isinstance(said, (str, dict)) else json.dumps(said)
    return {
        "request": {"method": "GET", "uri": url, "body": None, "headers": {k: [v] for k, v in (sent or {}).items()}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {name: [value] for name, value in (answered or {}).items()},
            "body": body if isinstance(body, dict) else {"string": body},
        },
    }


def cassette(path: Path, *interactions: dict[str, Any], comment: str = "") -> None:
    """Write a cassette as vcrpy does, that nobody scrubbed; JSON is YAML too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{comment}{json.dumps({'version': 1, 'interactions': interactions})}\n", "utf-8")


def scanned(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> list[str]:
    """The lines of a scan; no value of what it found is in them."""
    assert cli.main(["scan", *arguments]) == code
    written = capsys.readouterr()
    for value in (KEY, GITHUB, ACCESS_KEY, MAILCHIMP):
        assert value not in written.out + written.err
    return written.out.splitlines()


def test_a_credential_in_any_form_is_found_with_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cassette(
        project / "cassettes/tests/test_a.yaml",
        interaction(),
        interaction(
            url=f"https://api.shop.example/a?next={KEY}",
            sent={"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()},
            said=[{"keys": [{"its value": f"is {KEY}!"}]}],
        ),
    )
    hit, summary = scanned(capsys)
    assert hit == (
        "cassettes/tests/test_a.yaml: interaction 1, request, URL: the credential SHOP_KEY (and 2 more places)"
    )
    assert summary == (
        "1 secret was found in 1 file. Renew what was committed or sent to anybody. Then declare it as a credential, "
        "or name its field under redact of its service, and record again."
    )
    cassette(project / "cassettes/tests/test_a.yaml", interaction(said=[{"keys": [{"a": 1, "b/c": f"is {KEY}!"}]}]))
    assert scanned(capsys)[0] == (
        "cassettes/tests/test_a.yaml: interaction 0, response, body at /0/keys/0/b~1c: the credential SHOP_KEY"
    )


def test_a_secret_is_known_by_its_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"user": {"access_token": "Zk93jd02kd93", "pin_code": "a1-93-x7"}, "again": "with Zk93jd02kd93"}
    cassette(
        project / "cassettes/test_b.yaml",
        interaction(
            sent={"Authorization": "Bearer 8f7e6d5c4b3a", "X-Api-Key": "DUMMY"}, said={"string": json.dumps(said)}
        ),
        interaction(sent={"authorization": "[FILTERED]", "cookie": "***"}, said={"string": '{"password": "dummy"}'}),
    )
    at = "cassettes/test_b.yaml: interaction 0"
    assert scanned(capsys)[:-1] == [
        f"{at}, request, header Authorization: a secret by its name, authorization",
        f"{at}, response, body at /user/access_token: a secret by its name, access_token (and 1 more place)",
        f"{at}, response, body at /user/pin_code: a secret by its name, pin_code",
    ]


def test_a_web_token_is_one_whatever_its_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = ({"alg": "HS256"}, {"sub": "ann"})
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    cassette(project / "cassettes/test_b.yaml", interaction(said={"string": json.dumps({"note": f"{token}.c2lnbmVk"})}))
    at = "cassettes/test_b.yaml: interaction 0, response, body at /note"
    assert scanned(capsys)[0] == f"{at}: a JSON Web Token"


def test_a_token_is_known_by_its_look(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"note": f"use {GITHUB}", "list": MAILCHIMP, "of": f"{MAILCHIMP} again", "integrity": "sha512-" + DIGEST}
    cassette(project / "cassettes/test_c.yaml", interaction(), interaction(said={"string": json.dumps(said)}))
    at = "cassettes/test_c.yaml: interaction 1, response, body"
    assert scanned(capsys)[:-1] == [
        f"{at} at /note: what looks like a token: GitHub token",
        f"{at} at /list: what looks like a token: Mailchimp Access Key (and 1 more place)",
    ]


def test_a_compressed_body_is_unpacked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "cassettes/test_d.yaml"
    one = interaction(answered={"Content-Encoding": "gzip"}, said={"string": "BODY"})
    cassette(path, one)
    packed = base64.b64encode(gzip.compress(f"one={ACCESS_KEY}&two={KEY}".encode())).decode()
    path.write_text(path.read_text("utf-8").replace('"BODY"', f"!!binary {packed}"), "utf-8")
    assert scanned(capsys)[:-1] == [
        "cassettes/test_d.yaml: interaction 0, response, body: what looks like a token: AWS access key",
        "cassettes/test_d.yaml: interaction 0, response, body: the credential SHOP_KEY",
    ]


def test_what_is_no_cassette_is_searched_by_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "notes.txt").write_text(f"one\nkey: {KEY}\n{GITHUB}\n{'x' * 30_000}\n", "utf-8")
    (project / "broken.yaml").write_text(f"interactions: [\n# {KEY}\n", "utf-8")
    (project / "binary.yaml").write_bytes(b"\xff\n" + KEY.encode())
    cassette(project / "commented.yaml", interaction(sent={"Authorization": f"Bearer {GITHUB}"}), comment=f"# {KEY}\n")
    os.mkfifo(project / "pipe")
    assert scanned(capsys, ".")[:-1] == [
        "binary.yaml: line 2: the credential SHOP_KEY",
        "broken.yaml: line 2: the credential SHOP_KEY",
        "commented.yaml: interaction 0, request, header Authorization: a secret by its name, authorization",
        "commented.yaml: line 1: the credential SHOP_KEY",
        "notes.txt: line 2: the credential SHOP_KEY",
        "notes.txt: line 3: what looks like a token: GitHub token",
    ]


def test_a_private_key_goes_over_many_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["-----BEGIN RSA " + "PRIVATE KEY-----", DIGEST[:64], DIGEST[:32], "-----END RSA " + "PRIVATE KEY-----"]
    (project / "key.pem").write_text("\n".join(["a key:", *lines]), "utf-8")

    assert scanned(capsys, "key.pem")[:-1] == ["key.pem: line 2: what looks like a token: private key"]


def test_what_names_somebody_and_opens_nothing_is_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ["AC" + "9f86d081884c7d659a2feaa0c55ad015", "see https://user:%3Csecret:user:1%3E@shop.example"]
    cassette(project / "cassettes/test_e.yaml", interaction(said={"string": json.dumps(said)}))
    assert scanned(capsys, code=0) == ["No secret was found in 1 file."]


def test_what_a_detector_knows_by_its_neighbours_alone_is_told_only_beside_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = base64.b64encode(bytes(range(7, 71))).decode()
    (project / "signed.txt").write_text(f"thoughtSignature: {letters}\n", "utf-8")
    assert scanned(capsys, "signed.txt", code=0) == ["No secret was found in 1 file."]
    (project / "stored.txt").write_text(f"DefaultEndpointsProtocol=https;AccountKey={letters}\n", "utf-8")
    assert scanned(capsys, "stored.txt")[:-1] == [
        "stored.txt: line 1: what looks like a token: Azure Storage Account access key"
    ]


def test_what_a_detector_found_does_not_show() -> None:
    assert repr(Detected("GitHub Token", GITHUB)) == "<Detected: GitHub Token>"


def test_what_somebody_said_is_no_secret_is_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(
        f'[tool.undrift]\nnot_secret = ["ghp_.+", "[0-9a-f]+-us\\\\d+"]\n{TABLE}', "utf-8"
    )
    cassette(project / "cassettes/test_e.yaml", interaction(said={"string": json.dumps([GITHUB, MAILCHIMP])}))
    assert scanned(capsys, code=0) == ["No secret was found in 1 file."]


def test_the_cassettes_and_the_folder_of_runs_are_searched_where_nobody_says(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scanned(capsys, code=0) == ["No secret was found in 0 files."]
    for place in (".undrift/report.json", "cassettes/a.yaml", "tests/cassettes/b.yaml", ".venv/cassettes/c.yaml"):
        (project / place).parent.mkdir(parents=True, exist_ok=True)
        (project / place).write_text(f"{{a: {KEY}}}", "utf-8")
    places = [line.partition(":")[0] for line in scanned(capsys)[:-1]]
    assert places == [".undrift/report.json", "cassettes/a.yaml"]
    # A project of pytest-recording has them beside its tests.
    (project / "pyproject.toml").write_text("", "utf-8")
    (project / "cassettes/a.yaml").write_text(GITHUB, "utf-8")
    (project / "tests/cassettes/b.yaml").write_text(GITHUB, "utf-8")
    places = [line.partition(":")[0] for line in scanned(capsys)[:-1]]
    assert places == ["cassettes/a.yaml", "tests/cassettes/b.yaml"]


def test_without_detect_secrets_it_says_what_it_did_not_look_for(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "detect_secrets", None)
    monkeypatch.setitem(sys.modules, "detect_secrets.core.plugins.util", None)
    cassette(project / "cassettes/test_f.yaml", interaction(said={"string": json.dumps([GITHUB, MAILCHIMP, KEY])}))
    assert cli.main(["scan"]) == 1
    written = capsys.readouterr()
    assert [line.rpartition(": ")[2] for line in written.out.splitlines()[:-1]] == [
        "GitHub token",
        "the credential SHOP_KEY",
    ]
    assert "detect-secrets is not installed, so only known values, names of secrets and the tokens" in written.err
    assert "Run `pip install 'undrift[scan]'` for more." in written.err


def test_what_it_could_not_look_for_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text(
        f'{TABLE}\n[tool.undrift.providers]\nvault = {{ path = "a", address = "http://127.0.0.1:1" }}\n', "utf-8"
    )
    monkeypatch.setenv("VAULT_TOKEN", "hvs.none")
    cassette(project / "cassettes/test_g.yaml", interaction())
    assert cli.main(["scan"]) == 0
    said = capsys.readouterr().err
    assert "HashiCorp Vault was asked for SHOP_USER and failed: it did not answer" in said
    where = "the environment, .env.test, HashiCorp Vault (failed)"
    assert f"Not looked for, since there is no value of it in {where}: SHOP_USER." in said
    assert cli.main(["scan", "--offline"]) == 0
    assert "there is no value of it in the environment, .env.test: SHOP_USER." in capsys.readouterr().err


def test_a_live_key_is_looked_for_and_a_common_word_is_not(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "shop_live_k9Xw2mQ7")
    monkeypatch.setenv("SHOP_USER", "password")
    (project / "notes.txt").write_text("password shop_live_k9Xw2mQ7", "utf-8")
    assert scanned(capsys, "notes.txt")[:-1] == ["notes.txt: line 1: the credential SHOP_KEY"]


@pytest.mark.usefixtures("project")
def test_a_path_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scan", "nowhere"]) == 2
    assert capsys.readouterr().err == (
        "undrift: nowhere is no file and no folder. Give some, or nothing for all cassettes.\n"
    )


def test_a_file_that_cannot_be_read_is_an_error(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "notes.txt").write_text("", "utf-8")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert cli.main(["scan", "notes.txt"]) == 2
    assert capsys.readouterr().err == "undrift: notes.txt cannot be scanned: Permission denied.\n"


PAIRS = Path(__file__).parents[3] / "shared" / "pairs"


@pytest.mark.parametrize(
    ("pair", "held"),
    [("moto", {"authorization"}), ("verdaccio", {"password", "token"})],
)
@pytest.mark.usefixtures("project")
def test_real_cassettes_give_no_false_alarm(pair: str, held: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder = next(PAIRS.glob(f"{pair}_*"), None)
    if folder is None:
        pytest.skip("../shared/pairs is not here")
    # Nobody scrubbed them: they hold the keys that went along, and what a log-in sent and was given.
    found = {line.partition(": a secret by its name, ")[2] for line in scanned(capsys, str(folder / "A1.yaml"))[:-1]}
    assert {label.partition(" (")[0] for label in found} == held


def test_the_cassettes_of_this_project_hold_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert "No secret was found in" in scanned(capsys, "--offline", "cassettes", "examples/stripe/cassettes", code=0)[0]


def test_the_hook_of_pre_commit_scans_what_is_to_be_committed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert hook["additional_dependencies"] == [".[scan]"]
    assert "scan" in extras
    paths = ["cassettes/tests/test_a.yaml", "tests/cassettes/test_b.yaml", "tests/test_b.yaml"]
    chosen = [path for path in paths if re.search(hook["files"], path)]
    assert chosen == paths[:2]
    for path in chosen:
        cassette(project / path, interaction(sent={"Authorization": f"Bearer {KEY}"}))
    program, *arguments = hook["entry"].split()
    assert program == "undrift"
    assert cli.main([*arguments, *chosen]) == 1
    assert capsys.readouterr().out.startswith(
        f"{chosen[0]}: interaction 0, request, header Authorization: the credential SHOP_KEY\n{chosen[1]}: "
    )
