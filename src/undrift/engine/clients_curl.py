"""tornado over curl, intercepted where its client fetches.

curl follows redirects and unpacks content out of Python's sight, so what is kept is what it
hands over in the end; that ``effective_url`` is another than was asked for is not.
"""

from __future__ import annotations

import io
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from undrift.engine import wire
from undrift.engine.exchange import exchange
from undrift.engine.failures import again
from undrift.engine.routing import current_deck
from undrift.errors import PlaybackError
from undrift.model import Failure, Headers, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.engine.exchange import Steps
    from undrift.model import Request

# curl's numbers of errors (its libcurl-errors page) and ours.
_KINDS = {6: "dns", 7: "connection-refused", 28: "timeout", 35: "tls", 60: "tls"}
_RESET = 56
# Among the header fields that it gives, tornado has one of its own.
_REASON = "X-Http-Reason"


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    from tornado.curl_httpclient import CurlAsyncHTTPClient  # noqa: PLC0415 - only where it is installed

    yield CurlAsyncHTTPClient, "fetch_impl", _fetching


def _fetching(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def fetch_impl(self: Any, request: Any, callback: Callable[[Any], None]) -> None:
        deck = current_deck()
        if deck is None or deck.terms is not None:
            original(self, request, callback)
            return
        steps = exchange(deck, _request(request))
        try:
            next(steps)
        except StopIteration as end:
            callback(
                _error_response(end.value, request) if isinstance(end.value, Failure) else _given(end.value, request)
            )
        except PlaybackError as refusal:
            callback(_refused(refusal, request))
        else:
            streamed: list[bytes] = []
            if request.streaming_callback is not None:
                # Set on the proxy that tornado makes for each fetch, not on the user's request.
                request.streaming_callback = _teeing(request.streaming_callback, streamed)
            original(self, request, lambda live: callback(_kept(steps, live, request, streamed)))

    return fetch_impl


def _teeing(callback: Callable[[bytes], Any], parts: list[bytes]) -> Callable[[bytes], Any]:
    @wraps(callback)
    def take(part: bytes) -> Any:
        parts.append(part)
        return callback(part)

    return take


def _request(request: Any) -> Request:
    headers = Headers.of(request.headers.get_all())
    return wire.request_from_wire(request.method, request.url, headers, request.body or b"")


def _kept(steps: Steps, live: Any, request: Any, streamed: list[bytes]) -> Any:
    """What came, once the deck has it."""
    outcome: Response | Exception = _response(live, request, b"".join(streamed))
    if live.code == 599:  # noqa: PLR2004 - tornado's code for no response
        # A socket's error below curl's says to whoever keeps it of what kind it is.
        live.error.__cause__ = again(_KINDS.get(getattr(live.error, "errno", _RESET), "reset"), str(live.error))
        outcome = live.error
    with suppress(StopIteration, Exception):
        steps.send(outcome)
    return live


def _response(live: Any, request: Any, streamed: bytes) -> Response:
    headers = Headers.of(field for field in live.headers.get_all() if field[0] != _REASON)
    # Where the server gave no reason, tornado has put in the usual one.
    content, reason = live.body or streamed, live.headers.get(_REASON, "")
    if content and request.decompress_response and headers.get("Content-Encoding"):
        return Response(live.code, reason, headers, content, headers.get("Content-Encoding") or "")
    return wire.response_from_wire(live.code, reason, headers, content, "HTTP/1.1")


def _given(response: Response, request: Any) -> Any:
    from tornado.httpclient import HTTPResponse  # noqa: PLC0415 - it is there, since it called us
    from tornado.httputil import HTTPHeaders  # noqa: PLC0415 - as above

    fields = HTTPHeaders({_REASON: response.reason} if response.reason else {})
    for name, value in wire.headers_for_client(response):
        fields.add(name, value)
    content = response.body if request.decompress_response else wire.content_for_client(response)
    if request.header_callback is not None:
        lines = (f"{name}: {value}\r\n" for name, value in fields.get_all() if name != _REASON)
        for line in (f"HTTP/1.1 {response.status} {response.reason}\r\n", *lines, "\r\n"):
            request.header_callback(line)
    if request.streaming_callback is not None:
        request.streaming_callback(content)
        content = b""
    return HTTPResponse(
        request, response.status, fields, io.BytesIO(content), request.url, None, 0.0, None, response.reason or None
    )


def _refused(error: Exception, request: Any) -> Any:
    from tornado.httpclient import HTTPResponse  # noqa: PLC0415 - it is there, since it called us

    return HTTPResponse(request, 599, error=error)


def _error_response(failure: Failure, request: Any) -> Any:
    from tornado.curl_httpclient import CurlError  # noqa: PLC0415 - it is there, since it called us

    number = next((number for number, kind in _KINDS.items() if kind == failure.kind), _RESET)
    return _refused(CurlError(number, failure.message.removeprefix("HTTP 599: ")), request)
