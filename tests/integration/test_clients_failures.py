"""Failures of a connection, kept and raised again: the same class, through every client."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.integration.clients import CLIENTS, Asked, record, replay
from tests.ports import held
from tests.sockets import listening, reset

from undrift import store

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"


@contextmanager
def unreliable() -> Iterator[str]:
    """A server that breaks off in as many ways as its paths name."""
    stop = threading.Event()

    def serve(connection: socket.socket) -> None:
        received = connection.recv(65536)
        how = received.split(b" ")[1] if received else b""
        if b"late" in how:
            stop.wait(5)
        if b"half" in how:
            connection.sendall(HEAD + b"half of it")
        if b"garbage" in how:
            connection.sendall(b"this is no HTTP\r\n\r\n")
        if b"reset" in how:
            reset(connection)

    with listening(serve) as url:
        yield url
        stop.set()


WAYS = {"closed": "reset", "reset": "reset", "half": "reset", "late": "timeout"}


def error_of(client: str, asked: Asked) -> str:
    try:
        seen = CLIENTS[client](asked)
    except Exception as error:  # noqa: BLE001 - each client has its own
        return type(error).__qualname__
    return f"answered with {seen.status}"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_failure_is_raised_again_as_the_same_class(client: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with unreliable() as url, held() as port:

        def ask() -> dict[str, str]:
            addresses = {way: f"{url}/{way}" for way in WAYS} | {"refused": f"http://127.0.0.1:{port}/"}
            return {
                way: error_of(client, Asked(address, limit=0.3 if way == "late" else 5))
                for way, address in addresses.items()
            }

        live = record(path, ask)
    again = replay(path, ask)
    assert again == live
    assert not any(seen.startswith("answered") for way, seen in live.items() if way != "half"), live
    kinds = {failure.request.url.rpartition("/")[2]: failure.kind for failure in store.read(path).failures}
    assert kinds == {**{way: kind for way, kind in WAYS.items() if way in kinds}, "": "connection-refused"}
