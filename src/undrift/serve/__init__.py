"""A real HTTP server on this machine that answers from cassettes.

It serves clients of any language. Every origin that was recorded is served at the one local
address: a request is matched as in replay, less its scheme, host and port. Equal requests get
their answers in recorded order, then the last one again.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undrift.errors import UsageError
from undrift.match import MatchRules
from undrift.serve.player import Player

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from undrift.fault import FaultPlan
    from undrift.model import Cassette

__all__ = ["ReplayServer", "run", "server"]

_HOST: Final = "127.0.0.1"
_HIGHEST_PORT: Final = 65_535
_DEFAULT_RULES: Final = MatchRules()


@dataclass(frozen=True, slots=True)
class ReplayServer:
    """A running server: ``url`` is its origin, such as ``http://127.0.0.1:8080``."""

    url: str


@contextmanager
def server(
    cassettes: Sequence[Cassette],
    *,
    port: int = 0,
    plan: FaultPlan | None = None,
    rules: MatchRules = _DEFAULT_RULES,
) -> Iterator[ReplayServer]:
    """Serve cassettes from a thread for as long as the block lasts.

    ``port`` 0 takes any that is free. ``plan`` says which answers fail, and how; an answer that
    did not arrive whole is not used up. Raises UsageError where starlette and uvicorn are not
    installed, or the port cannot be had.
    """
    application = _import_application()
    with _listen(port) as listener:
        url = f"http://{_HOST}:{listener.getsockname()[1]}"
        replaying = application.Replaying(Player(cassettes, rules), plan, url)
        thread = threading.Thread(target=replaying.serve, args=(listener,), name="undrift-serve", daemon=True)
        thread.start()
        try:
            replaying.started.wait()
            yield ReplayServer(url)
        finally:
            replaying.stop()
            thread.join()


def run(
    cassettes: Sequence[Cassette],
    port: int = 0,
    *,
    plan: FaultPlan | None = None,
    rules: MatchRules = _DEFAULT_RULES,
    announce: Callable[[str], object] | None = None,
) -> None:
    """Serve cassettes until Ctrl-C; ``announce`` is told the URL once it answers.

    Raises UsageError as ``server`` does.
    """
    with server(cassettes, port=port, plan=plan, rules=rules) as running:
        if announce is not None:
            announce(running.url)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def _import_application() -> ModuleType:
    try:
        from undrift.serve import application  # noqa: PLC0415 - it needs packages that few have installed
    except ModuleNotFoundError as error:
        raise UsageError(
            f'Serving needs the package {error.name}, which is not installed. Run: pip install "undrift[serve]"'
        ) from error
    return application


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= _HIGHEST_PORT:
        raise UsageError(f"There is no port {port}. Give one up to {_HIGHEST_PORT}, or 0 for any that is free.")
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise UsageError(
            f"Port {port} of {_HOST} cannot be had: {error}. Give another, or 0 for any that is free."
        ) from error
