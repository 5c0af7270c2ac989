"""``[tool.undrift]`` made into a frozen ``Config``.

Pure: the table comes in as plain data, and every mistake in it goes out as one sentence
that names the key, what was found there, and the nearest thing that would be right.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from undrift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Mode(StrEnum):
    """What a run does with its tests' requests."""

    REPLAY = "replay"
    RECORD = "record"
    CHECK = "check"
    MISSING = "missing"
    LIVE = "live"


POLICIES = ("fail", "warn", "ignore")


@dataclass(frozen=True, slots=True)
class Service:
    """A named API: its origins, and the credentials it takes.

    ``origins`` are scheme, host and port, the port perhaps ``*``; requests to any of them
    are stored and matched under the first. ``credentials`` pairs each name with the regular
    expression that its whole value must match.
    """

    name: str
    origins: tuple[str, ...]
    credentials: tuple[tuple[str, str], ...] = ()
    match_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore rule; an empty part stands for any."""

    reason: str
    expires: dt.date
    service: str = ""
    endpoint: str = ""
    path: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """All that can be configured.

    ``is_explicit`` tells a project that has the table from one that has none: the former
    gets undrift's own conventions, the latter those of pytest-recording. ``client_drift``
    is None where nobody said it, and then depends on who wrote the cassette.
    """

    is_explicit: bool = False
    mode: Mode = Mode.REPLAY
    cassettes: str = "cassettes"
    tests: tuple[str, ...] = ()
    client_drift: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    match_headers: tuple[str, ...] = ()
    services: tuple[Service, ...] = field(default=())
    ignore: tuple[Ignore, ...] = field(default=())


def parse(table: Mapping[str, Any] | None) -> Config:
    """The configuration from the ``[tool.undrift]`` table, or the defaults without one.

    Raises ConfigError for an unknown key, a value of the wrong type, and a value that
    means nothing.
    """
    if table is None:
        return Config()
    keys = ("mode", "cassettes", "tests", "client_drift", "allowed_hosts", "match_headers", "services", "ignore")
    _only(table, keys, "[tool.undrift]")
    return Config(
        is_explicit=True,
        mode=Mode(_choice(table.get("mode", "replay"), tuple(Mode), "mode")),
        cassettes=_folder(table.get("cassettes", "cassettes")),
        tests=_texts(table.get("tests", []), "tests"),
        client_drift=_choice(table["client_drift"], POLICIES, "client_drift") if "client_drift" in table else None,
        allowed_hosts=_texts(table.get("allowed_hosts", []), "allowed_hosts"),
        match_headers=_texts(table.get("match_headers", []), "match_headers"),
        services=_services(_table(table.get("services", {}), "services")),
        ignore=tuple(_ignore(rule, number) for number, rule in enumerate(_list(table.get("ignore", []), "ignore"), 1)),
    )


def mode_named(text: str, source: str) -> Mode:
    """The mode of that name; raises ConfigError that names where the word came from."""
    return Mode(_choice(text, tuple(Mode), source))


def policy_named(text: Any, source: str) -> str:
    """A policy for client drift; raises ConfigError that names where the word came from."""
    return _choice(text, POLICIES, source)


def _only(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in tuple(known):
            raise ConfigError(f"{where} has the unknown key {key!r}.{_hint(key, known)}")


def _hint(word: str, known: Iterable[str]) -> str:
    names = [str(name) for name in known]
    near = difflib.get_close_matches(word, names, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"{guess} Valid are: {', '.join(names)}."


def _choice(value: Any, valid: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in valid:
        raise ConfigError(f"{where} is {value!r}, which is not valid.{_hint(str(value), valid)}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} must be a text that is not empty, but is {value!r}.")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(item, f"Each item of {where}") for item in _list(value, where))


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ConfigError(f"{where} must be a list, but is {value!r}.")
    return value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table, but is {value!r}.")
    return value


def _folder(value: Any) -> str:
    folder = _text(value, "cassettes").strip("/")
    if not folder or ".." in folder.split("/"):
        raise ConfigError(f"cassettes must be a folder inside the project, but is {value!r}.")
    return folder


def _services(table: Mapping[str, Any]) -> tuple[Service, ...]:
    services = tuple(_service(name, _table(value, f"services.{name}")) for name, value in table.items())
    claimed: dict[str, str] = {}
    for service in services:
        for origin in service.origins:
            owner = claimed.setdefault(origin, service.name)
            if owner != service.name and not origin.endswith(":*"):
                raise ConfigError(
                    f"The services {owner} and {service.name} both claim the origin {origin}. "
                    f"Leave it to one of them, or tell them apart by their ports."
                )
    return services


def _service(name: str, table: Mapping[str, Any]) -> Service:
    where = f"services.{name}"
    _only(table, ("origins", "credentials", "match_headers"), f"[tool.undrift.{where}]")
    origins = tuple(_origin(text, where) for text in _texts(table.get("origins", []), f"{where}.origins"))
    if not origins:
        raise ConfigError(f'{where} has no origins. Add, for example, origins = ["https://api.example.com"].')
    if origins[0].endswith(":*"):
        raise ConfigError(
            f"The first origin of {where} is {origins[0]}, but everything is stored under the first, "
            f"so it must be one origin without a wildcard."
        )
    credentials = _table(table.get("credentials", {}), f"{where}.credentials")
    return Service(
        name=name,
        origins=origins,
        credentials=tuple((key, _pattern(value, f"{where}.credentials.{key}")) for key, value in credentials.items()),
        match_headers=_texts(table.get("match_headers", []), f"{where}.match_headers"),
    )


def _origin(text: str, where: str) -> str:
    wildcard = text.endswith(":*")
    try:
        parts = urlsplit(text[:-2] if wildcard else text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    beyond = parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in {"http", "https"} or not parts.hostname or beyond:
        raise ConfigError(
            f"{where} has the origin {text!r}, which is none. An origin is a scheme, a host and perhaps a port, "
            f"such as https://api.example.com or http://127.0.0.1:*."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = ":*" if wildcard else "" if port in {None, _default_port(parts.scheme)} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _pattern(value: Any, where: str) -> str:
    text = _text(value, where)
    try:
        re.compile(text)
    except re.error as error:
        raise ConfigError(f"{where} is {text!r}, which is no regular expression: {error}.") from error
    return text


def _ignore(value: Any, number: int) -> Ignore:
    where = f"ignore rule {number}"
    rule = _table(value, where)
    _only(rule, ("service", "endpoint", "path", "kind", "reason", "expires"), f"The {where}")
    expires = rule.get("expires")
    if isinstance(expires, str):
        try:
            expires = dt.date.fromisoformat(expires)
        except ValueError:
            expires = None
    if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
        raise ConfigError(f"The {where} needs an expiry date, such as expires = 2026-12-31.")
    if "reason" not in rule:
        raise ConfigError(f"The {where} needs a reason: why may this be ignored?")
    path = rule.get("path", "")
    if isinstance(path, str) and path and not path.startswith("/") and "/" in path:
        raise ConfigError(f"The {where} has the path {path!r}, which is no JSON Pointer: it must start with a slash.")
    texts = {
        key: _text(rule[key], f"{key} of {where}")
        for key in ("service", "endpoint", "path", "kind")
        if rule.get(key, "") != ""
    }
    return Ignore(reason=_text(rule["reason"], f"reason of {where}"), expires=expires, **texts)
