"""requests, answered at its HTTPAdapter where that is the same as being answered below.

The adapter builds its response from urllib3's, and does little else when nothing goes wrong.
So a recorded response that is at hand is given to it there. Everything else goes the whole
way to urllib3's connections: failures, refusals, recording, and adapters of which something
below the adapter could be seen, such as urllib3's retries on a status.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache, partial, wraps
from typing import TYPE_CHECKING, Any

from undrift.engine.clients_urllib3 import LOG
from undrift.engine.routing import current_deck
from undrift.engine.urllib3_responses import unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    from undrift.model import Response

# What a subclass may change of how its requests are sent.
_OVERRIDABLE = (
    "add_headers",
    "cert_verify",
    "get_connection",
    "get_connection_with_tls_context",
    "proxy_manager_for",
    "request_url",
)


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the class, the method's name, and what makes its stand-in."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - only where it is installed, and a deck is needed
    from urllib3 import Retry  # noqa: PLC0415 - as above

    yield HTTPAdapter, "send", partial(_send, partial(_is_transparent, HTTPAdapter, Retry))


def _send(
    is_transparent: Callable[[Any], bool], original: Callable[..., requests.Response]
) -> Callable[..., requests.Response]:
    @wraps(original)
    def send(  # noqa: PLR0913, PLR0917 - the adapter's own signature
        self: Any,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as above
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002 - as above
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        __tracebackhide__ = True
        at_hand = None
        is_usual = cert is None and _is_usual(timeout) and _is_checkable(verify)
        if is_usual and is_transparent(self) and not _is_proxied(proxies):
            at_hand = _at_hand(request)
        if at_hand is None:
            return original(self, request, stream, timeout, verify, cert, proxies)
        response: requests.Response = self.build_response(
            request, unread(at_hand, str(request.method), request.path_url, self.max_retries)
        )
        return response

    return send


def _at_hand(request: requests.PreparedRequest) -> Response | None:
    """The recorded response to a request, if it is one without a question."""
    deck = current_deck()
    body = request.body or b""
    is_plain = isinstance(request.url, str) and isinstance(body, (str, bytes))
    lower_items = getattr(request.headers, "lower_items", None)
    if deck is None or not is_plain or lower_items is None:
        return None
    telling = deck.telling
    fields = [field for field in lower_items() if field[0] in telling]
    if fields and not all(isinstance(value, str) for _, value in fields):
        return None  # bytes, which requests allows
    content = body.encode() if isinstance(body, str) else body
    return deck.ready(str(request.method), str(request.url), fields, content)


def _is_transparent(base: type, usual_retries: Any, adapter: Any) -> bool:
    """Whether nothing that happens below this adapter would be seen above it."""
    kind, retries = type(adapter), adapter.max_retries
    return (
        type(retries) is usual_retries
        and not retries.total
        and not retries.status_forcelist
        and (kind is base or all(getattr(kind, name) is getattr(base, name) for name in _OVERRIDABLE))
        and not LOG.isEnabledFor(logging.DEBUG)
    )


def _is_proxied(proxies: Any) -> bool:
    # Often there is but the environment's list of hosts that are asked without one.
    return bool(proxies) and not proxies.keys() <= {"no"}


def _is_checkable(verify: Any) -> bool:
    """Whether the adapter takes this for a way to check certificates; what it would not take it refuses."""
    if isinstance(verify, bool):
        return True
    try:
        return isinstance(verify, str) and _is_there(verify)
    except (OSError, ValueError):
        return False


# What is there stays there, as far as a run is concerned; what is missing raises, and is looked for again.
@lru_cache(maxsize=8)
def _is_there(path: str) -> bool:
    os.stat(path)  # noqa: PTH116 - for many requests
    return True


def _is_usual(timeout: Any) -> bool:
    """Whether urllib3 takes this for a timeout; what it would not take it shall refuse itself."""
    if timeout is None:
        return True
    parts = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return len(parts) == 2 and all(part is None or (type(part) in {int, float} and part > 0) for part in parts)  # noqa: PLR2004 - connecting and reading
