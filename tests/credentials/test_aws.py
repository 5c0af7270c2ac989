from __future__ import annotations

import json
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer
from tests.credentials import refusals
from tests.ports import held

from undrift.credentials import AwsSecrets
from undrift.credentials.asking import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk_test_fromaws"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """AWS Secrets Manager, as moto plays it, with a few secrets."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "AKIAUNDRIFT", "aws_secret_access_key": "x"}
    client = boto3.client("secretsmanager", endpoint_url=url, region_name="eu-central-1", **keys)
    for name, text in {
        "undrift/sandbox": json.dumps({"SHOP_KEY": KEY, "SHOP_PORT": 80, "OTHER": "o"}),
        "undrift/list": "[1]",
        "undrift/text": f"SHOP_KEY={KEY}",
        "ci/SHOP_KEY": KEY,
    }.items():
        client.create_secret(Name=name, SecretString=text)
    yield url
    server.stop()


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give a machine that knows AWS by its environment alone."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAUNDRIFT",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def aws(endpoint: str, **settings: Any) -> AwsSecrets:
    defaults = {"secret": "", "prefix": "", "region": "eu-central-1", "profile": "", "timeout_seconds": 5.0}
    return AwsSecrets(**{**defaults, "endpoint": endpoint, **settings})


def test_one_secret_for_all(endpoint: str) -> None:
    assert aws(endpoint, secret="undrift/sandbox").ask(["SHOP_KEY", "SHOP_PORT", "NONE"]).values == {"SHOP_KEY": KEY}


def test_a_secret_for_each(endpoint: str) -> None:
    assert aws(endpoint, prefix="ci/").ask(["SHOP_KEY", "NONE"]).values == {"SHOP_KEY": KEY}


refusal = partial(
    refusals.refusal, who="AWS Secrets Manager", mend="providers.aws, or what AWS lets this machine read", secret=KEY
)


@pytest.mark.parametrize("secret", ["undrift/list", "undrift/text"])
def test_a_secret_of_another_kind(endpoint: str, secret: str) -> None:
    words = refusal(aws(endpoint, secret=secret))
    assert f"failed: the secret {secret} is no JSON object with a member for each credential." in words


def test_nothing_there(endpoint: str) -> None:
    assert "ResourceNotFoundException" in refusal(aws(endpoint, secret="undrift/typo"))


def test_one_that_refuses(endpoint: str) -> None:
    # From now on moto looks at who asks, as AWS does.
    requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=5)
    try:
        for settings in ({"secret": "undrift/sandbox"}, {"prefix": "ci/"}):
            assert "An error occurred (403) when calling the GetSecretValue operation" in refusal(
                aws(endpoint, **settings)
            )
    finally:
        requests.post(f"{endpoint}/moto-api/reset-auth", data="inf", timeout=5)


def test_a_profile_that_is_none(endpoint: str) -> None:
    assert "The config profile (nobody) could not be found" in refusal(aws(endpoint, profile="nobody"))


def test_one_that_is_down() -> None:
    with held() as port:
        assert "Could not connect to the endpoint URL" in refusal(aws(f"http://127.0.0.1:{port}", secret="a"))


def test_one_that_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "imeout" in refusal(aws(url, secret="a", timeout_seconds=0.3)).replace("within 0.3 seconds", "timeout")


def test_where_it_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError, match=r"^no region is set; add one to providers\.aws, or set AWS_REGION$"):
        aws("", region="").ask(["SHOP_KEY"])
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UnavailableError, match=r"^this machine has no credentials for AWS$"):
        aws("http://127.0.0.1:1").ask(["SHOP_KEY"])
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UnavailableError, match=r"^boto3 is not installed; run `pip install 'undrift\[aws\]'`$"):
        aws("http://127.0.0.1:1").ask(["SHOP_KEY"])
