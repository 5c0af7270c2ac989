"""Ignore rules: which findings are left out, until when, and why."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from undrift.config.reading import items, only, table, text
from undrift.errors import ConfigError

_POINTER = re.compile(r"/(?:[^~]|~[01])*", re.DOTALL)
# The name of a header field, or a pattern of such names.
_HEADER = re.compile(r"[a-z0-9_*?-]+")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore rule; an empty part stands for any."""

    reason: str
    expires: dt.date
    service: str = ""
    endpoint: str = ""
    path: str = ""
    kind: str = ""


def ignore_rules(value: Any, *, service: str = "") -> tuple[Ignore, ...]:
    """The rules from their list; those of a service are for it alone.

    Raises ConfigError for a rule without a reason or an end, and for one that means nothing.
    """
    owner = f" of services.{service}" if service else ""
    name = f"services.{service}.ignore" if service else "ignore"
    return tuple(
        _ignore(rule, f"ignore rule {number}{owner}", service) for number, rule in enumerate(items(value, name), 1)
    )


def _ignore(value: Any, where: str, service: str) -> Ignore:
    rule = table(value, where)
    parts = ("endpoint", "path", "kind") if service else ("service", "endpoint", "path", "kind")
    only(rule, (*parts, "reason", "expires"), f"The {where}")
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
    if isinstance(path, str) and path and not _POINTER.fullmatch(path) and not _HEADER.fullmatch(path):
        raise ConfigError(
            f"The {where} has the path {path!r}, which is no JSON Pointer: it must start with a slash, such as "
            f"/data/*/id, and write ~ as ~0 and a slash in a name as ~1. A header is named in lower case."
        )
    texts = {key: text(rule[key], f"{key} of {where}") for key in parts if rule.get(key, "") != ""}
    if service:
        texts["service"] = service
    return Ignore(reason=text(rule["reason"], f"reason of {where}"), expires=expires, **texts)
