"""A server whose connections a test serves itself, for what no web server does."""

from __future__ import annotations

import socket
import struct
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

from tests.webserver import in_background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Server(ThreadingTCPServer):
    # No thread waits in accept() when the socket is closed: woken there, it would take what knocks at
    # whatever has the number of that socket by then, such as the server of another test.

    daemon_threads = True
    request_queue_size = 64

    def shutdown_request(self, request: Any) -> None:
        """Close without a goodbye: whoever serves a connection may have wanted none."""
        self.close_request(request)


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection in a thread of its own, and close it; gives the URL."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                serve(self.request)

    with in_background(_Server(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"


def reset(connection: socket.socket) -> None:
    """Closing will not wait and not say goodbye: the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
