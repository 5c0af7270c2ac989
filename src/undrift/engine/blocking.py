"""Network blocking for single tests, by the rules of pytest-recording."""

from __future__ import annotations

import re
import socket
import sys
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Whether a pair of sockets is being made here; a thread of its own does not inherit it.
_in_a_pair: ContextVar[bool] = ContextVar("undrift_in_a_pair", default=False)


@contextmanager
def blocking_context(allowed_hosts: Sequence[str] | None = None) -> Iterator[None]:
    """Refuse connections of sockets, and of pycurl, for the length of the block.

    ``allowed_hosts`` are regular expressions, matched at the start of the host. A refused
    connection raises RuntimeError, as pytest-recording's does, and loopback is refused too.
    """
    allowed = None if allowed_hosts is None else re.compile("(" + ")|(".join(allowed_hosts) + ")")
    with ExitStack() as stack:
        for name in ("connect", "connect_ex"):
            _replace(stack, socket.socket, name, _guarded(getattr(socket.socket, name), allowed))
        # On Windows a pair of sockets is made by connecting one to the other, within this process.
        _replace(stack, socket, "socketpair", _exempt(socket.socketpair))
        pycurl = sys.modules.get("pycurl")
        if pycurl is not None:
            _replace(stack, pycurl, "Curl", _guarded_curl(pycurl, allowed))
        yield


def _replace(stack: ExitStack, owner: Any, name: str, stand_in: Any) -> None:
    inherited = name not in vars(owner)
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    if inherited:
        stack.callback(delattr, owner, name)
    else:
        stack.callback(setattr, owner, name, original)


def _guarded(original: Callable[..., Any], allowed: re.Pattern[str] | None) -> Callable[..., Any]:
    def network_guard(self: socket.socket, address: Any, *args: Any, **kwargs: Any) -> Any:
        host = _host(self, address)
        if _in_a_pair.get() or _is_allowed(host, allowed):
            return original(self, address, *args, **kwargs)
        # Whoever tried expects an OSError, and would leave the socket open after this.
        self.close()
        raise _refusal(host)

    return network_guard


def _host(connecting: socket.socket, address: Any) -> Any:
    """What an address is named by; other families than these have no host, and none that is allowed."""
    if connecting.family in {socket.AF_INET, socket.AF_INET6}:
        return address[0]
    return address if connecting.family == getattr(socket, "AF_UNIX", None) else ""


def _is_allowed(host: str | bytes | bytearray, allowed: re.Pattern[str] | None) -> bool:
    text = host.decode() if isinstance(host, (bytes, bytearray)) else str(host)
    return allowed is not None and allowed.match(text) is not None


def _refusal(host: Any) -> RuntimeError:
    return RuntimeError(f"Network is disabled for host {host!r}")


def _exempt(original: Callable[..., Any]) -> Callable[..., Any]:
    def socketpair(*args: Any, **kwargs: Any) -> Any:
        token = _in_a_pair.set(True)
        try:
            return original(*args, **kwargs)
        finally:
            _in_a_pair.reset(token)

    return socketpair


def _guarded_curl(pycurl: Any, allowed: re.Pattern[str] | None) -> type:
    class Curl(pycurl.Curl):  # type: ignore[misc] # pycurl has no types
        """A handle that knows its address, and refuses to go there."""

        def setopt(self, option: int, value: Any) -> Any:
            if option == pycurl.URL:
                url = value.decode() if isinstance(value, bytes) else value
                self.undrift_host = urlsplit(url).hostname
            return super().setopt(option, value)

        def perform(self) -> Any:
            # pycurl keeps attributes itself, and finds them only where the class has none of that name.
            host = getattr(self, "undrift_host", None)
            if host and not _is_allowed(host, allowed):
                raise _refusal(host)
            return super().perform()

    return Curl
