"""Network blocking for single tests, by the rules of pytest-recording."""

from __future__ import annotations

import re
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@contextmanager
def blocking_context(allowed_hosts: Sequence[str] | None = None) -> Iterator[None]:
    """Refuse connections of sockets for the length of the block.

    ``allowed_hosts`` are regular expressions, matched at the start of the host. A refused
    connection raises RuntimeError, as pytest-recording's does, and loopback is refused too.
    """
    with ExitStack() as stack:
        for name in ("connect", "connect_ex"):
            inherited = name not in vars(socket.socket)
            original = getattr(socket.socket, name)
            setattr(socket.socket, name, _guarded(original, allowed_hosts))
            if inherited:
                stack.callback(delattr, socket.socket, name)
            else:
                stack.callback(setattr, socket.socket, name, original)
        yield


def _guarded(original: Callable[..., Any], allowed_hosts: Sequence[str] | None) -> Callable[..., Any]:
    pattern = None if allowed_hosts is None else re.compile("(" + ")|(".join(allowed_hosts) + ")")

    def connect(self: socket.socket, address: Any, *args: Any, **kwargs: Any) -> Any:
        host = address[0] if self.family in {socket.AF_INET, socket.AF_INET6} else address
        text = host.decode() if isinstance(host, (bytes, bytearray)) else str(host)
        if pattern is not None and pattern.match(text):
            return original(self, address, *args, **kwargs)
        # Whoever tried expects an OSError, and would leave the socket open after this.
        self.close()
        raise RuntimeError(f"Network is disabled for host {host!r}")

    return connect
