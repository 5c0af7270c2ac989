"""Interception of HTTP clients, installed once and routed to the current deck.

One table says who intercepts what:

=================================  ==============================================
client                             intercepted by
=================================  ==============================================
httpx, sync and async              ``clients_httpx``, at its transports
urllib3, requests, botocore        ``clients_urllib3``, at urllib3's connections
http.client, httplib2, tornado,    ``clients_vcr``: vcrpy's stubs
aiohttp
connections and name look-ups      ``guard``, which refuses them in replay
=================================  ==============================================
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from undrift.engine import clients_httpx, clients_urllib3, clients_vcr, guard

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = threading.Lock()


class _Installation:
    """How many want interception, and what takes it off again."""

    def __init__(self) -> None:
        self.wanted = 0
        self.installed = ExitStack()


_installation = _Installation()


@contextmanager
def interception() -> Iterator[None]:
    """Intercept all clients for the length of the block; nested blocks share one installation."""
    with _lock:
        _installation.wanted += 1
        if _installation.wanted == 1:
            _install(_installation.installed)
    try:
        yield
    finally:
        with _lock:
            _installation.wanted -= 1
            if _installation.wanted == 0:
                _installation.installed.close()


def _install(stack: ExitStack) -> None:
    with ExitStack() as partly:
        for patcher in clients_vcr.patchers():
            partly.enter_context(patcher)
        for client in (clients_httpx, clients_urllib3, guard):
            try:
                rows = list(client.rows())
            except ImportError:
                continue  # the client is not installed here
            for owner, name, stand_in in rows:
                _replace(partly, owner, name, stand_in)
        stack.push(partly.pop_all())


def _replace(stack: ExitStack, owner: Any, name: str, stand_in: Any) -> None:
    inherited = name not in vars(owner)
    original = getattr(owner, name)
    setattr(owner, name, stand_in(original))
    if inherited:
        stack.callback(delattr, owner, name)
    else:
        stack.callback(setattr, owner, name, original)
