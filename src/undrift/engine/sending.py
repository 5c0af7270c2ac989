"""What a live run may send, and what it never does: a live key, a write where only reading is allowed."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.engine.origins import origin_of, spellings
from undrift.errors import NotSentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.engine.origins import Origins
    from undrift.model import Request

_READING = frozenset({"GET", "HEAD"})
# A key is one of these, wherever it stands; shorter ones are words.
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/-]{8,}")
_BASIC = re.compile(r"basic\s+([A-Za-z0-9+/=_-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SendRules:
    """What may be sent.

    ``read_only`` are origins that take GET and HEAD alone, unless they are ``writable`` too;
    ports and hosts may be wildcards. With ``only_reading``, nothing is sent to any other than
    these, and there live keys may go. ``forbidden`` are expressions of live keys.
    """

    read_only: frozenset[str] = frozenset()
    writable: frozenset[str] = frozenset()
    forbidden: tuple[str, ...] = ()
    only_reading: bool = False

    def refusal(self, request: Request, origins: Origins) -> NotSentError | None:
        """Why a request is not sent; None where it is."""
        where = origin_of(request.url)
        why = self._unreadable(request.method, where) or _shared(where, origins)
        if not why and not self.only_reading and self._has_live_key(request):
            why = (
                "it carries a live key. Use a key of the sandbox; a live one may only read, with "
                "`undrift check --read-only`, where an origin has read_only = true."
            )
        # Neither the path nor the query is shown: a live key is no credential that could be scrubbed.
        line = f"{request.method} {where}"
        return NotSentError(f"{line} was not sent: {why}", request=line) if why else None

    def _unreadable(self, method: str, where: str) -> str:
        """Why reading alone is allowed, and this is not; empty where it may go."""
        is_reading = method.upper() in _READING
        if self.only_reading:
            if not any(spelling in self.read_only for spelling in spellings(where)):
                return (
                    "a read-only check goes to no origin but those with read_only = true. "
                    "Add it to its service's origins so, or leave this test out."
                )
            return "" if is_reading else "a read-only check sends GET and HEAD alone. Leave this test out of it."
        if is_reading or not self.read_only:
            return ""
        for spelling in spellings(where):
            if spelling in self.writable:
                return ""
            if spelling in self.read_only:
                return "this origin is read_only, and takes GET and HEAD alone. Send it to the sandbox instead."
        return ""

    def _has_live_key(self, request: Request) -> bool:
        if not self.forbidden:
            return False
        forbidden = [re.compile(expression) for expression in self.forbidden]
        return any(pattern.search(token) for token in _tokens(request) for pattern in forbidden)


def _shared(where: str, origins: Origins) -> str:
    """Why nobody knows whose an origin is; empty where it is known."""
    rivals = origins.rivals(where)
    if len(rivals) <= 1:
        return ""
    names = f"{', '.join(rivals[:-1])} and {rivals[-1]}"
    variable = variable_of(rivals[0])
    return (
        f"the services {names} claim it by the same wildcard, and nothing says whose it is. "
        f'Set {variable}={where}, or call undrift.origin("{rivals[0]}", "{where}") before.'
    )


def variable_of(service: str) -> str:
    """The environment variable that binds an origin to a service."""
    return f"UNDRIFT_ORIGIN_{re.sub(r'[^A-Z0-9]', '_', service.upper())}"


def _tokens(request: Request) -> Iterator[str]:
    texts = [request.url, *(value for _, value in request.headers), request.body.decode("latin-1")]
    for text in texts:
        yield from _TOKEN.findall(text)
        for encoded in _BASIC.findall(text):
            yield from _TOKEN.findall(_decoded(encoded))


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("latin-1")
    except binascii.Error:
        return ""
