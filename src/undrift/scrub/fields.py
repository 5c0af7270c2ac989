"""Header fields that carry secrets, known by their names, and where in a value the secret is."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Protocol

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

# Those of them whose values begin with an authentication scheme.
WITH_SCHEME = frozenset({"authorization", "proxy-authorization", "authentication", "x-authorization"})
_COOKIES = frozenset({"cookie", "set-cookie"})
# What an Authorization field says about the request, and not about who makes it.
_PUBLIC_PARAMETERS = frozenset(
    {"algorithm", "nc", "oauth_signature_method", "oauth_version", "qop", "realm", "signedheaders", "uri", "version"}
)
# What is made anew for each request and stands nowhere else, or is the mere name of a user.
_UNFOLLOWED_PARAMETERS = frozenset(
    {
        "cnonce",
        "nonce",
        "oauth_nonce",
        "oauth_signature",
        "oauth_timestamp",
        "opaque",
        "response",
        "signature",
        "username",
    }
)
# Passwords that say that the user's name is the token.
_NO_PASSWORDS = frozenset({"", "x", "x-oauth-basic"})
_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)=("?)([^",\s]*)\2')
_PARAMETERS = re.compile(rf"{_PARAMETER.pattern}(?:\s*,\s*[A-Za-z0-9_-]+=(?:\"[^\"]*\"|[^\",\s]*))+")
_COOKIE = re.compile(r'(\s*[^=;\s]*=\s*"?)([^";]*?)("?\s*)')
# One plain word, such as "invalid" or "deleted", is left where it stands elsewhere: it is no
# secret there, and an answer without it would be another answer.
_ONE_WORD = re.compile(r"[A-Za-z]?[a-z]{0,15}|[A-Z]{0,15}")
_SHORTEST_FOLLOWED = 6
_SHORTEST_COOKIE_FOLLOWED = 8
_SHORTEST_TOKEN = 16


class Substitute(Protocol):
    """Gives what stands in place of a secret.

    ``is_followed`` says whether the secret is to be replaced wherever else it stands, too.
    """

    def __call__(self, secret: str, *, is_followed: bool) -> str:
        """The secret's substitute."""


def label(header: str) -> str:
    """The word for a header's secrets in their placeholders."""
    name = header.lower()
    return "cookie" if name in _COOKIES else name


def replace_secrets(header: str, value: str, substitute: Substitute) -> str:
    """A sensitive header's value with the substitute of each secret in it.

    The scheme, the names of cookies and their attributes, and the names of parameters stay.
    """
    name = header.lower()
    if name == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _cookie(cookie, substitute) + semicolon + attributes
    if name == "cookie":
        return ";".join(_cookie(cookie, substitute) for cookie in value.split(";"))
    if name in WITH_SCHEME:
        return _credentials(value, substitute)
    return _token(value, substitute)


def _token(secret: str, substitute: Substitute) -> str:
    is_followed = len(secret) >= _SHORTEST_FOLLOWED and _ONE_WORD.fullmatch(secret) is None
    return substitute(secret, is_followed=is_followed) if secret.strip() else secret


def _cookie(cookie: str, substitute: Substitute) -> str:
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        return _token(cookie, substitute)
    before, value, after = match.groups()
    if not value:
        return cookie
    # A cookie may hold a mere preference, such as a language.
    is_followed = len(value) >= _SHORTEST_COOKIE_FOLLOWED and any(letter.isdigit() for letter in value)
    return f"{before}{substitute(value, is_followed=is_followed)}{after}"


def _credentials(value: str, substitute: Substitute) -> str:
    scheme, space, token = value.partition(" ")
    if not space:
        return _token(value, substitute)
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(token, substitute)}"
    if _PARAMETERS.fullmatch(token.strip()):
        return f"{scheme} {_PARAMETER.sub(lambda match: _parameter(match, substitute), token)}"
    return f"{scheme} {_token(token, substitute)}"


def _basic(token: str, substitute: Substitute) -> str:
    try:
        user, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return _token(token, substitute)
    is_token = password.lower() in _NO_PASSWORDS or (
        len(user) >= _SHORTEST_TOKEN and any(letter.isdigit() for letter in user)
    )
    # The name of a user stands in URLs and answers that must stay as they are.
    new_user = _token(user, substitute) if is_token else substitute(user, is_followed=False) if user else user
    new_password = password if password.lower() in _NO_PASSWORDS else _token(password, substitute)
    return base64.b64encode(f"{new_user}{colon}{new_password}".encode()).decode()


def _parameter(match: re.Match[str], substitute: Substitute) -> str:
    name, quotation, value = match.groups()
    kind = name.lower()
    if kind in _PUBLIC_PARAMETERS or not value:
        return match[0]
    # AWS: the access key's id, then date, region and service, which are no secrets.
    secret, slash, scope = value.partition("/") if kind == "credential" else (value, "", "")
    is_unfollowed = kind in _UNFOLLOWED_PARAMETERS
    replaced = substitute(secret, is_followed=False) if is_unfollowed else _token(secret, substitute)
    return f"{name}={quotation}{replaced}{slash}{scope}{quotation}"
