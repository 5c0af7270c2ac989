"""``[tool.undrift.providers]``: where else than in the environment and ``.env.test`` credentials are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from undrift.config.reading import boolean, only, positive, table, text
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class KeyringSettings:
    """The system keyring; ``service`` is the name under which it keeps the credentials."""

    service: str = "undrift"
    timeout_seconds: float = _TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """AWS Secrets Manager.

    ``secret`` is the name of one secret, whose text is a JSON object with a member for each
    credential. Empty, each credential is a secret of its own, named ``prefix`` and its name.
    """

    secret: str = ""
    prefix: str = ""
    region: str = ""
    profile: str = ""
    endpoint: str = ""
    timeout_seconds: float = _TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """HashiCorp Vault, version 2 of its key-value store.

    ``path`` is that of one secret below ``mount``, with a key for each credential. An empty
    ``address`` leaves it to ``VAULT_ADDR``.
    """

    path: str
    mount: str = "secret"
    address: str = ""
    namespace: str = ""
    timeout_seconds: float = _TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Providers:
    """The providers that are configured; None for those that are not to be asked."""

    keyring: KeyringSettings | None = None
    aws: AwsSettings | None = None
    vault: VaultSettings | None = None


_NAMES = ("keyring", "aws", "vault")


def providers_from(value: Any) -> Providers:
    """The providers from their table; raises ConfigError for one that is unknown, and for wrong settings."""
    tables = table(value, "providers")
    only(tables, _NAMES, "[tool.undrift.providers]")
    settings = {name: _settings(found, f"providers.{name}") for name, found in tables.items()}
    return Providers(
        keyring=_keyring(settings.get("keyring")),
        aws=_aws(settings.get("aws")),
        vault=_vault(settings.get("vault")),
    )


def _settings(value: Any, where: str) -> Mapping[str, Any] | None:
    """A provider's table; ``true`` stands for an empty one, ``false`` for none."""
    if isinstance(value, bool):
        return {} if boolean(value, where) else None
    return table(value, where)


def _keyring(settings: Mapping[str, Any] | None) -> KeyringSettings | None:
    if settings is None:
        return None
    only(settings, ("service", "timeout"), "[tool.undrift.providers.keyring]")
    return KeyringSettings(
        service=text(settings.get("service", "undrift"), "providers.keyring.service"),
        timeout_seconds=_timeout(settings, "keyring"),
    )


def _aws(settings: Mapping[str, Any] | None) -> AwsSettings | None:
    if settings is None:
        return None
    names = ("secret", "prefix", "region", "profile", "endpoint")
    only(settings, (*names, "timeout"), "[tool.undrift.providers.aws]")
    found = {name: text(settings[name], f"providers.aws.{name}") for name in names if name in settings}
    if "secret" in found and "prefix" in found:
        raise ConfigError(
            "providers.aws has a secret and a prefix. Keep secret where one secret holds all credentials as JSON, "
            "or prefix where each is a secret of its own."
        )
    if "endpoint" in found:
        _url(found["endpoint"], "providers.aws.endpoint")
    return AwsSettings(**found, timeout_seconds=_timeout(settings, "aws"))


def _vault(settings: Mapping[str, Any] | None) -> VaultSettings | None:
    if settings is None:
        return None
    names = ("path", "mount", "address", "namespace")
    only(settings, (*names, "timeout"), "[tool.undrift.providers.vault]")
    found = {name: text(settings[name], f"providers.vault.{name}").strip("/") for name in names if name in settings}
    if "path" not in found:
        raise ConfigError(
            'providers.vault needs the path of the secret that holds the credentials, such as path = "undrift/sandbox".'
        )
    if "address" in found:
        _url(found["address"], "providers.vault.address")
    return VaultSettings(**found, timeout_seconds=_timeout(settings, "vault"))


def _timeout(settings: Mapping[str, Any], name: str) -> float:
    return positive(settings.get("timeout", _TIMEOUT_SECONDS), f"providers.{name}.timeout")


def _url(value: str, where: str) -> None:
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ConfigError(
            f"{where} is {value!r}, which is no URL of http or https, such as https://vault.example:8200."
        )
