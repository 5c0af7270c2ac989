"""Placeholders: what stands in place of a secret, and how it is told from one.

A placeholder is ``<NAME>`` for a secret that a credential names, and ``<secret:LABEL:NUMBER>``
for one that was found. A JSON Web Token is replaced by a stand-in token that clients can still
take apart, with the placeholder among its claims.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LABEL: Final = r"[A-Za-z0-9_.-]+"
_PLACEHOLDER: Final = re.compile(rf"<(?:[A-Za-z_][A-Za-z0-9_.-]*|secret:{_LABEL}:[0-9]+)>")
# As it stands in the escape of its place.
_ESCAPED: Final = re.compile(
    rf"(?:<|%3[Cc]|&lt;|\\u003[Cc])(?:[A-Za-z_][A-Za-z0-9_.-]*|secret(?::|%3[Aa]){_LABEL}(?::|%3[Aa])[0-9]+)"
    r"(?:>|%3[Ee]|&gt;|\\u003[Ee])"
)
# A numbered placeholder in the escapes of its places.
NUMBERED: Final = (
    rb"(?:<|%3[Cc]|&lt;|\\u003[Cc])secret(?::|%3[Aa])([A-Za-z0-9_.-]+)(?::|%3[Aa])([0-9]{1,9})"
    rb"(?:>|%3[Ee]|&gt;|\\u003[Ee])"
)
_NUMBERED: Final = re.compile(NUMBERED)
# One of these is in each; the word alone is in many a name.
_NUMBERED_STARTS: Final = (b"secret:", b"secret%3")
_NOT_OF_A_LABEL: Final = re.compile(r"[^a-z0-9_.]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_LABEL: Final = 40

# RFC 7519: letters of base64 in parts; an encrypted one (RFC 7516) has five of them.
JWT: Final = re.compile(rb"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){2,4}")
_HEADER: Final = b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"  # {"alg":"HS256","typ":"JWT"}
_CLAIM: Final = b"eyJ1bmRyaWZ0Ijoi"  # {"undrift":"
_SIGNATURE: Final = b"dW5kcmlmdA"  # undrift
STAND_IN: Final = re.escape(_HEADER + b"." + _CLAIM) + rb"([A-Za-z0-9_-]+)" + re.escape(b"." + _SIGNATURE)
_STAND_IN: Final = re.compile(STAND_IN)
# Clients look whether a token is still good: a stand-in always is.
_TIMES: Final = {"exp": 4_102_444_800, "iat": 1_577_836_800, "nbf": 1_577_836_800}
_KEPT_CLAIMS: Final = ("iss", "sub", "aud")


def is_placeholder(text: str) -> bool:
    """Whether a text holds placeholders and nothing else."""
    return not _ESCAPED.sub("", text).strip() or _STAND_IN.fullmatch(text.encode("utf-8", "replace")) is not None


def placeholders_in(text: str) -> list[str]:
    """The placeholders in a text, as they are written where nothing needs an escape."""
    inside = (_inside(token[1]) for token in _STAND_IN.finditer(text.encode("utf-8", "replace")))
    return _PLACEHOLDER.findall(text) + [found for found in inside if found]


def numbers_in(data: bytes) -> Iterator[tuple[str, int]]:
    """Each label and number that is taken by a numbered placeholder in some bytes."""
    if any(start in data for start in _NUMBERED_STARTS):
        yield from ((label.decode(), int(number)) for label, number in _NUMBERED.findall(data))
    if _CLAIM in data:
        for token in _STAND_IN.finditer(data):
            yield from (
                (label.decode(), int(number)) for label, number in _NUMBERED.findall(_inside(token[1]).encode())
            )


def label_of(name: str) -> str:
    """The word for the secrets beside a name: ``access_token`` for ``accessToken``."""
    words = _HUMP.sub("_", name).lower()
    return _NOT_OF_A_LABEL.sub("_", words).strip("_")[:_LONGEST_LABEL] or "field"


def is_jwt(text: str) -> bool:
    """Whether a text is a JSON Web Token: its first part is a header that names an algorithm."""
    found = JWT.fullmatch(text.encode("utf-8", "replace"))
    return found is not None and "alg" in _part(found[0].split(b".")[0])


def stand_in_jwt(placeholder: str, token: str, clean: Callable[[str], str]) -> str:
    """A token to be taken apart in place of another: it says for what it stands, and has no other use.

    Of the claims it has those about issuer, subject and audience, ``clean``ed, and times that are
    the same in every stand-in.
    """
    claims = _part(token.split(".")[1].encode())
    kept = {name: claims[name] for name in _KEPT_CLAIMS if isinstance(claims.get(name), (str, list))}
    cleaned = json.loads(clean(json.dumps(kept)))
    times = {name: time for name, time in _TIMES.items() if name in claims}
    return _token({"undrift": placeholder, **cleaned, **times}).decode()


def without_numbers(data: bytes, place: bytes) -> bytes:
    """Some bytes with ``place`` for each placeholder that was found, and the bare name for a named stand-in."""
    if any(start in data for start in _NUMBERED_STARTS):
        data = _NUMBERED.sub(place, data)
    if _CLAIM in data:
        data = _STAND_IN.sub(lambda token: _bare(token, place), data)
    return data


def renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    """Some bytes with other numbered placeholders, in the same escapes; ``names`` are without any."""
    if any(start in data for start in _NUMBERED_STARTS):
        data = _NUMBERED.sub(lambda match: _in_its_escape(match, names.get(_text(match), "")), data)
    if _CLAIM in data:
        data = _STAND_IN.sub(lambda token: _with_another(token, names), data)
    return data


def numbered_in(data: bytes) -> list[str]:
    """The numbered placeholders in some bytes, in their order, without escapes."""
    found: list[tuple[int, str]] = []
    if any(start in data for start in _NUMBERED_STARTS):
        found += [(match.start(), _text(match)) for match in _NUMBERED.finditer(data)]
    if _CLAIM in data:
        for token in _STAND_IN.finditer(data):
            found += [(token.start(), _text(match)) for match in _NUMBERED.finditer(_inside(token[1]).encode())]
    return [text for _, text in sorted(found)]


def _text(match: re.Match[bytes]) -> str:
    return f"<secret:{match[1].decode()}:{match[2].decode()}>"


def _in_its_escape(match: re.Match[bytes], new: str) -> bytes:
    if not new:
        return match[0]
    _, label, number = new.strip("<>").encode().split(b":")
    start = match.start()
    colon = match[0][match.end(1) - start : match.start(2) - start]
    before, after = match[0][: match.start(1) - start], match[0][match.end(2) - start :]
    return before + label + colon + number + after


def _with_another(token: re.Match[bytes], names: Mapping[str, str]) -> bytes:
    claims = _part(_CLAIM + token[1])
    new = names.get(str(claims.get("undrift")))
    return token[0] if new is None else _token({**claims, "undrift": new})


def _bare(token: re.Match[bytes], place: bytes) -> bytes:
    inside = _inside(token[1]).encode()
    if _NUMBERED.fullmatch(inside):
        return place
    return quote(inside, safe="").encode() if b"%" in place else inside


def _inside(letters: bytes) -> str:
    """The placeholder in a stand-in, from the letters behind the start of its first claim."""
    claim = _part(_CLAIM + letters).get("undrift")
    return claim if isinstance(claim, str) else ""


def _token(claims: Mapping[str, Any]) -> bytes:
    payload = json.dumps(claims, separators=(",", ":"))
    return b".".join((_HEADER, _encoded(payload.encode()), _SIGNATURE))


def _part(letters: bytes) -> dict[str, Any]:
    """A part of a token as JSON; empty where it is none."""
    try:
        value = json.loads(base64.urlsafe_b64decode(letters + b"=" * (-len(letters) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
