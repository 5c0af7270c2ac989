from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any

import pytest
from tests.webserver import serving

import undrift.engine.blocking
from undrift.engine import Deck, DeckOptions, Policy, deck_in_use, interception
from undrift.errors import NetworkRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("intercepted")


def test_connections_and_look_ups_are_refused_in_replay() -> None:
    deck = Deck(None, DeckOptions(guarded=True, record_command="undrift record tests"))
    with deck_in_use(deck):
        with pytest.raises(NetworkRefusedError, match=r"look-up of example\.com was refused"):
            socket.getaddrinfo("example.com", 443)
        with pytest.raises(NetworkRefusedError, match=r"connection to 192\.0\.2\.1 was refused"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        with pytest.raises(NetworkRefusedError), socket.socket() as plain:
            plain.connect_ex(("192.0.2.1", 80))
        with pytest.raises(NetworkRefusedError):
            socket.gethostbyname("example.com")
        with pytest.raises(NetworkRefusedError, match="undrift record tests"):
            asyncio.run(_open("example.com"))
    assert len(deck.refusals) == 5


@pytest.mark.parametrize("host", ["example.com", "192.0.2.1", b"example.com"])
@pytest.mark.parametrize(
    "look_up",
    [
        lambda host: socket.gethostbyaddr(host),  # noqa: PLW0108 - looked up when called: it is replaced
        lambda host: socket.getnameinfo((host, 443), 0),
        lambda host: socket.getfqdn(host),  # noqa: PLW0108 - as above
        lambda host: asyncio.run(_name(host)),
    ],
    ids=["gethostbyaddr", "getnameinfo", "getfqdn", "asyncio"],
)
def test_nobody_is_asked_whose_an_address_is(look_up: Callable[[Any], Any], host: str | bytes) -> None:
    name = host if isinstance(host, str) else host.decode()
    deck = Deck(None, DeckOptions(guarded=True))
    with deck_in_use(deck), pytest.raises(NetworkRefusedError, match=f"look-up of {re.escape(name)} was refused"):
        look_up(host)
    assert len(deck.refusals) == 1


@pytest.mark.parametrize("name", ["gethostbyname", "gethostbyname_ex", "getaddrinfo"])
def test_each_look_up_names_the_host(name: str) -> None:
    arguments = ("example.com", 443) if name == "getaddrinfo" else ("example.com",)
    deck = Deck(None, DeckOptions(guarded=True))
    with deck_in_use(deck):
        with pytest.raises(NetworkRefusedError, match=r"look-up of example\.com was refused"):
            getattr(socket, name)(*arguments)
        with pytest.raises(NetworkRefusedError, match=r"look-up of example\.com was refused"):
            asyncio.run(_address("example.com"))


async def _name(host: Any) -> Any:
    return await asyncio.get_running_loop().getnameinfo((host, 443))


async def _address(host: str) -> Any:
    return await asyncio.get_running_loop().getaddrinfo(host, 443)


async def _open(host: str) -> None:
    await asyncio.open_connection(host, 80)


def test_loopback_and_unix_sockets_pass() -> None:
    with serving() as server, deck_in_use(Deck(None, DeckOptions(guarded=True))):
        socket.create_connection(server.place, timeout=1).close()
        assert socket.getaddrinfo("localhost", 80)
        assert socket.getaddrinfo(None, 80)
        assert socket.getaddrinfo(b"127.0.0.1", 80)
        assert socket.gethostbyaddr("127.0.0.1")
        assert socket.getnameinfo(("127.0.0.1", 80), 0)
        # Nobody is asked for what is written in numbers.
        assert socket.getnameinfo(("192.0.2.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV) == (
            "192.0.2.1",
            "80",
        )
        left, right = socket.socketpair()
        left.close()
        right.close()


def test_allowed_hosts_pass() -> None:
    deck = Deck(None, DeckOptions(guarded=True, allowed_hosts=(r"192\.0\.2\.",)))
    with deck_in_use(deck), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        # Connecting a datagram socket sends nothing.
        try:
            datagrams.connect(("192.0.2.7", 9))
        except OSError as error:
            assert not isinstance(error, NetworkRefusedError)  # noqa: PT017 - no route is fine, a refusal is not
    assert deck.refusals == []


def test_nothing_is_refused_without_a_replaying_deck() -> None:
    with serving() as server:
        with deck_in_use(Deck(None, DeckOptions(policy=Policy.RECORD))):
            socket.create_connection(server.place, timeout=1).close()
        assert socket.getaddrinfo("127.0.0.1", 80)


def test_interception_leaves_everything_as_it_was() -> None:
    import httpx

    inside = (socket.getaddrinfo, socket.socket.connect, httpx.HTTPTransport.handle_request)
    with interception():
        assert inside == (socket.getaddrinfo, socket.socket.connect, httpx.HTTPTransport.handle_request)
    assert inside == (socket.getaddrinfo, socket.socket.connect, httpx.HTTPTransport.handle_request)


def test_blocking_as_pytest_recording_does() -> None:
    blocking = undrift.engine.blocking.blocking_context
    with blocking(), pytest.raises(RuntimeError, match=r"^Network is disabled for host '127\.0\.0\.1'$"):
        socket.create_connection(("127.0.0.1", 9))
    with serving() as server, blocking(allowed_hosts=[r"127\.0"]):
        socket.create_connection(server.place, timeout=1).close()


def test_datagrams_are_refused_too() -> None:
    deck = Deck(None, DeckOptions(guarded=True))
    with deck_in_use(deck), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(NetworkRefusedError, match=r"datagram to 192\.0\.2\.1 was refused"):
            datagrams.sendto(b"hello", ("192.0.2.1", 9))
        with pytest.raises(NetworkRefusedError):
            datagrams.sendto(b"hello", 0, ("192.0.2.1", 9))
        with pytest.raises(NetworkRefusedError, match=r"datagram to 192\.0\.2\.1 was refused"):
            datagrams.sendmsg([b"hello"], [], 0, ("192.0.2.1", 9))
        assert datagrams.sendto(b"hello", ("127.0.0.1", 9)) == 5
        assert datagrams.sendmsg([b"hello"], [], 0, ("127.0.0.1", 9)) == 5
        datagrams.connect(("127.0.0.1", 9))
        with suppress(ConnectionRefusedError):  # of the datagrams before
            assert datagrams.sendmsg([b"hello"]) == 5


def test_this_machine_by_its_own_name_and_by_a_mapped_address() -> None:
    deck = Deck(None, DeckOptions(guarded=True))
    with deck_in_use(deck):
        assert make_msgid()
        with suppress(OSError), socket.socket(socket.AF_INET6) as plain:
            plain.connect(("::ffff:127.0.0.1", 9))
    assert deck.refusals == []
