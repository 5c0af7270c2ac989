"""Blocking by the rules of pytest-recording, and in its words."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

import undrift

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_loopback_is_refused_too_and_the_socket_closed(method: str, port: int) -> None:
    with socket.socket() as one, undrift.blocking_context():
        with pytest.raises(RuntimeError, match=r"^Network is disabled for host '127\.0\.0\.1'$"):
            getattr(one, method)(("127.0.0.1", port))
        assert one.fileno() == -1


@pytest.mark.parametrize("allowed", [["127.0.0.1"], ["example", r"127\.0\..*"], [], ["127"]])
def test_allowed_hosts_are_regular_expressions(allowed: list[str], port: int) -> None:
    with socket.socket() as one, undrift.blocking_context(allowed_hosts=allowed):
        one.connect(("127.0.0.1", port))


def test_other_hosts_are_refused(port: int) -> None:
    with socket.socket() as one, undrift.blocking_context(["example"]), pytest.raises(RuntimeError):
        one.connect(("127.0.0.1", port))


@pytest.mark.parametrize("kind", [str, bytes])
def test_a_unix_socket_is_named_by_its_path(tmp_path: Path, kind: type) -> None:
    path = str(tmp_path / "s")
    address = path.encode() if kind is bytes else path
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as one:
        server.bind(path)
        server.listen()
        with undrift.blocking_context([re.escape(str(tmp_path))]):
            one.connect(address)
    refused = pytest.raises(RuntimeError, match="Network is disabled for host")
    with socket.socket(socket.AF_UNIX) as one, undrift.blocking_context(["nothing"]), refused:
        one.connect(address)


def test_afterwards_everything_is_as_before(port: int) -> None:
    before = socket.socket.connect
    with undrift.blocking_context(), undrift.blocking_context(["127"]):
        pass
    assert socket.socket.connect == before
    with socket.create_connection(("127.0.0.1", port)):
        pass
