"""``[tool.undrift.services.NAME]``: a named API, perhaps built on a ready-made one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from undrift.config.ignoring import Ignore, ignore_rules
from undrift.config.presets import PRESETS, Preset
from undrift.config.reading import boolean, choice, items, only, pattern, patterns, table, text, texts
from undrift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS = ("preset", "origins", "credentials", "forbidden", "match_headers", "volatile", "redact", "ignore")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Redactions:
    """The names of what carries secrets, in any letter case."""

    headers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A named API: its origins, and the credentials it takes.

    ``origins`` are scheme, host and port. The port may be ``*``: requests to any of them are
    stored and matched under the first. The host may start with ``*.``: such requests belong to
    the service, and stay under their own address. ``read_only`` are the origins that take GET
    and HEAD alone, but in ordinary runs not those of them that are ``writable`` too.
    ``credentials`` pairs each name with the regular expression that its whole value must match;
    ``ready_made`` are the names that only the preset knows of. ``forbidden`` are expressions of
    live keys, which no part of a value may match. ``noise`` are the header fields and JSON
    Pointers of its answers whose values are new each time: those of the preset, since all else
    that is to be left out has a reason and an end.
    """

    name: str
    origins: tuple[str, ...]
    credentials: tuple[tuple[str, str], ...] = ()
    ready_made: tuple[str, ...] = ()
    match_headers: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    redactions: Redactions = Redactions()
    ignore: tuple[Ignore, ...] = ()


def services_from(value: Any) -> tuple[Service, ...]:
    """The services from their tables; raises ConfigError for the first mistake in them."""
    tables = table(value, "services")
    services = tuple(_service(name, table(found, f"services.{name}")) for name, found in tables.items())
    _no_origin_twice(services)
    return services


def _no_origin_twice(services: tuple[Service, ...]) -> None:
    claimed: dict[str, str] = {}
    for service in services:
        for origin in service.origins:
            owner = claimed.setdefault(origin, service.name)
            if owner != service.name and not origin.endswith(":*"):
                raise ConfigError(
                    f"The services {owner} and {service.name} both claim the origin {origin}. "
                    f"Leave it to one of them, or tell them apart by their ports."
                )


def _service(name: str, given: Mapping[str, Any]) -> Service:
    where = f"services.{name}"
    only(given, _KEYS, f"[tool.undrift.{where}]")
    preset = PRESETS[choice(given["preset"], tuple(PRESETS), f"{where}.preset")] if "preset" in given else Preset()
    entries = _origins(given, preset, where)
    redact = table(given.get("redact", {}), f"{where}.redact")
    only(redact, ("headers", "parameters", "fields"), f"[tool.undrift.{where}.redact]")
    return Service(
        name=name,
        origins=tuple(dict.fromkeys(origin for origin, _ in entries)),
        read_only=tuple(dict.fromkeys(origin for origin, is_read_only in entries if is_read_only)),
        writable=tuple(dict.fromkeys(origin for origin, is_read_only in entries if not is_read_only)),
        credentials=_credentials(given.get("credentials", {}), preset, where),
        ready_made=tuple(name for name in preset.credentials if name not in given.get("credentials", {})),
        forbidden=_merged(preset.forbidden, patterns(given.get("forbidden", []), f"{where}.forbidden")),
        match_headers=_merged(preset.match_headers, _texts(given, "match_headers", where)),
        volatile=_merged(preset.volatile, _texts(given, "volatile", where)),
        noise=preset.noise,
        redactions=Redactions(
            headers=_merged(preset.secret_headers, _texts(redact, "headers", f"{where}.redact")),
            parameters=_merged(preset.secret_parameters, _texts(redact, "parameters", f"{where}.redact")),
            fields=_merged(preset.secret_fields, _texts(redact, "fields", f"{where}.redact")),
        ),
        ignore=ignore_rules(given.get("ignore", []), service=name),
    )


def _texts(given: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return texts(given.get(key, []), f"{where}.{key}")


def _merged(first: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *more)))


def _credentials(value: Any, preset: Preset, where: str) -> tuple[tuple[str, str], ...]:
    """The preset's, and those given, which win."""
    found = dict(preset.credentials)
    for name, expression in table(value, f"{where}.credentials").items():
        if _VARIABLE.fullmatch(name) is None:
            raise ConfigError(
                f"{where}.credentials has the name {name!r}, which no environment variable can have. "
                f"Write it with letters, digits and underscores, such as STRIPE_TEST_KEY."
            )
        found[name] = pattern(expression, f"{where}.credentials.{name}")
    return tuple(found.items())


def _origins(given: Mapping[str, Any], preset: Preset, where: str) -> list[tuple[str, bool]]:
    """All origins, and whether each is read-only; one may be both."""
    own = [_entry(item, where) for item in items(given.get("origins", []), f"{where}.origins")]
    # What is stored under the first is stored under the provider's own address.
    first = [(origin, False) for origin in preset.origins if not _has_host_wildcard(origin)]
    last = [(origin, False) for origin in preset.origins if _has_host_wildcard(origin)]
    entries = [*first, *own, *last]
    if not entries:
        has_none = f" The preset {given['preset']} has none of its own." if "preset" in given else ""
        raise ConfigError(f'{where} has no origins.{has_none} Add, for example, origins = ["https://api.example.com"].')
    _first_must_be_one([origin for origin, _ in entries], where)
    return entries


def _first_must_be_one(origins: list[str], where: str) -> None:
    if origins[0].endswith(":*") or (
        _has_host_wildcard(origins[0]) and not all(_has_host_wildcard(origin) for origin in origins)
    ):
        raise ConfigError(
            f"The first origin of {where} is {origins[0]}, but everything is stored under the first, "
            f"so it must be one origin without a wildcard."
        )


def _entry(value: Any, where: str) -> tuple[str, bool]:
    """An origin, and whether it is read-only: a text, or a table that says more."""
    if not isinstance(value, dict):
        return origin_from(text(value, f"Each item of {where}.origins"), where), False
    only(value, ("url", "read_only"), f"An origin of {where}")
    if "url" not in value:
        example = '{ url = "https://api.example.com", read_only = true }'
        raise ConfigError(f"An origin of {where} has no url. Write it so: {example}.")
    is_read_only = boolean(value.get("read_only", False), f"read_only of an origin of {where}")
    return origin_from(text(value["url"], f"url of an origin of {where}"), where), is_read_only


def _has_host_wildcard(origin: str) -> bool:
    return "://*." in origin


def origin_from(written: str, where: str) -> str:
    """An origin in its one spelling, its default port left out; raises ConfigError for what is none."""
    __tracebackhide__ = True
    any_port = written.endswith(":*")
    try:
        parts = urlsplit(written[:-2] if any_port else written)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    beyond = parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None
    is_wild = "*" in host
    is_broken_wild = is_wild and (not host.startswith("*.") or "*" in host[1:] or "." not in host[2:] or any_port)
    if parts.scheme not in {"http", "https"} or not host or beyond or is_broken_wild:
        raise ConfigError(
            f"{where} has the origin {written!r}, which is none. An origin is a scheme, a host and perhaps a port, "
            f"such as https://api.example.com or http://127.0.0.1:*."
        )
    bracketed = f"[{host}]" if ":" in host else host
    suffix = ":*" if any_port else "" if port in {None, _default_port(parts.scheme)} else f":{port}"
    return f"{parts.scheme}://{bracketed}{suffix}"


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
