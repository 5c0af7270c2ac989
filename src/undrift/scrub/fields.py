"""Header fields that carry secrets, known by their names, and where in a value the secret is."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Header fields whose values are secrets, whoever sends them.
SENSITIVE_HEADERS = frozenset(
    {
        "api-key",
        "apikey",
        "authentication",
        "authorization",
        "cookie",
        "dd-api-key",
        "dd-application-key",
        "ocp-apim-subscription-key",
        "private-token",
        "proxy-authorization",
        "set-cookie",
        "x-access-token",
        "x-amz-security-token",
        "x-api-key",
        "x-api-token",
        "x-apikey",
        "x-auth-key",
        "x-auth-token",
        "x-authorization",
        "x-client-secret",
        "x-csrf-token",
        "x-csrftoken",
        "x-functions-key",
        "x-github-token",
        "x-gitlab-token",
        "x-goog-api-key",
        "x-goog-iam-authorization-token",
        "x-rapidapi-key",
        "x-secret-key",
        "x-session-token",
        "x-shopify-access-token",
        "x-vault-token",
        "x-xsrf-token",
    }
)

_WITH_SCHEME = frozenset({"authorization", "proxy-authorization", "authentication", "x-authorization"})
_COOKIES = frozenset({"cookie", "set-cookie"})
# What an Authorization field says about the request, and not about who makes it.
_PUBLIC_PARAMETERS = frozenset(
    {"algorithm", "nc", "oauth_signature_method", "oauth_version", "qop", "realm", "signedheaders", "uri", "version"}
)
_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)=("?)([^",\s]*)\2')
_PARAMETERS = re.compile(rf"{_PARAMETER.pattern}(?:\s*,\s*[A-Za-z0-9_-]+=(?:\"[^\"]*\"|[^\",\s]*))+")
_COOKIE = re.compile(r'(\s*[^=;\s]+=)("?)([^";]*)(.*)', re.DOTALL)


def label(header: str) -> str:
    """The word for a header's secrets in their placeholders."""
    name = header.lower()
    return "cookie" if name in _COOKIES else name


def replace_secrets(header: str, value: str, replace: Callable[[str], str]) -> str:
    """A sensitive header's value with each secret in it given through ``replace``.

    The scheme, the names of cookies and their attributes, and the names of parameters stay.
    """
    name = header.lower()
    if name == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _cookie(cookie, replace) + semicolon + attributes
    if name == "cookie":
        return ";".join(_cookie(cookie, replace) for cookie in value.split(";"))
    if name in _WITH_SCHEME:
        return _credentials(value, replace)
    return replace(value)


def _cookie(cookie: str, replace: Callable[[str], str]) -> str:
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        return cookie
    before, quotation, value, after = match.groups()
    return f"{before}{quotation}{replace(value)}{after}"


def _credentials(value: str, replace: Callable[[str], str]) -> str:
    scheme, space, token = value.partition(" ")
    if not space:
        return replace(value)
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(token, replace)}"
    if _PARAMETERS.fullmatch(token.strip()):
        return f"{scheme} {_PARAMETER.sub(lambda match: _parameter(match, replace), token)}"
    return f"{scheme} {replace(token)}"


def _basic(token: str, replace: Callable[[str], str]) -> str:
    try:
        user, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return replace(token)
    return base64.b64encode(f"{replace(user)}{colon}{replace(password)}".encode()).decode()


def _parameter(match: re.Match[str], replace: Callable[[str], str]) -> str:
    name, quotation, value = match.groups()
    if name.lower() in _PUBLIC_PARAMETERS:
        return match[0]
    # AWS: the access key's id, then date, region and service, which are no secrets.
    secret, slash, scope = value.partition("/") if name.lower() == "credential" else (value, "", "")
    return f"{name}={quotation}{replace(secret)}{slash}{scope}{quotation}"
