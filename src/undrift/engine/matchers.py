"""vcrpy's own matchers as keys, so that a look-up need not ask each recorded request in turn.

Two requests match by some of these matchers exactly when their keys are equal, as vcrpy 9.4
compares them. A matcher that is not here, such as ``body`` or a user's own, has no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import ParseResult, parse_qsl, urlparse

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from undrift.model import Request

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


def keyed(names: Iterable[str]) -> frozenset[str]:
    """Those of the named matchers that have a key."""
    return frozenset(names) & _KEYS.keys()


def matching_key(request: Request, names: frozenset[str]) -> Hashable:
    """What counts of a request by some matchers that have keys."""
    try:
        parsed = urlparse(request.url)
    except ValueError:
        # No URL at all, on which vcrpy would break off: it equals itself alone.
        return request.method, request.url
    return tuple(_KEYS[name](request, parsed) for name in sorted(names))


def _uri(request: Request, parsed: ParseResult) -> Hashable:
    authority = f"{parsed.scheme}://{parsed.netloc}"
    if parsed.path or not request.url.startswith(authority):
        return request.url
    return f"{authority}/{request.url[len(authority) :]}"


def _port(_: Request, parsed: ParseResult) -> Hashable:
    try:
        port = parsed.port
    except ValueError:
        return parsed.netloc
    return _DEFAULT_PORTS.get(parsed.scheme) if port is None else port


_KEYS: Final[Mapping[str, Callable[[Request, ParseResult], Hashable]]] = {
    "method": lambda request, _: request.method,
    "uri": _uri,
    "url": _uri,
    "scheme": lambda _, parsed: parsed.scheme,
    "host": lambda _, parsed: parsed.hostname,
    "port": _port,
    "path": lambda _, parsed: parsed.path or "/",
    "query": lambda _, parsed: tuple(sorted(parse_qsl(parsed.query))),
    "raw_body": lambda request, _: request.body,
}
