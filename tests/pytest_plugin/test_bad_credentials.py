"""What bad services, providers and credentials get: one sentence, before any request, and nothing written."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests import stranger
from tests.pytest_plugin.test_bad_input import words

from undrift import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pytest_plugin.conftest import Project

KEY = "shop_test_abcdefgh"
SHOP = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example", "http://127.0.0.1:*"]
credentials = { SHOP_KEY = "shop_test_[a-z]{8}" }
"""
ASKING = """
import httpx, pytest

@pytest.mark.vcr
def test_one(credentials):
    httpx.get("{url}/one?key=" + credentials["SHOP_KEY"], verify=False)
"""
ONE_ORIGIN = 'origins = ["https://api.shop.example"]'


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("SHOP_KEY", KEY)
    project.configure(SHOP)
    project.write(ASKING)
    return project


def nothing_happened(project: Project) -> bool:
    return not (project.server.hits or (project.root / "cassettes").exists() or (project.root / ".undrift").exists())


WRONG = {
    "an unknown provider": (
        "[tool.undrift.providers]\nvautl = true\n",
        "[tool.undrift.providers] has the unknown key 'vautl'. Did you mean 'vault'? Valid are: keyring, aws, vault.",
    ),
    "a pattern that is none": (
        f'[tool.undrift.services.shop]\n{ONE_ORIGIN}\ncredentials = {{ SHOP_KEY = "shop_(test" }}\n',
        "services.shop.credentials.SHOP_KEY is 'shop_(test', which is no regular expression: missing ), unterminated ",
    ),
    "a pattern that is none, of what is no secret": (
        '[tool.undrift]\nnot_secret = ["*"]\n',
        "Each item of not_secret is '*', which is no regular expression: nothing to repeat at position 0.",
    ),
    "a service without origins": (
        '[tool.undrift.services.shop]\ncredentials = { SHOP_KEY = "a" }\n',
        'services.shop has no origins. Add, for example, origins = ["https://api.example.com"].',
    ),
    "two services that claim one origin": (
        f"[tool.undrift.services.shop]\n{ONE_ORIGIN}\n[tool.undrift.services.pay]\n{ONE_ORIGIN}\n",
        "The services shop and pay both claim the origin https://api.shop.example. Leave it to one of them",
    ),
    "an unknown ready-made service": (
        '[tool.undrift.services.shop]\npreset = "strpe"\n',
        "services.shop.preset is 'strpe', which is not valid. Did you mean 'stripe'? Valid are: stripe, github, aws,",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_configuration_stops_every_command(
    shop: Project, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    table, sentence = WRONG[what]
    shop.configure(table)
    for verb in ("record", "check", "replay", "doctor", "scan"):
        assert cli.main([verb]) == 2
        assert sentence in capsys.readouterr().err
    result = shop.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in words(result)
    assert nothing_happened(shop)


def tracked(root: Path) -> None:
    (root / ".env.test").write_text(f"SHOP_KEY={KEY}\n", "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", ".env.test"], cwd=root, check=True)


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "unreadable": (
        lambda root: (root / ".env.test").mkdir(),
        ".env.test cannot be read: Is a directory. Mend it, or use the environment.",
    ),
    "no text": (
        lambda root: (root / ".env.test").write_bytes(b"SHOP_KEY=\xff\n"),
        ".env.test cannot be read: it is no UTF-8 text. Mend it, or use the environment.",
    ),
    "half written": (
        lambda root: (root / ".env.test").write_text(f"# ours\nSHOP_KEY='{KEY}\n", "utf-8"),
        ".env.test, line 2, is half written: it is no NAME=VALUE, or its quotation mark is never closed.",
    ),
    "tracked": (
        tracked,
        ".env.test is tracked by git, so everybody could read the credentials in it. Run `git rm --cached .env.test`,",
    ),
}


@pytest.mark.parametrize("mode", ["record", "check", "live"])
@pytest.mark.parametrize("what", FILES)
def test_a_file_of_credentials_that_will_not_do(shop: Project, what: str, mode: str) -> None:
    make, sentence = FILES[what]
    make(shop.root)
    result = shop.run(f"--undrift={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in words(result)
    assert KEY not in words(result)
    assert nothing_happened(shop)


@pytest.mark.parametrize("value", ["test", "password", "shop_live_abcdefgh"])
def test_a_value_that_will_not_do(shop: Project, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    shop.configure(SHOP.replace("shop_test_[a-z]{8}", "[a-z]+"))
    monkeypatch.setenv("SHOP_KEY", value)
    why = {
        "test": "is shorter than 8 characters, and would be found by chance where no secret is.",
        "password": "is a common word, and would be found in texts where no secret is.",
    }.get(value, "does not match its pattern [a-z]+. It may be a live key.")
    result = shop.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"The credential SHOP_KEY, found in the environment, {why} No request was sent; set a" in words(result)
    assert nothing_happened(shop)


@pytest.mark.parametrize("mode", ["record", "check", "missing"])
def test_a_test_that_is_named_after_a_credential(shop: Project, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    shop.write(
        "import os, httpx, pytest\n@pytest.mark.vcr\n"
        "@pytest.mark.parametrize('key', [os.environ.get('SHOP_KEY', 'none')])\n"
        "def test_one(key):\n    httpx.get('{url}/one')\n"
    )
    result = shop.run(f"--undrift={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "test_one[<SHOP_KEY>] has the value of the credential SHOP_KEY in its name, which would" in words(result)
    assert KEY not in words(result)
    assert nothing_happened(shop)


def test_an_empty_value_skips_whoever_asks_for_it(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # A system for CI sets a secret that it withholds to nothing.
    monkeypatch.setenv("SHOP_KEY", "")
    result = shop.run("--undrift=record")
    result.assert_outcomes(skipped=1)
    sentence = "The credential SHOP_KEY is missing. It was looked for in the environment (empty there), .env.test."
    assert f"1 test skipped: {sentence}" in words(result)
    assert shop.server.hits == []
    assert not (shop.root / "cassettes").exists()


def test_a_secret_manager_that_refuses(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "")
    monkeypatch.setenv("VAULT_TOKEN", "hvs.none")
    with stranger.serving() as vault:
        vault.say("/v1/secret/data/shop", {"errors": ["permission denied"]}, status=403)
        shop.configure(f'{SHOP}[tool.undrift.providers.vault]\npath = "shop"\naddress = "{vault.url}"\n')
        result = shop.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    sentence = "HashiCorp Vault was asked for SHOP_KEY and failed: permission denied"
    assert sentence in words(result)
    assert "No request was sent. Mend providers.vault, or what Vault lets this token read. Or set it in" in words(
        result
    )
    assert "hvs.none" not in words(result)
    assert nothing_happened(shop)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (SHOP, "A read-only check goes to origins with read_only = true alone, and no service has one. Add it, such"),
        (
            SHOP.replace('"http://127.0.0.1:*"', '{ url = "https://shop.example", read_only = 1 }'),
            "read_only of an origin of services.shop must be true or false, but is 1.",
        ),
    ],
)
def test_a_read_only_check_of_nothing_that_is_read_only(
    shop: Project, capsys: pytest.CaptureFixture[str], table: str, sentence: str
) -> None:
    shop.configure(table)
    assert cli.main(["check", "--read-only"]) == 2
    assert sentence in capsys.readouterr().err
    assert nothing_happened(shop)


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        (
            "127.0.0.1:80",
            "The environment variable UNDRIFT_ORIGIN_SHOP has the origin '127.0.0.1:80', which is none. An",
        ),
        ("http://127.0.0.1:*", "has the origin 'http://127.0.0.1:*'. Give the real one, without a wildcard."),
    ],
)
def test_an_origin_to_bind_that_is_none(
    shop: Project, monkeypatch: pytest.MonkeyPatch, variable: str, sentence: str
) -> None:
    monkeypatch.setenv("UNDRIFT_ORIGIN_SHOP", variable)
    for mode in ("record", "check", "live"):
        result = shop.run(f"--undrift={mode}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert sentence in words(result)
        assert nothing_happened(shop)
