"""Sending one request over a connection of its own, with nothing but the standard library."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, quote, urlsplit

from undrift import body as bodies
from undrift.engine.failures import kind_of
from undrift.errors import BodyError, NotAnsweredError, UsageError
from undrift.model import Headers, Response, octets

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.model import Request

_DEFAULT_TIMEOUT: Final = timedelta(seconds=30)
# What a URL may hold as it stands (RFC 3986, section 2); all else is percent-encoded.
_ALLOWED: Final = "%:/?#[]@!$&'()*+,;=~"
_LONGEST_DETAIL: Final = 200
_WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_VERSIONS: Final = {10: "HTTP/1.0", 11: "HTTP/1.1"}


def http_transport(
    *, timeout: timedelta = _DEFAULT_TIMEOUT, tls: ssl.SSLContext | None = None
) -> Callable[[Request], Response]:
    """A function that sends one request and gives the response, redirects included as they are.

    ``timeout`` is for each wait on the socket. ``tls`` is the context for https; the default
    verifies certificates. The function raises NotAnsweredError where no whole response came,
    UsageError where the URL is not of http or https, BodyError where the body cannot be encoded
    as the request says.
    """

    def transport(request: Request) -> Response:
        url = _read_url(request.url)
        shown = f"{request.method} {url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
        with closing(_connection(url, timeout, tls)) as connection:
            try:
                return _exchange(connection, request, url)
            except (OSError, http.client.HTTPException) as error:
                kind = kind_of(error)
                raise NotAnsweredError(
                    f"{shown} got no whole answer ({kind}): {_detail(error)}. "
                    f"Check that the service is up and can be reached from here, then run again.",
                    kind=kind,
                ) from error
            except ValueError as error:
                raise UsageError(f"{shown} cannot be sent: {error}. Mend the request.") from error

    return transport


def _detail(error: Exception) -> str:
    """What an error says, which may be what a server wrote, in one short line."""
    return (str(error).strip() or type(error).__name__).encode("unicode_escape").decode()[:_LONGEST_DETAIL]


def _read_url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        is_usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise UsageError(
            f"{text!r} cannot be sent to. Give a URL that starts with http:// or https:// and names a host."
        )
    return url


def _connection(url: SplitResult, timeout: timedelta, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    host, seconds = url.hostname or "", timeout.total_seconds()
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=seconds)
    return http.client.HTTPSConnection(host, url.port, timeout=seconds, context=tls or ssl.create_default_context())


def _exchange(connection: http.client.HTTPConnection, request: Request, url: SplitResult) -> Response:
    content = bodies.encode(request.body, request.encoding)
    target = quote(f"{url.path or '/'}{'?' * bool(url.query)}{url.query}", safe=_ALLOWED)
    has_host = "Host" in request.headers
    connection.putrequest(request.method, target, skip_host=has_host, skip_accept_encoding=True)
    for name, value in request.headers.without("Content-Length", "Transfer-Encoding", "Connection"):
        connection.putheader(name, octets(value))
    if content or request.method in _WITH_CONTENT:
        connection.putheader("Content-Length", str(len(content)))
    connection.putheader("Connection", "close")
    connection.endheaders(content or None)
    return _read(connection.getresponse())


def _read(answer: http.client.HTTPResponse) -> Response:
    headers = Headers.of(answer.getheaders())
    content = answer.read()
    encoding = ", ".join(headers.get_all("Content-Encoding"))
    try:
        decoded = bodies.decode(content, encoding) if content else content
    except BodyError:
        # Kept as it travelled, so that a comparison sees what came.
        decoded = content
    taken_off = "" if decoded is content else encoding
    return Response(answer.status, answer.reason, headers, decoded, taken_off, _VERSIONS.get(answer.version, ""))
