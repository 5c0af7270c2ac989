"""botocore, and with it boto3, answered at its HTTP session where that is the same as being answered below.

What the session does is to find the connection and to hand on what comes of it; botocore's own
retries are above, and it has told urllib3 not to have any. So a recorded response that is at hand
is given there. Everything else goes the whole way to urllib3's connections: failures, refusals,
recording, and whatever something below the session could be seen of.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

# Only where botocore's session was imported is this module, see undrift.engine.interception.
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session
from urllib3 import Retry

from undrift.engine.clients_urllib3 import LOG
from undrift.engine.routing import current_deck
from undrift.engine.urllib3_responses import unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.model import Response


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    yield URLLib3Session, "send", _send


def _send(original: Callable[..., Any]) -> Callable[..., Any]:
    # What the session itself gives to urllib3, which keeps it with the response.
    no_retries = Retry(False)  # noqa: FBT003 - urllib3's own way to say so

    @wraps(original)
    def send(self: Any, request: Any) -> Any:
        __tracebackhide__ = True
        at_hand = _at_hand(request) if _is_transparent(self, request) else None
        if at_hand is None:
            return original(self, request)
        raw = unread(at_hand, request.method, _target(request.url), no_retries)
        response = AWSResponse(request.url, raw.status, raw.headers, raw)
        if not request.stream_output:
            # As the session does: it is read at once, whoever asks for it.
            response.content  # noqa: B018 - as said
        return response

    return send


def _at_hand(request: Any) -> Response | None:
    """The recorded response to a request, if it is one without a question."""
    deck = current_deck()
    body = request.body or b""
    if deck is None or not isinstance(body, (str, bytes)):
        return None
    telling = deck.telling
    headers = request.headers
    fields = [(lower, _text(headers[name])) for name in headers if (lower := name.lower()) in telling]
    return deck.ready(request.method, request.url, fields, body.encode() if isinstance(body, str) else body)


def _text(value: Any) -> str:
    # Some of botocore's protocols write bytes.
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _target(url: str) -> str:
    """What is asked of the connection."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _is_transparent(session: Any, request: Any) -> bool:
    """Whether nothing that happens below this session would be seen above it."""
    # No public name tells whether there is a proxy, which urllib3 may refuse; a session without it is another one.
    proxies = getattr(session, "_proxy_config", None)
    return (
        type(session) is URLLib3Session
        and proxies is not None
        and proxies.proxy_url_for(request.url) is None
        and not LOG.isEnabledFor(logging.DEBUG)
    )
