"""Real servers on loopback ports, for clients to talk to."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Counted:
    """A WSGI application, and the requests that really arrived at it."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self.hits: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.hits.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self._application(environ, start_response)


class _Handler(WSGIRequestHandler):
    # Connections are kept alive, and answers come in chunks.
    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def running(application: Callable[..., Any]) -> Iterator[tuple[str, Counted]]:
    """The application's address for the length of the block, and what arrived there."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    counted = Counted(application)
    server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=_Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", counted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
