"""Answers as they go out: recorded responses and refusals as status, headers and bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from undrift import body as bodies
from undrift.errors import BodyError
from undrift.model import octets

if TYPE_CHECKING:
    from collections.abc import Collection

    from undrift.model import Headers, Request, Response
    from undrift.serve.player import Miss

# Of one connection only (RFC 9110, section 7.6.1); ours is another one.
_HOP_BY_HOP: Final = ("Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Trailer", "Transfer-Encoding")
# Fields that send a client elsewhere: unchanged, to the real service.
_WITH_URLS: Final = frozenset({"location", "content-location", "link", "refresh"})
_WITHOUT_CONTENT: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A response as it is handed to the web server."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes


def answer(response: Response, request: Request, origins: Collection[str], url: str) -> Outgoing:
    """A recorded response for one request, with recorded origins in its URLs replaced by ``url``.

    The body is encoded again as it was; where that takes a library that is not installed, it
    goes out plain, without Content-Encoding.
    """
    headers = response.headers.without(*_HOP_BY_HOP)
    try:
        content = bodies.encode(response.body, response.encoding)
    except BodyError:
        content, headers = response.body, headers.without("Content-Encoding")
    if request.method == "HEAD" or response.status in _WITHOUT_CONTENT:
        # Its length is that of the body that a GET would have had.
        content = b""
    else:
        headers = headers.with_value("Content-Length", str(len(content)))
    return Outgoing(response.status, _raw(headers, origins, url), content)


def refusal(miss: Miss, request: Request) -> Outgoing:
    """The answer to a request that was not recorded: in JSON, where the client asks for that."""
    if "json" in (request.headers.get("Accept") or ""):
        media_type = b"application/json"
        facts = {"error": miss.problem, "nearest": miss.nearest or None, "differences": miss.differences}
        text = json.dumps(facts, indent=2)
    else:
        media_type = b"text/plain; charset=utf-8"
        text = "\n".join((miss.problem, *miss.differences, ""))
    content = text.encode("utf-8", "backslashreplace")
    fields = ((b"Content-Type", media_type), (b"Content-Length", b"%d" % len(content)), (b"Undrift", b"no-match"))
    return Outgoing(HTTPStatus.NOT_IMPLEMENTED, fields, b"" if request.method == "HEAD" else content)


def _raw(headers: Headers, origins: Collection[str], url: str) -> tuple[tuple[bytes, bytes], ...]:
    alternatives = "|".join(re.escape(origin) for origin in origins)
    # An origin ends where no name and no port can go on.
    recorded = re.compile(rf"(?:{alternatives})(?![\w.:-])", re.IGNORECASE)
    return tuple(
        (
            name.encode("latin-1"),
            octets(recorded.sub(url, value) if origins and name.lower() in _WITH_URLS else value),
        )
        for name, value in headers
    )
