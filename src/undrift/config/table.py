"""``[tool.undrift]`` made into a frozen ``Config``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from undrift.config.providers import Providers, providers_from
from undrift.config.reading import choice, only, patterns, text, texts
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.config.ignoring import Ignore
    from undrift.config.services import Service


class Mode(StrEnum):
    """What a run does with its tests' requests."""

    REPLAY = "replay"
    RECORD = "record"
    CHECK = "check"
    MISSING = "missing"
    LIVE = "live"


POLICIES = ("fail", "warn", "ignore")
_KEYS = (
    *("mode", "cassettes", "tests", "client_drift", "allowed_hosts", "match_headers"),
    *("services", "providers", "not_secret", "ignore"),
)


@dataclass(frozen=True, slots=True)
class Config:
    """All that can be configured.

    ``is_explicit`` tells a project that has the table from one that has none: the former
    gets undrift's own conventions, the latter those of pytest-recording. ``client_drift``
    is None where nobody said it, and then depends on who wrote the cassette. ``not_secret`` are
    regular expressions of what looks like a token and is none.
    """

    is_explicit: bool = False
    mode: Mode = Mode.REPLAY
    cassettes: str = "cassettes"
    tests: tuple[str, ...] = ()
    client_drift: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    match_headers: tuple[str, ...] = ()
    services: tuple[Service, ...] = field(default=())
    providers: Providers = field(default_factory=Providers)
    not_secret: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = field(default=())

    @property
    def has_credentials(self) -> bool:
        """Whether any service takes a credential."""
        return any(service.credentials for service in self.services)


def parse(table: Mapping[str, Any] | None) -> Config:
    """The configuration from the ``[tool.undrift]`` table, or the defaults without one.

    Raises ConfigError for an unknown key, a value of the wrong type, and a value that
    means nothing.
    """
    if table is None:
        return Config()
    from undrift.config.ignoring import ignore_rules  # noqa: PLC0415 - only for a project that has the table
    from undrift.config.services import services_from  # noqa: PLC0415 - as above

    only(table, _KEYS, "[tool.undrift]")
    services = services_from(table.get("services", {}))
    return Config(
        is_explicit=True,
        mode=Mode(choice(table.get("mode", "replay"), tuple(Mode), "mode")),
        cassettes=_folder(table.get("cassettes", "cassettes")),
        tests=texts(table.get("tests", []), "tests"),
        client_drift=choice(table["client_drift"], POLICIES, "client_drift") if "client_drift" in table else None,
        allowed_hosts=texts(table.get("allowed_hosts", []), "allowed_hosts"),
        match_headers=texts(table.get("match_headers", []), "match_headers"),
        services=services,
        providers=providers_from(table.get("providers", {})),
        not_secret=patterns(table.get("not_secret", []), "not_secret"),
        ignore=(*ignore_rules(table.get("ignore", [])), *(rule for service in services for rule in service.ignore)),
    )


def mode_named(word: str, source: str) -> Mode:
    """The mode of that name; raises ConfigError that names where the word came from."""
    return Mode(choice(word, tuple(Mode), source))


def policy_named(word: Any, source: str) -> str:
    """A policy for client drift; raises ConfigError that names where the word came from."""
    return choice(word, POLICIES, source)


def _folder(value: Any) -> str:
    folder = text(value, "cassettes").strip("/")
    if not folder or ".." in folder.split("/"):
        raise ConfigError(f"cassettes must be a folder inside the project, but is {value!r}.")
    return folder
