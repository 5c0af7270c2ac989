"""Origins: under which address a request is stored, and whose it is.

All origins of one service are one: a request to any of them is stored and matched under
the first, so that one cassette serves the provider's sandbox and a local stand-in alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origins:
    """Which service each origin belongs to.

    ``services`` pairs each service's name with its origins, the first being the one that
    is stored; a port may be ``*``. ``bindings`` pairs a service's name with an origin that
    is its own for this run, which settles a wildcard that two services claim.
    """

    services: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bindings: tuple[tuple[str, str], ...] = ()

    def canonical(self, url: str) -> str:
        """The URL under its service's first origin; as it is where no service claims it."""
        if not self.services:
            return url
        owner = _owner(self, _origin(url))
        if owner is None:
            return url
        first = urlsplit(dict(self.services)[owner][0])
        return urlunsplit(urlsplit(url)._replace(scheme=first.scheme, netloc=first.netloc))

    def service_of(self, url: str) -> str:
        """The name of the service that a URL belongs to, or an empty text."""
        return _owner(self, _origin(url)) or ""

    def bound(self, service: str, origin: str) -> Origins:
        """These origins with one more binding."""
        return Origins(self.services, (*self.bindings, (service, _origin(origin))))


@lru_cache(maxsize=1024)
def _owner(origins: Origins, origin: str) -> str | None:
    bound = [name for name, address in origins.bindings if address == origin]
    if bound:
        return bound[-1]
    exact = [name for name, addresses in origins.services if origin in addresses]
    if exact:
        return exact[0]
    wildcard = re.sub(r":\d+$", "", origin) + ":*"
    claims = [name for name, addresses in origins.services if wildcard in addresses]
    # Two claims and no binding: nobody knows whose it is, so it is nobody's.
    return claims[0] if len(claims) == 1 else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{port}"
    return f"{parts.scheme.lower()}://{host}{suffix}"
