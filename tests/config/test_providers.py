from __future__ import annotations

import tomllib

import pytest

from undrift.config import AwsSettings, KeyringSettings, Providers, VaultSettings, parse
from undrift.errors import ConfigError


def providers(text: str) -> Providers:
    return parse(tomllib.loads(text)).providers


def test_none_is_asked_unless_somebody_says_so() -> None:
    assert providers("") == Providers()
    assert providers("[providers]\nkeyring = false\n") == Providers()


def test_everything_that_can_be_said() -> None:
    assert providers(
        '[providers]\nkeyring = { service = "sandbox", timeout = 3 }\n'
        '[providers.aws]\nsecret = "undrift/sandbox"\nregion = "eu-central-1"\nprofile = "ci"\n'
        'endpoint = "http://127.0.0.1:5000"\ntimeout = 0.5\n'
        '[providers.vault]\npath = "/undrift/sandbox/"\nmount = "kv"\naddress = "https://vault.example:8200/"\n'
        'namespace = "team"\n'
    ) == Providers(
        keyring=KeyringSettings("sandbox", 3.0),
        aws=AwsSettings(
            secret="undrift/sandbox",
            region="eu-central-1",
            profile="ci",
            endpoint="http://127.0.0.1:5000",
            timeout_seconds=0.5,
        ),
        vault=VaultSettings("undrift/sandbox", "kv", "https://vault.example:8200", "team"),
    )


def test_true_means_the_defaults() -> None:
    assert providers("[providers]\nkeyring = true\naws = true\n") == Providers(KeyringSettings(), AwsSettings())


MISTAKES = [
    ("providers = 3", "providers must be a table, but is 3."),
    (
        "[providers.valt]",
        "[tool.undrift.providers] has the unknown key 'valt'. Did you mean 'vault'? Valid are: keyring,",
    ),
    ("[providers]\nkeyring = 'yes'", "providers.keyring must be a table, but is 'yes'."),
    ("[providers.keyring]\nname = 'x'", "[tool.undrift.providers.keyring] has the unknown key 'name'."),
    ("[providers.keyring]\ntimeout = 0", "providers.keyring.timeout must be a number above zero, but is 0."),
    ("[providers.keyring]\ntimeout = true", "providers.keyring.timeout must be a number above zero, but is True."),
    (
        "[providers.aws]\nregon = 'eu'",
        "[tool.undrift.providers.aws] has the unknown key 'regon'. Did you mean 'region'?",
    ),
    ("[providers.aws]\nsecret = 'a'\nprefix = 'b'", "providers.aws has a secret and a prefix. Keep secret where"),
    ("[providers.aws]\nendpoint = '127.0.0.1'", "providers.aws.endpoint is '127.0.0.1', which is no URL of http"),
    ("[providers]\nvault = true", "providers.vault needs the path of the secret that holds the credentials, such as"),
    (
        "[providers.vault]\npaht = 'a'",
        "[tool.undrift.providers.vault] has the unknown key 'paht'. Did you mean 'path'?",
    ),
    (
        "[providers.vault]\npath = 'a'\naddress = 'http://[::1'",
        "providers.vault.address is 'http://[::1', which is no URL",
    ),
    ("[providers.vault]\npath = ''", "providers.vault.path must be a text that is not empty, but is ''."),
]


@pytest.mark.parametrize(("table", "words"), MISTAKES, ids=[str(number) for number in range(len(MISTAKES))])
def test_a_mistake_is_one_sentence_that_says_what_to_change(table: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        providers(table)
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith((".", "?"))
