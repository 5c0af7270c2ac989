"""Response headers compared by what they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from undrift.drift.observation import Observation
from undrift.drift.results import Kind, Where
from undrift.values import Likeness, Relation, moment, relate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.model import Headers

# Say nothing of the contract, neither by their presence nor by their value.
INFRASTRUCTURE = frozenset(
    [
        "date",
        "server",
        "connection",
        "keep-alive",
        "content-length",
        "transfer-encoding",
        "via",
        "age",
        "x-powered-by",
        "alt-svc",
        "traceparent",
        "tracestate",
        "baggage",
        "b3",
        "x-b3-traceid",
        "x-b3-spanid",
        "x-b3-sampled",
        "x-b3-parentspanid",
        "x-amzn-trace-id",
        "x-cloud-trace-context",
        "x-datadog-trace-id",
        "x-datadog-parent-id",
        "uber-trace-id",
        "server-timing",
        "x-runtime",
        "x-response-time",
        "x-process-time",
        "x-envoy-upstream-service-time",
        "x-served-by",
        "x-timer",
        "x-cache",
        "x-cache-hits",
        "x-cache-status",
        "cf-ray",
        "cf-cache-status",
        "nel",
        "report-to",
        "reporting-endpoints",
        "expect-ct",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-aspnet-version",
        "x-aspnetmvc-version",
        "x-generator",
        "x-varnish",
        "x-backend",
        "x-backend-server",
        "x-upstream",
        "proxy-connection",
    ]
)
# Their presence says something; their value is made anew for each answer, or follows from the body.
_DERIVED = frozenset(
    [
        "etag",
        "last-modified",
        "expires",
        "digest",
        "content-digest",
        "repr-digest",
        "content-md5",
        "x-amz-crc32",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-used",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit",
        "retry-after",
        "content-security-policy-nonce",
    ]
)
_ANNOUNCEMENTS = frozenset({"deprecation", "sunset", "warning"})
_LISTS = frozenset(
    [
        "vary",
        "allow",
        "accept-ranges",
        "cache-control",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
        "content-language",
        "pragma",
        "accept",
        "accept-patch",
        "accept-post",
        "accept-encoding",
        "trailer",
    ]
)
# Relations of a link by which an end is announced: RFC 9745, RFC 8594 and RFC 5829.
_ANNOUNCING = frozenset({"deprecation", "sunset", "successor-version"})
_RELATION = re.compile(r';\s*rel\s*=\s*"?([^";,]+)', re.IGNORECASE)
# The date that a warning may end with says when it was given.
_WARNED_AT = re.compile(r'\s*"[A-Z][a-z]+,? [^"]*GMT"')
_VERSION_HEADER = re.compile(r"(?:.+-)?api-version(?:-.+)?|(?!x-|mime-)[a-z]+-version")
_COMMA = re.compile(r'\s*,\s*(?=(?:[^"]*"[^"]*")*[^"]*$)')
_SEMICOLON = re.compile(r'\s*;\s*(?=(?:[^"]*"[^"]*")*[^"]*$)')


def diff_headers(stored: Headers, fresh: Headers) -> Iterator[Observation]:
    """What differs between the header fields of two responses, names in lower case."""
    old, new = _by_name(stored), _by_name(fresh)
    for name in sorted(old.keys() | new.keys()):
        if name in INFRASTRUCTURE:
            continue
        if name == "set-cookie":
            yield from _cookies(old.get(name, []), new.get(name, []))
        elif name not in new:
            yield _header(Kind.HEADER_REMOVED, name, ", ".join(old[name]), None)
        elif name not in old:
            value = ", ".join(new[name])
            yield _header(
                Kind.DEPRECATION_ANNOUNCED if _announces(name, "", value) else Kind.HEADER_ADDED, name, None, value
            )
        elif old[name] != new[name]:
            yield from _changed(name, old[name], new[name])


def is_api_version(name: str) -> bool:
    """Whether a header says which version of the API answered."""
    return _VERSION_HEADER.fullmatch(name) is not None


def _by_name(headers: Headers) -> dict[str, list[str]]:
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        values[name.lower()].append(value.strip())
    return dict(values)


def _header(
    kind: Kind, name: str, stored: str | None, fresh: str | None, likeness: Likeness | None = None
) -> Observation:
    return Observation(Where.HEADER, kind, name, stored, fresh, name=name, likeness=likeness, at=name)


def _changed(name: str, old: list[str], new: list[str]) -> Iterator[Observation]:
    stored, fresh = ", ".join(old), ", ".join(new)
    if _meaning(name, stored) == _meaning(name, fresh):
        return
    if _announces(name, stored, fresh):
        yield _header(Kind.DEPRECATION_ANNOUNCED, name, stored, fresh)
    elif name in _DERIVED:
        why = Likeness(Relation.CHANCE, f"the header {name} follows from the moment and the body")
        yield _header(Kind.HEADER_CHANGED, name, stored, fresh, why)
    elif is_api_version(name):
        yield _header(Kind.HEADER_CHANGED, name, stored, fresh)
    else:
        yield _header(Kind.HEADER_CHANGED, name, stored, fresh, relate(stored, fresh, name))


def _announces(name: str, stored: str, fresh: str) -> bool:
    """Whether a field says of an end what it did not say before."""
    if name == "link":
        return bool((_relations(fresh) - _relations(stored)) & _ANNOUNCING)
    return name in _ANNOUNCEMENTS


def _relations(link: str) -> set[str]:
    return {relation for found in _RELATION.findall(link) for relation in found.lower().split()}


def _meaning(name: str, value: str) -> object:
    """What a value says, whatever the order and case in which it may be written."""
    if name in {"deprecation", "sunset"}:
        # RFC 9745 writes a date as a number behind an @, earlier drafts of it wrote it as HTTP does.
        date = moment(float(value[1:])) if re.fullmatch(r"@\d{1,12}", value) else moment(value)
        return value if date is None else date
    if name == "warning":
        return _WARNED_AT.sub("", value)
    if name in _LISTS:
        return frozenset(part.lower() for part in _COMMA.split(value) if part)
    if name == "content-type":
        essence, *parameters = _SEMICOLON.split(value)
        return essence.lower(), frozenset(_parameter(parameter) for parameter in parameters if parameter)
    if name == "link":
        return frozenset(_COMMA.split(value))
    return value


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    plain = value.strip().strip('"')
    return name.strip().lower(), plain.lower() if name.strip().lower() == "charset" else plain


def _cookies(old: list[str], new: list[str]) -> Iterator[Observation]:
    """Cookies by name; their values are secrets of the session, their attributes a contract."""
    stored, fresh = _cookie_attributes(old), _cookie_attributes(new)
    gone, came = sorted(stored.keys() - fresh.keys()), sorted(fresh.keys() - stored.keys())
    if gone and not fresh:
        yield _header(Kind.HEADER_REMOVED, "set-cookie", "; ".join(gone), None)
    elif came and not stored:
        yield _header(Kind.HEADER_ADDED, "set-cookie", None, "; ".join(came))
    elif stored != fresh:
        yield _header(Kind.HEADER_CHANGED, "set-cookie", _shown(stored), _shown(fresh))


def _cookie_attributes(values: list[str]) -> dict[str, frozenset[str]]:
    cookies = {}
    for value in values:
        pair, *attributes = _SEMICOLON.split(value)
        kept = (attribute.lower() for attribute in attributes if not attribute.lower().startswith("expires="))
        cookies[pair.partition("=")[0].strip()] = frozenset(kept)
    return cookies


def _shown(cookies: dict[str, frozenset[str]]) -> str:
    return ", ".join("; ".join((name, *sorted(attributes))) for name, attributes in sorted(cookies.items()))
