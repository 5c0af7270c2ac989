"""A small web server on a loopback port, for what the sandboxes do not do."""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_Server = TypeVar("_Server", bound=BaseServer)


class WebServer(ThreadingHTTPServer):
    """Answers with a new id each time; ``hits`` are the requests that really arrived."""

    daemon_threads = True
    # Fifty clients may knock at once.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hits: list[tuple[str, str, bytes]] = []
        self.numbers = itertools.count(1)

    @property
    def place(self) -> tuple[str, int]:
        return "127.0.0.1", self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebServer

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        self.server.hits.append((self.command, self.path, content))
        route = self.path.partition("?")[0].strip("/") or "index"
        getattr(self, f"at_{route}", self.at_index)(content)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def send(self, status: int, body: bytes, *fields: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def at_index(self, content: bytes) -> None:
        number = next(self.server.numbers)
        body = json.dumps({"id": f"obj_{number:014d}x", "number": 7, "sent": content.decode("latin-1")}).encode()
        self.send(200, body, ("Content-Type", "application/json"))

    def at_zipped(self, _content: bytes) -> None:
        body = gzip.compress(b'{"zipped": true, "text": "' + b"abc" * 50 + b'"}', mtime=0)
        self.send(200, body, ("Content-Type", "application/json"), ("Content-Encoding", "gzip"))

    def at_fields(self, _content: bytes) -> None:
        fields = (("X-Second", "b"), ("x-FIRST", "a"), ("Set-Cookie", "one=1; Path=/"), ("Set-Cookie", "two=2"))
        self.send(200, b"fields", ("Content-Type", "text/plain"), *fields)

    def at_binary(self, _content: bytes) -> None:
        self.send(200, bytes(range(256)), ("Content-Type", "application/octet-stream"))

    def at_empty(self, _content: bytes) -> None:
        self.send_response(204)
        self.end_headers()

    def at_moved(self, _content: bytes) -> None:
        self.send(302, b"", ("Location", "/index"))

    def at_busy(self, _content: bytes) -> None:
        number = next(self.server.numbers)
        self.send(503 if number < 3 else 200, str(number).encode(), ("Content-Type", "text/plain"))

    def at_cut(self, _content: bytes) -> None:
        self.close_connection = True
        self.connection.close()

    def at_chunked(self, _content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    def at_slow(self, _content: bytes) -> None:
        threading.Event().wait(1)
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send(200, b"late", ("Content-Type", "text/plain"))

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[WebServer]:
    """Give a running server for the length of the block."""
    with in_background(WebServer()) as server:
        yield server


@contextmanager
def in_background(server: _Server) -> Iterator[_Server]:
    """Let a server serve for the length of the block, and close it."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def get(url: str) -> bytes:
    """What is there, by nothing but http.client."""
    parts = urlsplit(url)
    # By its full name, which vcrpy gives a class of its own.
    connection = http.client.HTTPConnection(parts.netloc)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().read()
    finally:
        connection.close()
