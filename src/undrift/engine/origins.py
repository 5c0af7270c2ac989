"""Origins: under which address a request is stored, and whose it is.

All origins of one service are one: a request to any of them is stored and matched under
the first, so that one cassette serves the provider's sandbox and a local stand-in alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

# A URL whose parts stay as they are written when it is taken apart and put together again.
_PLAIN_URL = re.compile(r"(https?://[A-Za-z0-9.:-]+)(/[!\"$->@-~]*(?:\?[!\"$-~]+)?(?:#[!-~]+)?)")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origins:
    """Which service each origin belongs to.

    ``services`` pairs each service's name with its origins, the first being the one that
    is stored. A port may be ``*``; a host may start with ``*.``, and such requests stay
    under their own address. ``bindings`` pairs a service's name with an origin that is its
    own for this run, which settles a wildcard that two services claim.
    """

    services: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bindings: tuple[tuple[str, str], ...] = ()

    def canonical(self, url: str) -> str:
        """The URL under its service's first origin; as it is where no service claims it."""
        if not self.services:
            return url
        owner = self.merged_into(url)
        if owner is None:
            return url
        first = urlsplit(dict(self.services)[owner][0])
        return urlunsplit(urlsplit(url)._replace(scheme=first.scheme, netloc=first.netloc))

    def merged_into(self, url: str) -> str | None:
        """The service under whose first origin a URL is stored, or None where it stays as it is."""
        owner, is_merged = _owner(self, origin_of(url))
        return owner if is_merged else None

    def service_of(self, url: str) -> str:
        """The name of the service that a URL belongs to, or an empty text."""
        return _owner(self, origin_of(url))[0] or ""

    def rivals(self, url: str) -> tuple[str, ...]:
        """The services that claim a URL by one wildcard, where nothing says whose it is."""
        origin = origin_of(url)
        return () if _owner(self, origin)[0] is not None else _claims(self, spellings(origin)[1])

    def bound(self, service: str, origin: str) -> Origins:
        """These origins with one more binding."""
        return replace(self, bindings=(*self.bindings, (service, origin_of(origin))))


class StoredUrls:
    """``Origins.canonical`` for one URL after the other, most of which differ behind the origin alone."""

    __slots__ = ("_kept", "_origins", "_stored")

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        # What is stored in place of an origin as it was written; threads at once find the same.
        self._stored: dict[str, str] = {}
        # The origins as they were written, each with a slash, of which every URL is stored as it is.
        self._kept: set[str] = set()

    def of(self, url: str) -> str:
        """The URL as it is stored."""
        if not self._origins.services or url[: url.find("/", len("https://")) + 1] in self._kept:
            return url
        plain = _PLAIN_URL.fullmatch(url)
        if plain is None:
            return self._origins.canonical(url)
        origin, rest = plain.groups()
        stored = self._stored.get(origin)
        if stored is None:
            if self._origins.merged_into(origin) is None:
                self._kept.add(f"{origin}/")
                return url
            stored = self._stored[origin] = self._origins.canonical(origin)
        return stored + rest


@lru_cache(maxsize=1024)
def _owner(origins: Origins, origin: str) -> tuple[str | None, bool]:
    """The service of an origin, and whether its requests are stored under the service's first."""
    bound = [name for name, address in origins.bindings if address == origin]
    if bound:
        return bound[-1], True
    exact, any_port, *any_host = spellings(origin)
    owners = _claims(origins, exact)
    if owners:
        return owners[0], True
    owners = _claims(origins, any_port)
    if owners:
        # Two claims and no binding: nobody knows whose it is, so it is nobody's.
        return (owners[0] if len(owners) == 1 else None), True
    return next((owner for wildcard in any_host for owner in _claims(origins, wildcard)), None), False


def _claims(origins: Origins, spelling: str) -> tuple[str, ...]:
    return tuple(name for name, addresses in origins.services if spelling in addresses)


def spellings(origin: str) -> tuple[str, ...]:
    """How an origin may be written down: as it is, with any port, then with ever more of its host left open."""
    scheme, _, rest = origin.partition("://")
    host, suffix = re.fullmatch(r"(.*?)((?::\d+)?)", rest, re.DOTALL).groups()  # type: ignore[union-attr] # any text
    labels = host.split(".")
    wild = (f"{scheme}://*.{'.'.join(labels[start:])}{suffix}" for start in range(1, len(labels) - 1))
    return (origin, f"{scheme}://{host}:*", *wild)


def origin_of(url: str) -> str:
    """The origin of a URL in its one spelling."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{port}"
    return f"{parts.scheme.lower()}://{host}{suffix}"
