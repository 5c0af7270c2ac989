"""Blocking by the rules of pytest-recording, and in its words."""

from __future__ import annotations

import re
import socket
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

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


def test_what_is_neither_internet_nor_unix_has_no_host_and_is_refused() -> None:
    if not hasattr(socket, "AF_NETLINK"):
        pytest.skip("there are no netlink sockets here")
    with (
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as one,
        undrift.blocking_context(["0", "127"]),
        pytest.raises(RuntimeError, match=r"^Network is disabled for host ''$"),
    ):
        one.connect((0, 0))


def test_a_pair_of_sockets_is_no_connection(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    def as_on_windows() -> tuple[socket.socket, socket.socket]:
        one, two = socket.socket(), socket.socket()
        one.connect(("127.0.0.1", port))
        return one, two

    monkeypatch.setattr(socket, "socketpair", as_on_windows)
    with undrift.blocking_context():
        for one in socket.socketpair():
            one.close()
        with socket.socket() as three, pytest.raises(RuntimeError):
            three.connect(("127.0.0.1", port))
    assert socket.socketpair is as_on_windows


def test_pycurl_is_refused_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Handle:
        def __init__(self) -> None:
            self.options: dict[int, Any] = {}

        def setopt(self, option: int, value: Any) -> None:
            self.options[option] = value

        def perform(self) -> str:
            return f"went to {self.options.get(10002)}"

    pycurl = SimpleNamespace(Curl=Handle, URL=10002)
    monkeypatch.setitem(sys.modules, "pycurl", pycurl)
    with undrift.blocking_context(["allowed"]):
        handle = pycurl.Curl()
        assert handle.perform() == "went to None"
        handle.setopt(1, "http://refused.example/")
        handle.setopt(pycurl.URL, b"http://allowed.example/")
        assert handle.perform() == "went to b'http://allowed.example/'"
        handle.setopt(pycurl.URL, "http://refused.example/")
        with pytest.raises(RuntimeError, match=r"^Network is disabled for host 'refused.example'$"):
            handle.perform()
    assert pycurl.Curl is Handle
