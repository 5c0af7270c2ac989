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
        *("db_password", "stripeSecretKey", "github-access-token", "smtpPassword", "primaryConnectionString"),
    ],
)
def test_a_name_is_known_however_it_is_written_and_wherever_it_stands(name: str) -> None:
    assert READER.is_field(name, "x")
    assert READER.field_verdict(name) is True


@pytest.mark.parametrize(
    "name",
    [
        *("token_type", "next_page_token", "nextPageToken", "max_tokens", "tokens", "continuation_token", "sync_token"),
        *(
            "has_password",
            "isPassword",
            "requires-password",
            "username",
            "public_key",
            "key_id",
            "card",
            "id",
            "",
            "x" * 300,
            "[",
            "][",
        ),
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
        ("pk_test_51HxyzQ0abcDEF4mLr9KbW2s", False),
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
    assert READER.is_header("Authorization", "x")
    assert READER.is_header("X-API-KEY", "x")
    assert not READER.is_header("Accept", RANDOM)


@pytest.mark.parametrize(
    "name",
    ["X-Token", "Token", "X-Auth", "X-Consul-Token", "Circle-Token", "X-Postmark-Account-Token", "X-Guest-Token"],
)
def test_a_header_that_may_be_innocent_is_one_where_its_value_looks_like_a_credential(name: str) -> None:
    assert READER.is_header(name, RANDOM)
    assert not READER.is_header(name, "none")


@pytest.mark.parametrize(
    "name",
    ["X-Continuation-Token", "X-Next-Page-Token", "X-Sync-Token", "X-Request-Id", "ETag", "Idempotency-Key", "-", ""],
)
def test_a_header_that_holds_a_place_or_an_id_is_none(name: str) -> None:
    assert not READER.is_header(name, RANDOM)


@pytest.mark.parametrize(
    "name",
    [
        *("AZURE_STORAGE_KEY", "azure_storage_key", "azureStorageAccountKey", "env.GITHUB_TOKEN", "githubToken"),
        *("GitHubToken", "config[slack_token]", "STRIPE_SECRET", "sendgrid-key", "GITLAB_PAT", "AccessKeySecret"),
        *("jwt_secret", "signingKey", "reset_token", "inviteToken", "sharedAccessKey", "service_role_key", "smtp_pass"),
        *("ssh_key", "hmac_key", "cookie_secret", "sasToken", "SharedAccessSignature", "accessTokenSecret"),
    ],
)
def test_a_key_is_known_by_what_it_is_to_where_it_looks_like_one(name: str) -> None:
    assert READER.is_field(name, RANDOM)
    assert READER.is_parameter(name, RANDOM)
    assert not READER.is_field(name, "missing")
    assert not READER.is_field(name, "uploads and more")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "stripe_publishable_key",
            "STRIPE_PUBLIC_KEY",
            "github_next_page_token",
            "google_sync_token",
            "jira_issue_key",
        ),
        *("azure_partition_key", "aws_s3_key", "storage_key_id", "github_id", "github_token_type", "stripe_tokens"),
        *(
            "jira_issue_key",
            "cache_key",
            "sort_key",
            "monkey_token",
            "github",
            "secret_name",
            "secretArn",
            "credential_id",
        ),
        *(
            "is_secret",
            "lookup_key",
            "translation_key",
            "client_token",
            "pagination_token",
            "user_id",
            "session_id",
            "bypass",
        ),
    ],
)
def test_what_a_provider_shows_to_everybody_is_none(name: str) -> None:
    assert not READER.is_field(name, RANDOM)


def test_without_names_nothing_is_known() -> None:
    reader = NameReader(SecretNames())

    assert not reader.is_header("Authorization", "x")
    assert not reader.is_header("X-Token", RANDOM)
    assert not reader.is_field("GITHUB_TOKEN", RANDOM)
    assert not reader.is_field("db_password", "x")
    assert not reader.is_parameter("access_token", "x")


def test_names_are_kept_in_lower_case_and_added_up() -> None:
    own = SecretNames(headers=frozenset({"X-Acme"}), fields=frozenset({"pinCode"}))

    both = SecretNames.DEFAULT | own

    assert own.headers == {"x-acme"}
    assert NameReader(both).is_field("pin_code", "1")
    assert NameReader(both).is_header("x-acme", "x")
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
