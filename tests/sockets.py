"""A server whose connections a test serves itself, for what no web server does."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection in a thread of its own, and close it; gives the URL."""

    def served(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    def accept(door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = door.accept()
                threading.Thread(target=served, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        threading.Thread(target=accept, args=(door,), daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


def reset(connection: socket.socket) -> None:
    """Closing will not wait and not say goodbye: the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
