"""Ports on which nobody listens, and that nobody else is given meanwhile."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def held(port: int = 0) -> Iterator[int]:
    """Keep this port, or a free one, for the length of the block.

    A connection to it is refused, until a server that reuses addresses listens on it. Without this
    a test that runs at the same time may be given the port of a server that has just ended, and
    each of the two then sees the other's requests.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        yield bound.getsockname()[1]
