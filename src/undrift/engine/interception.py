"""Interception of HTTP clients, routed to the current deck.

One table says who intercepts what:

=================================  ==============================================
client                             intercepted by
=================================  ==============================================
httpx and httpx2, sync and async   ``clients_httpx``, at its transports
requests                           ``clients_requests``, at its adapter, what is recorded;
                                   all else as urllib3
botocore                           ``clients_botocore``, at its session, what is recorded; all else
                                   as urllib3
urllib3                            ``clients_urllib3``, at urllib3's connections
http.client, urllib, httplib2      ``clients_http``, where they connect and write
aiohttp                            ``clients_aiohttp``, at its connector
tornado, its own client            ``clients_tornado``, where it connects; its websockets, which
                                   are refused in replay
tornado over curl                  ``clients_curl``, where it fetches
http.client, httplib2, aiohttp     ``clients_vcr``: vcrpy's stubs, for the cassettes of a ``VCR``
connections and name look-ups      ``guard``, which refuses them in replay
threads, calls given to pools      ``routing``, which remembers their deck
=================================  ==============================================
"""

from __future__ import annotations

import importlib
import threading
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from undrift.engine import clients_http, guard, routing
from undrift.engine.arrivals import Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from undrift.engine.deck import Deck

    _Table: TypeAlias = Callable[..., Iterable[tuple[Any, str, Callable[[Any], Any]]]]


class _Shared:
    """Patches that several may want at once: put on for the first, taken off after the last."""

    def __init__(self, install: Callable[[ExitStack], None]) -> None:
        self._install = install
        self._lock = threading.Lock()
        self._wanted = 0
        self._installed = ExitStack()

    @contextmanager
    def wanted(self) -> Iterator[None]:
        with self._lock:
            if self._wanted == 0:
                with ExitStack() as partly:
                    self._install(partly)
                    self._installed = partly.pop_all()
            self._wanted += 1
        try:
            yield
        finally:
            with self._lock:
                self._wanted -= 1
                if self._wanted == 0:
                    self._installed.close()


def _rows_of(module: str, *arguments: str, name: str = "rows") -> Iterable[tuple[Any, str, Callable[[Any], Any]]]:
    """The rows of a client, whose interception is imported only now."""
    rows: _Table = getattr(importlib.import_module(f"undrift.engine.{module}"), name)
    return rows(*arguments)


_AT_ONCE: tuple[_Table, ...] = (clients_http.rows, guard.rows, routing.rows)
# By the module that brings the client: what nobody imports is neither imported nor intercepted.
_ON_ARRIVAL: Mapping[str, _Table] = {
    "aiohttp": partial(_rows_of, "clients_aiohttp"),
    "botocore.httpsession": partial(_rows_of, "clients_botocore"),
    "concurrent.futures.thread": routing.rows_of_executors,
    "httplib2": clients_http.rows_of_httplib2,
    "httpx": partial(_rows_of, "clients_httpx"),
    "httpx2": partial(_rows_of, "clients_httpx", "httpx2"),
    "multiprocessing.pool": routing.rows_of_pools,
    "requests": partial(_rows_of, "clients_requests"),
    "tornado.curl_httpclient": partial(_rows_of, "clients_curl"),
    "tornado.simple_httpclient": partial(_rows_of, "clients_tornado"),
    "tornado.websocket": partial(_rows_of, "clients_tornado", name="rows_of_websockets"),
    "urllib3": partial(_rows_of, "clients_urllib3"),
}


def _install_ours(stack: ExitStack) -> None:
    patches = stack.enter_context(ExitStack())
    for table in _AT_ONCE:
        _install(patches, table)
    arrivals = Arrivals({name: partial(_install, patches, table) for name, table in _ON_ARRIVAL.items()})
    stack.callback(arrivals.end)
    arrivals.watch()


def _install(stack: ExitStack, table: _Table) -> None:
    with suppress(ImportError):  # of what a client needs and is not installed here
        for owner, name, stand_in in table():
            _replace(stack, owner, name, stand_in)


def _install_stubs(stack: ExitStack) -> None:
    from undrift.engine import clients_vcr  # noqa: PLC0415 - only for the cassettes of a VCR

    for patcher in clients_vcr.patchers():
        stack.enter_context(patcher)


_ours = _Shared(_install_ours)
_stubs = _Shared(_install_stubs)


@contextmanager
def interception() -> Iterator[None]:
    """Intercept the clients that are ours for the length of the block, which may be a whole run.

    Without a deck they behave as if nothing were there.
    """
    with _ours.wanted():
        yield


@contextmanager
def deck_in_use(deck: Deck) -> Iterator[Deck]:
    """Intercept all clients, and answer their requests from a deck, for the length of the block."""
    stubs = nullcontext() if deck.terms is None else _stubs.wanted()
    with interception(), stubs, routing.current(deck):
        yield deck


def _replace(stack: ExitStack, owner: Any, name: str, stand_in: Any) -> None:
    inherited = name not in vars(owner)
    original = getattr(owner, name)
    ours = stand_in(original)
    setattr(owner, name, ours)

    def put_back() -> None:
        if vars(owner).get(name) is not ours:
            # Somebody else has replaced it meanwhile, and calls ours, which does nothing without a deck.
            return
        if inherited:
            delattr(owner, name)
        else:
            setattr(owner, name, original)

    stack.callback(put_back)
