from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest
import urllib3.connection

from undrift.engine import Deck, DeckOptions, deck_in_use, interception
from undrift.errors import NoCassetteError


def patched() -> dict[str, object]:
    https = urllib3.connection.HTTPSConnection
    return {
        "httpx": httpx.HTTPTransport.handle_request,
        "async": httpx.AsyncHTTPTransport.handle_async_request,
        "request": urllib3.connection.HTTPConnection.request,
        "connect": https.connect,
        "own": "request" in vars(https),
        "inherited": "getresponse" in vars(https),
        "socket": socket.socket.connect,
        "own connect": "connect" in vars(socket.socket),
        "look-up": socket.getaddrinfo,
    }


def test_everything_is_put_back_when_the_last_one_leaves() -> None:
    # In a process of its own: the tests around this one may have decks, and so interception.
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "all put back\n"), done.stderr


def everything_is_put_back() -> None:
    before = patched()
    with interception():
        with interception():
            inside = patched()
        assert patched() == inside
    assert patched() == before
    assert {name for name in before if before[name] != inside[name]} == set(before) - {"own", "inherited"}


LATE = """
import sys
from undrift.engine import interception
for name in [name for name in sys.modules if name.partition(".")[0] in {"httpx", "requests", "urllib3"}]:
    del sys.modules[name]
with interception():
    import httpx, requests
    https = requests.adapters.HTTPAdapter.send, requests.urllib3.connection.HTTPConnection.connect
    seen = httpx.HTTPTransport.handle_request, *https
    print([hasattr(method, "__wrapped__") for method in seen])
seen = httpx.HTTPTransport.handle_request, requests.adapters.HTTPAdapter.send
print([hasattr(method, "__wrapped__") for method in seen])
"""


def test_a_client_that_is_imported_later_is_intercepted_then() -> None:
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[True, True, True]\n[False, False]\n"), done.stderr


def test_a_client_that_is_not_installed_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    before = httpx.HTTPTransport.handle_request
    monkeypatch.setitem(sys.modules, "httpx", None)
    with interception(), deck_in_use(Deck(None, DeckOptions(), path="none.yaml")):
        assert httpx.HTTPTransport.handle_request is before
        with pytest.raises(NoCassetteError), urllib3.PoolManager() as pool:
            pool.request("GET", "http://127.0.0.1:9/")


def test_without_a_deck_requests_go_their_way() -> None:
    with interception(), pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9/")


if __name__ == "__main__":
    everything_is_put_back()
    sys.stdout.write("all put back\n")
