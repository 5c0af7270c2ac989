from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from undrift.errors import UsageError
from undrift.model import Cassette, Interaction, Request, Response
from undrift.serve import server

if TYPE_CHECKING:
    from pathlib import Path

CASSETTE = Cassette((Interaction(Request("GET", "https://api.example.com/a"), Response(200, body=b"hello")),))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def test_a_server_answers_within_its_block_and_not_after() -> None:
    threads = threading.active_count()
    with server([CASSETTE]) as running:
        assert httpx.get(f"{running.url}/a", timeout=10).text == "hello"
    assert threading.active_count() == threads
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_a_server_that_nobody_asked_stops_at_once() -> None:
    with server([]):
        pass


def test_the_block_may_fail_and_the_server_stops_all_the_same() -> None:
    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError), server([CASSETTE]):
        _ = 1 / 0
    assert threading.active_count() == threads


def test_the_port_may_be_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with server([CASSETTE], port=port) as running:
        assert running.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("wrong", [-1, 65_536])
def test_a_port_that_is_none_is_refused(wrong: int) -> None:
    with pytest.raises(UsageError, match=rf"There is no port {wrong}\."), server([], port=wrong):
        pass


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"Port {port} .*Give another, or 0"), server([], port=port):
            pass


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_without_its_packages_it_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [found for found in sys.modules if found.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delitem(sys.modules, "undrift.serve.application", raising=False)
    monkeypatch.delattr("undrift.serve.application", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf'package {name}.*pip install "undrift\[serve\]"'), server([]):
        pass


def test_run_serves_until_ctrl_c(tmp_path: Path) -> None:
    script = tmp_path / "serving.py"
    script.write_text(
        textwrap.dedent("""\
            import signal

            from undrift.model import Cassette, Interaction, Request, Response
            from undrift.serve import run

            # A suite that was started in the background ignores Ctrl-C, and so would what it starts.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            interaction = Interaction(Request("GET", "https://api.example.com/a"), Response(200, body=b"hello"))
            run([Cassette((interaction,))], announce=lambda url: print(url, flush=True))
            print("stopped")
        """),
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        try:
            assert run.stdout is not None
            answer = httpx.get(f"{run.stdout.readline().strip()}/a", timeout=10)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=20)
        finally:
            run.kill()
    assert answer.text == "hello"
    assert (run.returncode, out, err) == (0, "stopped\n", "")
