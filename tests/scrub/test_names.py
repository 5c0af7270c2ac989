"""Names that say that the value beside them is a secret."""

from __future__ import annotations

import pytest

from undrift.scrub import SecretNames, Secrets
from undrift.scrub.names import NameReader, looks_like_credential

READER = NameReader(SecretNames.DEFAULT)
RANDOM = "q7Zt0PxV4mLr9KbW2sYd"


@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "accessToken", "AccessToken", "ACCESS-TOKEN", "access.token"),
        *(
            "user[password]",
            "users[0][password]",
            "wsse:Password",
            "auth.client_secret",
            "api_keys.api_key",
            "password[]",
        ),
        *("db_password", "stripeSecretKey", "github-access-token", "smtpPassword"),
    ],
)
def test_a_name_is_known_however_it_is_written_and_wherever_it_stands(name: str) -> None:
    assert READER.is_field(name, "x")
    assert READER.field_verdict(name) is True


@pytest.mark.parametrize(
    "name",
    [
        *("token_type", "next_page_token", "nextPageToken", "max_tokens", "tokens", "continuation_token", "sync_token"),
        *("username", "public_key", "key_id", "card", "id", "", "x" * 300, "[", "]["),
    ],
)
def test_an_innocent_name_is_none_of_them(name: str) -> None:
    assert not READER.is_field(name, RANDOM)
    assert not READER.is_parameter(name, RANDOM)


@pytest.mark.parametrize("name", ["token", "payment_method[token]", "secret", "signature", "code"])
@pytest.mark.parametrize(
    ("value", "is_secret"),
    [
        (RANDOM, True),
        ("v1.1f699f1069f60xxx1f699f1069f60abc", True),
        ("ghs_16C7e42F292c6912E7710c838347Ae178B4a", True),
        ("tok_visa", False),
        ("tok_1HxyzQ0abcDEF4mLr9KbW2s", False),
        (" Hello", False),
        ("card_declined_by_the_bank", False),
        ("ServerSideEncryptionConfigurationNotFoundError", False),
        ("2026-11-21T06:24:09Z", False),
        ("https://example.com/a?x=Zq7Zt0PxV4mLr9Kb", False),
        ("projects/reports/summary.json", False),
        ("", False),
    ],
)
def test_an_ambiguous_name_takes_only_what_looks_like_a_credential(name: str, value: str, *, is_secret: bool) -> None:
    assert READER.is_field(name, value) is is_secret
    assert looks_like_credential(value) is is_secret


def test_parameters_and_fields_have_names_of_their_own() -> None:
    assert READER.is_parameter("X-Amz-Signature", "0f0f")
    assert READER.is_parameter("sig", "0f0f")
    assert not READER.is_field("sig", "0f0f")
    assert not READER.is_field("sig", RANDOM)
    assert READER.is_parameter("key", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY")
    assert not READER.is_parameter("key", "reports/summary-2026.json")
    assert not READER.is_field("key", RANDOM)


def test_nothing_and_an_address_are_no_secrets() -> None:
    assert not READER.is_field("password", "")
    assert not READER.is_field("password", " ")
    assert not READER.is_field("reset_password", "https://example.com/reset")


def test_headers_are_known_in_any_case() -> None:
    assert READER.is_header("Authorization")
    assert READER.is_header("X-API-KEY")
    assert not READER.is_header("Accept")


def test_without_names_nothing_is_known() -> None:
    reader = NameReader(SecretNames())

    assert not reader.is_header("Authorization")
    assert not reader.is_field("db_password", "x")
    assert not reader.is_parameter("access_token", "x")


def test_names_are_kept_in_lower_case_and_added_up() -> None:
    own = SecretNames(headers=frozenset({"X-Acme"}), fields=frozenset({"pinCode"}))

    both = SecretNames.DEFAULT | own

    assert own.headers == {"x-acme"}
    assert NameReader(both).is_field("pin_code", "1")
    assert NameReader(both).is_header("x-acme")
    assert both.parameters == SecretNames.DEFAULT.parameters
    assert both | both is both
    assert SecretNames.DEFAULT | SecretNames() == SecretNames.DEFAULT


def test_secrets_carry_names() -> None:
    own = SecretNames(fields=frozenset({"pin"}))

    assert Secrets().names is SecretNames.DEFAULT
    assert Secrets.named({"KEY": "value-1"}).names is SecretNames.DEFAULT
    assert Secrets.named({"KEY": "value-1"}, own).names == own
    both = Secrets.named({"KEY": "value-1"}) | Secrets(names=own)
    assert both.names == SecretNames.DEFAULT | own
    assert both.pairs == (("KEY", "value-1"),)
    assert Secrets((), own) != Secrets()
    assert not Secrets((), own)
