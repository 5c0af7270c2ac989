"""Requests that got no response: what kind of failure it was, and how to raise it again."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.model import Failure


PATIENCE_SECONDS = 300.0
"""How long a replay waits at most to be given up again, where the client itself sets no limit."""


class GivenUpError(TimeoutError):
    """The code under test was cancelled before it had the answer, as by ``asyncio.timeout``; no client raises it."""

    def __init__(self, message: str = "The code under test did not wait for the answer.") -> None:
        super().__init__(message)


def is_given_up(failure: Failure) -> bool:
    """Whether nothing is wrong with a request but that nobody waited for its answer, so that it is to have none."""
    return failure.error == GivenUpError.__name__


def kind_of(error: BaseException) -> str:
    """One of ``dns``, ``connection-refused``, ``tls``, ``timeout`` and ``reset``.

    Clients wrap the socket's own error, some more than once, so the whole chain is read.
    """
    chain = tuple(_chain(error))
    for kind, types in _KINDS:
        if any(isinstance(link, types) for link in chain):
            return kind
    names = " ".join(type(link).__name__ for link in chain)
    if "Timeout" in names:
        return "timeout"
    if "NameResolution" in names:
        return "dns"
    return "reset"


def name_of(error: BaseException, *, sent: bool = True) -> str:
    """What a failure is stored with, so that a replay raises the very class that came live."""
    return type(error).__name__ if sent else f"{_SENDING}{type(error).__name__}"


def is_of_sending(failure: Failure) -> bool:
    """Whether it failed before an answer could be waited for."""
    return failure.kind in {"dns", "connection-refused", "tls"} or failure.error.startswith(_SENDING)


def again(kind: str, message: str, error: str = "") -> OSError:
    """The error that a socket raises for this kind of failure, of the class that is named where that is one."""
    default, number, words = _DEFAULTS.get(kind, _DEFAULTS["reset"])
    made = _SOCKET_ERRORS.get(error.removeprefix(_SENDING), default)
    found = _ERRNO.match(message)
    if found is not None:
        message = message[found.end() :]
        # Numbers are those of the machine that recorded; where the class says it all, its own is right here.
        number = int(found[1]) if made in {OSError, socket.gaierror} else number
    if made is TimeoutError:
        return TimeoutError(message or words)
    return made(number, message or words)


def error_of(failure: Failure) -> Exception:
    """What a connection of ``http.client`` raised live, which urllib3's are too."""
    make = _HTTP_ERRORS.get(failure.error)
    return make(failure.message) if make is not None else again(failure.kind, failure.message, failure.error)


_SENDING = "sending "
_HTTP_ERRORS: dict[str, Callable[[str], Exception]] = {
    "RemoteDisconnected": http.client.RemoteDisconnected,
    "BadStatusLine": http.client.BadStatusLine,
    "IncompleteRead": lambda _: http.client.IncompleteRead(b""),
}
_ERRNO = re.compile(r"\[Errno (-?\d+)\] ")
_DEFAULTS: dict[str, tuple[type[OSError], int, str]] = {
    "dns": (socket.gaierror, socket.EAI_NONAME, "Name or service not known"),
    "connection-refused": (ConnectionRefusedError, errno.ECONNREFUSED, "Connection refused"),
    "tls": (ssl.SSLError, 1, "TLS handshake failed"),
    "timeout": (TimeoutError, errno.ETIMEDOUT, "timed out"),
    "reset": (ConnectionResetError, errno.ECONNRESET, "Connection reset by peer"),
}
_SOCKET_ERRORS: dict[str, type[OSError]] = {
    made.__name__: made
    for made in (
        OSError, BrokenPipeError, ConnectionAbortedError, ConnectionRefusedError, ConnectionResetError, TimeoutError,
        socket.gaierror, ssl.SSLCertVerificationError, ssl.SSLEOFError, ssl.SSLError, ssl.SSLZeroReturnError,
    )
}  # fmt: skip
_KINDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("dns", (socket.gaierror,)),
    ("tls", (ssl.SSLError,)),
    ("connection-refused", (ConnectionRefusedError,)),
    ("timeout", (TimeoutError,)),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    links: list[object] = [error]
    while links:
        link = links.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        links.append(link.__cause__ or link.__context__ or getattr(link, "reason", None))
        if isinstance(link, BaseExceptionGroup):
            # Each address of a name was tried, and each has an error of its own.
            links += link.exceptions
