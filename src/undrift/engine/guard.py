"""The network guard: in replay, nothing leaves this machine.

Connections and name look-ups of a test that has a replaying deck are refused, but for
loopback, Unix sockets and allowed hosts. It covers what goes through Python's ``socket``
module; subprocesses and extension libraries that open sockets of their own it cannot see.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from undrift.engine.routing import current_deck
from undrift.errors import NetworkRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def rows() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """What to replace: the owner, the function's name, and what makes its stand-in."""
    yield socket.socket, "connect", _connecting
    yield socket.socket, "connect_ex", _connecting
    yield socket.socket, "sendto", _sending
    if hasattr(socket.socket, "sendmsg"):  # not on Windows
        yield socket.socket, "sendmsg", _sending_message
    # asyncio's loops look names up by these too, in a thread.
    yield socket, "getaddrinfo", _looking_up
    yield socket, "gethostbyname", _looking_up
    yield socket, "gethostbyname_ex", _looking_up
    yield socket, "gethostbyaddr", _asking_for_a_name
    yield socket, "getnameinfo", _naming


def _connecting(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            try:
                _check(_text(address[0]), "connection to")
            except NetworkRefusedError:
                # Whoever tried expects an OSError, and would leave the socket open after this.
                self.close()
                raise
        return original(self, address)

    return connect


def _sending(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def sendto(self: socket.socket, data: Any, *rest: Any) -> Any:
        # With flags or without, the address comes last; a connected socket gives none.
        _check_datagram(self, rest[-1] if rest else None)
        return original(self, data, *rest)

    return sendto


def _sending_message(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def sendmsg(self: socket.socket, buffers: Any, *rest: Any) -> Any:
        # Behind ancillary data and flags comes the address, unless the socket is connected.
        _check_datagram(self, rest[2] if len(rest) > 2 else None)  # noqa: PLR2004 - as said
        return original(self, buffers, *rest)

    return sendmsg


def _check_datagram(sending: socket.socket, address: Any) -> None:
    if sending.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
        _check(_text(address[0]), "datagram to")


def _looking_up(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = _text(host)
        # An address needs no looking up; connecting to it is another matter.
        if _address(name) is None:
            _check(name, "look-up of")
        return original(host, *args, **kwargs)

    return look_up


def _asking_for_a_name(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def gethostbyaddr(host: Any) -> Any:
        # Here an address is looked up too: for its name.
        _check(_text(host), "look-up of")
        return original(host)

    return gethostbyaddr


def _naming(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def getnameinfo(address: Any, flags: int) -> Any:
        if isinstance(address, tuple) and not flags & socket.NI_NUMERICHOST:
            _check(_text(address[0]), "look-up of")
        return original(address, flags)

    return getnameinfo


def _check(host: str, what: str) -> None:
    deck = current_deck()
    if deck is None or not deck.options.guarded or _is_local(host):
        return
    if any(re.match(pattern, host) for pattern in deck.options.allowed_hosts):
        return
    raise deck.refuse(
        NetworkRefusedError(
            f"The {what} {host} was refused: this test is replayed, and replaying needs no network.\n"
            f"If the test should talk to it, name the host in allowed_hosts of [tool.undrift]; "
            f"if it should be recorded, run:\n  {deck.options.record_command}",
            request=host,
        )
    )


@lru_cache(maxsize=1024)
def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    # This machine's own name is asked for by whoever makes up a Message-ID, or starts a server.
    if name in _LOCAL_NAMES or name == socket.gethostname().lower():
        return True
    address = _address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (address.is_loopback or (mapped is not None and mapped.is_loopback))


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host or "")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
