"""Requests that got no response: what kind of failure it was, and how to raise it again."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def again(kind: str, message: str) -> OSError:
    """The error that a socket raises for this kind of failure."""
    match kind:
        case "dns":
            return socket.gaierror(socket.EAI_NONAME, message or "Name or service not known")
        case "connection-refused":
            return ConnectionRefusedError(111, message or "Connection refused")
        case "tls":
            return ssl.SSLError(1, message or "TLS handshake failed")
        case "timeout":
            return TimeoutError(message or "timed out")
        case _:
            return ConnectionResetError(104, message or "Connection reset by peer")


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
