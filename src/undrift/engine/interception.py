"""Interception of HTTP clients, routed to the current deck.

One table says who intercepts what:

=================================  ==============================================
client                             intercepted by
=================================  ==============================================
httpx and httpx2, sync and async   ``clients_httpx``, at its transports
requests                           ``clients_requests``, at its adapter, what is recorded;
                                   all else as urllib3
urllib3, botocore                  ``clients_urllib3``, at urllib3's connections
http.client, httplib2, tornado,    ``clients_vcr``: vcrpy's stubs
aiohttp
connections and name look-ups      ``guard``, which refuses them in replay
=================================  ==============================================
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from undrift.engine import clients_httpx, clients_requests, clients_urllib3, clients_vcr, guard
from undrift.engine.arrivals import Arrivals
from undrift.engine.routing import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from undrift.engine.deck import Deck

    _Table: TypeAlias = Callable[[], Iterable[tuple[Any, str, Callable[[Any], Any]]]]


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


_AT_ONCE: tuple[_Table, ...] = (guard.rows,)
# By the module that brings the client: what nobody imports is neither imported nor intercepted.
_ON_ARRIVAL: Mapping[str, _Table] = {
    "httpx": clients_httpx.rows,
    "httpx2": partial(clients_httpx.rows, "httpx2"),
    "requests": clients_requests.rows,
    "urllib3": clients_urllib3.rows,
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
    """Intercept all clients, and answer their requests from a deck, for the length of the block.

    vcrpy's stubs are there only as long as a deck is: they stand in for ``http.client`` itself,
    and send later than it does, which code without a deck must not notice.
    """
    with interception(), _stubs.wanted(), current(deck):
        yield deck


def _replace(stack: ExitStack, owner: Any, name: str, stand_in: Any) -> None:
    inherited = name not in vars(owner)
    original = getattr(owner, name)
    setattr(owner, name, stand_in(original))
    if inherited:
        stack.callback(delattr, owner, name)
    else:
        stack.callback(setattr, owner, name, original)
