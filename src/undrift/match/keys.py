"""Keys of requests: two requests match exactly when their keys are equal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from undrift.match.contents import Content, mask_pairs, read_content, read_pairs, without_boundary
from undrift.match.settings import DEFAULT_RULES, TARGET_HEADER, CompiledRules, MatchRules

if TYPE_CHECKING:
    from collections.abc import Hashable

    from undrift.match.contents import Pairs
    from undrift.model import Request

# RFC 3986, appendix B, for URLs that have an authority.
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#]*@)?"
    r"(?P<host>\[[^\]/?#]*\]|[^:/?#\[\]]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>(?:/[^?#]*)?)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]+")
_TO_NORMALISE: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/%-]")
_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9._~-]")


class Target(NamedTuple):
    """Where a request goes, normalised: default ports are empty, the query is sorted by name."""

    method: str
    scheme: str
    host: str
    port: str
    path: str
    query: Pairs

    @property
    def place(self) -> tuple[str, str, str]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def origin(self) -> str:
        """Scheme, host and port as one text."""
        return f"{self.scheme}://{self.host}{':' * bool(self.port)}{self.port}" if self.scheme else ""


class RequestKey(NamedTuple):
    """All of a request that counts when it is matched."""

    target: Target
    amz_target: str | None
    headers: tuple[str | None, ...]
    body: Hashable


@dataclass(frozen=True, slots=True)
class Reading:
    """A request taken apart for matching: its key, and its content with volatile places masked."""

    request: Request
    key: RequestKey
    content: Content


def request_key(request: Request, rules: MatchRules = DEFAULT_RULES) -> Hashable:
    """A value that is equal for requests that match under these rules, and only for those."""
    return read_request(request, CompiledRules.of(rules)).key


def read_request(request: Request, rules: CompiledRules) -> Reading:
    """Take a request apart."""
    content = read_content(request.headers, request.body).masked(rules)
    key = RequestKey(
        target_of(request, rules),
        request.headers.get(TARGET_HEADER),
        tuple(_field_value(request, name) for name in rules.header_names),
        content.canonical(),
    )
    return Reading(request, key, content)


def target_of(request: Request, rules: CompiledRules) -> Target:
    """Where a request goes; a URL that is none stands in the path as it is."""
    found = _URL.fullmatch(request.url)
    if found is None:
        return Target(request.method, "", "", "", request.url, ())
    scheme, host, port, path, query = found.group("scheme", "host", "port", "path", "query")
    scheme = scheme.lower()
    port = str(int(port)) if port else ""
    pairs = read_pairs(query) if query else ()
    return Target(
        request.method,
        scheme,
        _host(host),
        "" if port == _DEFAULT_PORTS.get(scheme) else port,
        _path(path),
        mask_pairs(pairs, rules.names) if rules.names else pairs,
    )


def _host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError:
        return host.lower()


def _path(path: str) -> str:
    """A path with its percent-encoding normalised (RFC 3986, section 6.2.2)."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return _TO_NORMALISE.sub(_normalised, path) or "/"


def _normalised(found: re.Match[str]) -> str:
    octets = unquote_to_bytes(found.group().encode("utf-8", "surrogatepass"))
    return octets.decode() if _UNRESERVED.fullmatch(octets) else "".join(f"%{octet:02X}" for octet in octets)


def _field_value(request: Request, name: str) -> str | None:
    values = request.headers.get_all(name)
    if not values:
        return None
    # Several fields of one name are one list (RFC 9110, section 5.3).
    joined = ", ".join(value.strip() for value in values)
    return without_boundary(joined) if name == "content-type" else joined
