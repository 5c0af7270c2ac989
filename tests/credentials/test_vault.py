from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from tests.credentials import refusals
from tests.ports import held
from tests.webserver import in_background

from undrift.credentials import Vault
from undrift.credentials.asking import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk_test_fromvault"
TOKEN = "hvs.CAESIJ0123456789"


class VaultServer(ThreadingHTTPServer):
    """Speaks what Vault documents of its HTTP API for version 2 of the key-value store.

    ``GET /v1/:mount/data/:path`` answers ``{"data": {"data": …, "metadata": …}}``, 404 with an
    empty list of errors for what is not there, 404 with data for what was deleted, 403 for a
    wrong token, 503 while it is sealed; the namespace is the header X-Vault-Namespace.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secrets: dict[str, Any] = {"/v1/secret/data/undrift/sandbox": {"SHOP_KEY": KEY, "SHOP_PORT": 80}}
        self.namespace: str | None = None
        self.is_sealed = False
        self.hits: list[str] = []
        self.delay_seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: VaultServer

    def do_GET(self) -> None:
        self.server.hits.append(self.path)
        time.sleep(self.server.delay_seconds)
        path = self.path.partition("?")[0]
        if self.server.is_sealed:
            self.answer(503, {"errors": ["Vault is sealed"]})
        elif (
            self.headers.get("X-Vault-Token") != TOKEN or self.headers.get("X-Vault-Namespace") != self.server.namespace
        ):
            self.answer(403, {"errors": ["permission denied"]})
        elif path not in self.server.secrets:
            self.answer(404, {"errors": []})
        elif self.server.secrets[path] is None:
            self.answer(
                404, {"data": {"data": None, "metadata": {"deletion_time": "2026-01-01T00:00:00Z", "version": 2}}}
            )
        else:
            metadata = {"created_time": "2026-01-01T00:00:00Z", "deletion_time": "", "destroyed": False, "version": 1}
            content = self.server.secrets[path]
            wrapped = {"data": content, "metadata": metadata} if "/data/" in path else content
            self.answer(200, {"request_id": "1", "lease_id": "", "renewable": False, "data": wrapped})

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[VaultServer]:
    # Whoever runs the tests may be logged in to a Vault of their own.
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("VAULT_ADDR", "VAULT_TOKEN", "VAULT_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    with in_background(VaultServer()) as made:
        yield made


def vault(address: str = "", *, path: str = "undrift/sandbox", timeout: float = 5, **variables: str) -> Vault:
    return Vault(path, "secret", address, "", timeout, variables)


def test_what_it_keeps(server: VaultServer) -> None:
    answer = vault(server.url, VAULT_TOKEN=TOKEN).ask(["SHOP_KEY", "SHOP_PORT", "SHOP_USER"])
    assert answer.values == {"SHOP_KEY": KEY}
    assert server.hits == ["/v1/secret/data/undrift/sandbox"], "one request for all"


def test_its_usual_variables_are_heard(server: VaultServer, tmp_path: Any) -> None:
    server.namespace = "team"
    variables = {"VAULT_ADDR": server.url, "VAULT_NAMESPACE": "team"}
    (tmp_path / ".vault-token").write_text(TOKEN)
    assert Vault("undrift/sandbox", "secret", "", "", 5, variables).ask(["SHOP_KEY"]).values == {"SHOP_KEY": KEY}


@pytest.mark.usefixtures("server")
def test_where_it_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError, match=r"^VAULT_ADDR is not set$"):
        vault(VAULT_TOKEN=TOKEN).ask(["SHOP_KEY"])
    with pytest.raises(UnavailableError, match=r"^VAULT_TOKEN is not set$"):
        vault("http://127.0.0.1:1").ask(["SHOP_KEY"])
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(UnavailableError, match=r"^hvac is not installed; run `pip install 'undrift\[vault\]'`$"):
        vault().ask(["SHOP_KEY"])


refusal = partial(
    refusals.refusal, who="HashiCorp Vault", mend="providers.vault, or what Vault lets this token read", secret=TOKEN
)


def test_one_that_refuses(server: VaultServer) -> None:
    assert "permission denied" in refusal(vault(server.url, VAULT_TOKEN="wrong"))


def test_one_that_is_sealed(server: VaultServer) -> None:
    server.is_sealed = True
    assert "Vault is sealed" in refusal(vault(server.url, VAULT_TOKEN=TOKEN))


@pytest.mark.usefixtures("server")
def test_one_that_is_down() -> None:
    with held() as port:
        assert "Connection refused" in refusal(vault(f"http://127.0.0.1:{port}", VAULT_TOKEN=TOKEN))


def test_one_that_takes_too_long(server: VaultServer) -> None:
    server.delay_seconds = 0.3
    words = refusal(vault(server.url, timeout=0.05, VAULT_TOKEN=TOKEN))
    assert "it did not answer (timed out)" in words or "within 0.05 seconds" in words


def test_nothing_there(server: VaultServer) -> None:
    server.secrets["/v1/secret/data/gone"] = None
    for path in ("undrift/typo", "gone"):
        assert f"there is nothing at secret/{path}" in refusal(vault(server.url, path=path, VAULT_TOKEN=TOKEN))


def test_a_secret_of_another_kind(server: VaultServer) -> None:
    server.secrets["/v1/secret/data/list"] = ["a"]
    assert "secret/list is no secret of version 2" in refusal(vault(server.url, path="list", VAULT_TOKEN=TOKEN))
