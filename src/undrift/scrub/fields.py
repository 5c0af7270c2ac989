"""Header fields that carry secrets, and where in their values the secret is."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, Protocol

# Those of them whose values begin with an authentication scheme.
WITH_SCHEME: Final = frozenset({"authorization", "proxy-authorization", "authentication", "x-authorization"})
_COOKIES: Final = frozenset({"cookie", "cookie2", "set-cookie", "set-cookie2"})
# What an Authorization field says about the request, and not about who makes it.
_PUBLIC_PARAMETERS: Final = frozenset(
    {"algorithm", "nc", "oauth_signature_method", "oauth_version", "qop", "realm", "signedheaders", "uri", "version"}
)
# What is made anew for each request and stands nowhere else, or is the mere name of a user.
_UNFOLLOWED_PARAMETERS: Final = frozenset(
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
_NO_PASSWORDS: Final = frozenset({"", "x", "x-oauth-basic"})
_PARAMETER: Final = re.compile(r'([A-Za-z0-9_-]+)=("?)([^",\s]*)\2')
_PARAMETERS: Final = re.compile(
    rf"{_PARAMETER.pattern}(?:\s*,\s*[A-Za-z0-9_-]+=(?:\"[^\"]*\"|[^\",\s]*))+|[A-Za-z]+=\"[^\"]*\""
)
_COOKIE: Final = re.compile(r'(\s*[^=;\s]*=\s*"?)([^";]*?)("?\s*)')
# One plain word, such as "invalid" or "deleted", is left where it stands elsewhere: it is no
# secret there, and an answer without it would be another answer. So is a number or a time.
_ONE_WORD: Final = re.compile(r"[A-Za-z]?[a-z]{0,15}|[A-Z]{0,15}|[0-9.:,+-]{0,15}")
_USER: Final = re.compile(r"(?:<secret:[^>]*>|[^:])*")
_SHORTEST_FOLLOWED: Final = 6
_SHORTEST_COOKIE_FOLLOWED: Final = 8
_SHORTEST_TOKEN: Final = 16


class Substitute(Protocol):
    """Gives what stands in place of a secret.

    ``label`` is the word for it in a placeholder; ``is_followed`` says whether it is to be
    replaced wherever else it stands, too.
    """

    def __call__(self, label: str, secret: str, /, *, is_followed: bool) -> str:
        """The secret's substitute."""


def replace_secrets(header: str, value: str, substitute: Substitute) -> str:
    """A sensitive header's value with the substitute of each secret in it.

    The scheme, the names of cookies and their attributes, and the names of parameters stay.
    """
    name = header.lower()
    if name.startswith("set-cookie"):
        cookie, semicolon, attributes = value.partition(";")
        return _cookie(cookie, substitute) + semicolon + attributes
    if name in _COOKIES:
        return ";".join(_cookie(cookie, substitute) for cookie in value.split(";"))
    if name in WITH_SCHEME:
        return _credentials(name, value, substitute)
    return replace_token(name, value, substitute)


def replace_token(label: str, secret: str, substitute: Substitute) -> str:
    """The substitute of a secret that stands alone."""
    return substitute(label, secret, is_followed=is_worth_following(secret)) if secret.strip() else secret


def is_worth_following(secret: str) -> bool:
    """Whether a secret is to be replaced wherever else it stands, being no mere word or number."""
    return len(secret) >= _SHORTEST_FOLLOWED and _ONE_WORD.fullmatch(secret) is None


def replace_user_and_password(
    user: str, password: str, substitute: Substitute, *, keeps_words: bool = False
) -> tuple[str, str]:
    """The substitutes of a user's name and password, as Basic credentials and URLs have them.

    In a URL a user that is a mere word, such as "git", is part of the address, and kept.
    """
    is_token = password.lower() in _NO_PASSWORDS or (
        len(user) >= _SHORTEST_TOKEN and any(letter.isdigit() for letter in user)
    )
    if is_token:
        new_user = replace_token("token", user, substitute)
    elif keeps_words and not is_worth_following(user):
        new_user = user
    else:
        # The name of a user stands in URLs and answers that must stay as they are.
        new_user = substitute("username", user, is_followed=False) if user else user
    is_no_password = password.lower() in _NO_PASSWORDS
    return new_user, password if is_no_password else replace_token("password", password, substitute)


def _cookie(cookie: str, substitute: Substitute) -> str:
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        return replace_token("cookie", cookie, substitute)
    before, value, after = match.groups()
    if not value:
        return cookie
    # A cookie may hold a mere preference, such as a language.
    is_followed = (
        len(value) >= _SHORTEST_COOKIE_FOLLOWED
        and any(letter.isdigit() for letter in value)
        and is_worth_following(value)
    )
    return f"{before}{substitute('cookie', value, is_followed=is_followed)}{after}"


def _credentials(label: str, value: str, substitute: Substitute) -> str:
    scheme, space, token = value.partition(" ")
    if not space:
        return replace_token(label, value, substitute)
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(label, token, substitute)}"
    if _PARAMETERS.fullmatch(token.strip()):
        return f"{scheme} {_PARAMETER.sub(lambda match: _parameter(label, match, substitute), token)}"
    return f"{scheme} {replace_token(label, token, substitute)}"


def _basic(label: str, token: str, substitute: Substitute) -> str:
    try:
        content = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return replace_token(label, token, substitute)
    # A user that was replaced has colons within its placeholder.
    user = "".join(_USER.findall(content)[:1])
    colon, password = content[len(user) : len(user) + 1], content[len(user) + 1 :]
    new_user, new_password = replace_user_and_password(user, password, substitute)
    return base64.b64encode(f"{new_user}{colon}{new_password}".encode()).decode()


def _parameter(label: str, match: re.Match[str], substitute: Substitute) -> str:
    name, quotation, value = match.groups()
    kind = name.lower()
    if kind in _PUBLIC_PARAMETERS or not value:
        return match[0]
    # AWS: the access key's id, then date, region and service, which are no secrets.
    secret, slash, scope = value.partition("/") if kind == "credential" else (value, "", "")
    if kind in _UNFOLLOWED_PARAMETERS:
        replaced = substitute(label, secret, is_followed=False)
    else:
        replaced = replace_token(label, secret, substitute)
    return f"{name}={quotation}{replaced}{slash}{scope}{quotation}"
