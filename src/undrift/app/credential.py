"""Credentials and origins by name, in a test or outside of one, and what a project needs of both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from undrift import config as settings
from undrift import credentials
from undrift.app.current import running_session
from undrift.app.project import load_project
from undrift.config import Mode, mode_named
from undrift.errors import ConfigError, UsageError
from undrift.scrub import SecretNames, Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.app.project import Project
    from undrift.config import Config
    from undrift.credentials import Needed, Provider


def credential(name: str) -> str:
    """The value of a configured credential: the real one where requests are sent, else a stand-in.

    Within a test run that is decided by its mode; outside of one, by the environment
    variable ``UNDRIFT``, else the configuration. Raises CredentialError where no service
    names it or its value may not be used, CredentialMissingError where it was not found.
    """
    __tracebackhide__ = True
    session = running_session()
    if session is not None:
        return session.credential(name)
    project = load_project(Path.cwd())
    needed = needed_by(project.config)
    chosen = os.environ.get("UNDRIFT")
    mode = mode_named(chosen, "The environment variable UNDRIFT") if chosen else project.config.mode
    if mode is Mode.REPLAY:
        return credentials.stand_ins(needed).get(name)
    # Whoever asks for one is not to wait for the others.
    only = [one for one in needed if one.name == name] or needed
    return credentials.find(only, providers_of(project.config, os.environ, project.root)).get(name)


def origin(service: str, url: str) -> None:
    """Say that requests to this address belong to a service, for the rest of the run.

    For a server whose port is known only when it has started, where several services have
    the same wildcard. Raises ConfigError for a service that is not configured and an address
    that is none, and UsageError outside of a run of tests, where the environment variable
    ``UNDRIFT_ORIGIN_<SERVICE>`` says the same.
    """
    __tracebackhide__ = True
    session = running_session()
    if session is None:
        raise UsageError(
            "undrift.origin works within a run of tests. Outside of one, set the environment variable "
            "UNDRIFT_ORIGIN_ followed by the service's name in upper case."
        )
    session.bind(service, url, "undrift.origin")


def checked_origin(config: Config, service: str, url: str, where: str) -> str:
    """An origin to bind, in its one spelling; raises ConfigError where it, or the service, is none."""
    __tracebackhide__ = True
    names = [known.name for known in config.services]
    if service not in names:
        raise ConfigError(f"{where} names the service {service!r}, which is not configured. Known are: {_list(names)}.")
    checked = settings.origin_from(url, where)
    if "*" in checked:
        raise ConfigError(f"{where} has the origin {url!r}. Give the real one, without a wildcard.")
    return checked


def needed_by(config: Config, *, read_only: bool = False) -> tuple[Needed, ...]:
    """The credentials that the services need, each once.

    In a ``read_only`` run a live key may be used by a service that has a read-only origin.
    """
    needed: dict[str, Needed] = {}
    for service in config.services:
        for name, pattern in service.credentials:
            before = needed.get(name, credentials.Needed(name, (), may_be_live=True))
            needed[name] = credentials.Needed(
                name,
                tuple(dict.fromkeys((*before.patterns, pattern))),
                tuple(dict.fromkeys((*before.forbidden, *service.forbidden))),
                may_be_live=before.may_be_live and read_only and bool(service.read_only),
                services=(*before.services, service.name),
            )
    return tuple(needed.values())


def providers_of(
    config: Config, environment: Mapping[str, str], root: Path, *, asked: tuple[Provider, ...] | None = None
) -> tuple[Provider, ...]:
    """Where credentials are looked for, in order; ``asked`` stands for the remote ones where they were asked before."""
    local = (credentials.Environment(environment), credentials.EnvFile(root))
    return (*local, *(_remote(config, environment) if asked is None else asked))


def known_values(project: Project, *, is_offline: bool = False) -> tuple[Secrets, tuple[str, ...]]:
    """The values of all credentials that are found, fit to be used or not, and sentences about the others.

    ``is_offline`` leaves out whoever takes time: keyring and secret managers.
    """
    names = [needed.name for needed in needed_by(project.config)]
    remarks: list[str] = []
    providers = providers_of(project.config, os.environ, project.root, asked=() if is_offline else None)
    looked = credentials.look_up(names, providers, on_failure=lambda error: remarks.append(str(error)))
    values = {name: found.value for name, found in looked.found.items() if credentials.can_be_told(found.value)}
    unknown = [name for name in names if name not in values]
    if unknown:
        remarks.append(
            f"Not looked for, since there is no value of it in {', '.join(looked.looked_in)}: {', '.join(unknown)}."
        )
    return Secrets.named(values, secret_names(project.config)), tuple(remarks)


def values_at_hand(config: Config, environment: Mapping[str, str]) -> Secrets:
    """The values of credentials that the environment has, fit to be used or not; nobody else is asked."""
    if not config.has_credentials:
        return Secrets()
    looked = credentials.look_up((one.name for one in needed_by(config)), (credentials.Environment(environment),))
    return Secrets.named(
        {name: found.value for name, found in looked.found.items() if credentials.can_be_told(found.value)}
    )


def secret_names(config: Config) -> SecretNames:
    """The names of what carries secrets: those that everybody knows, and those of the services."""
    names = SecretNames.DEFAULT
    for service in config.services:
        own = service.redactions
        names |= SecretNames(frozenset(own.headers), frozenset(own.parameters), frozenset(own.fields))
    return names


def _remote(config: Config, environment: Mapping[str, str]) -> tuple[Provider, ...]:
    keyring, aws, vault = config.providers.keyring, config.providers.aws, config.providers.vault
    found: list[Provider] = []
    if keyring is not None:
        found.append(credentials.Keyring(keyring.service, keyring.timeout_seconds))
    if aws is not None:
        found.append(
            credentials.AwsSecrets(aws.secret, aws.prefix, aws.region, aws.profile, aws.endpoint, aws.timeout_seconds)
        )
    if vault is not None:
        settings = (vault.path, vault.mount, vault.address, vault.namespace, vault.timeout_seconds)
        found.append(credentials.Vault(*settings, environment))
    return tuple(found)


def _list(names: list[str]) -> str:
    return ", ".join(names) or "none"
