"""A sandbox that serves the resources of one date as Stripe's does: lists, retrieval, creation, expansion.

Ids and times are new in each take, request ids and ETags in each answer.
"""

from __future__ import annotations

import json
import random
import re
import string
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY = Path(__file__).parents[2] / "shared" / "stripe-history"
DATES = sorted(HISTORY.glob("*.json"))

ALPHABET = string.ascii_letters + string.digits
ID = re.compile(r"\b([a-z]{2,5}(?:_[a-z]{2,})*_)([0-9A-Za-z]{14,})\b")
ERROR = {"error": {"type": "invalid_request_error", "message": "Unrecognized request URL", "code": "url_invalid"}}

Fields = list[tuple[str, str]]


class Sandbox:
    """One take of a server: ``resources`` are the example of each by its name, ``seed`` tells takes apart."""

    def __init__(self, resources: dict[str, Any], seed: int) -> None:
        self.resources = resources
        self.chance = random.Random(seed)  # noqa: S311 - the same take each time
        self.ids: dict[tuple[str, int], str] = {}
        self.started = 1_795_218_000 + seed * 37

    def handle(self, method: str, target: str) -> tuple[int, Fields, bytes]:
        """The answer to a request: its status, its header fields and its body."""
        url = urlsplit(target)
        body = self.body(method, url.path.removeprefix("/v1/").split("/"), parse_qs(url.query))
        made_up = {"Request-Id": f"req_{self.token(14)}", "ETag": f'W/"{self.chance.getrandbits(64):016x}"'}
        fields = [("Content-Type", "application/json"), *made_up.items()]
        return 200 if body else 404, fields, json.dumps(body or ERROR, indent=2).encode()

    def body(self, method: str, path: list[str], query: dict[str, list[str]]) -> Any:
        name = path[0].removesuffix("s")
        if path[0] == "events" and query.get("type", [""])[0] in self.resources:
            return {"object": "event", "data": {"object": self.answer(query["type"][0])}, "pending_webhooks": 0}
        if name not in self.resources:
            return None
        if method == "POST" or len(path) > 1:
            return self.expanded(self.answer(name), query.get("expand[]", []))
        data = [self.answer(name, copy) for copy in range(int(query.get("limit", ["10"])[0]))]
        return {"object": "list", "data": data, "has_more": False, "url": f"/v1/{name}s"}

    def answer(self, name: str, copy: int = 0) -> Any:
        text = ID.sub(lambda match: match[1] + self.id(match[2], copy), json.dumps(self.resources[name]))
        return self.moved(json.loads(text), copy)

    def expanded(self, body: Any, fields: list[str]) -> Any:
        """The same with the whole resource where a field has its id."""
        return body | {field: self.answer(field) for field in fields if field in body and field in self.resources}

    def id(self, original: str, copy: int = 0) -> str:
        key = original, copy
        if key not in self.ids:
            self.ids[key] = self.token(len(original))
        return self.ids[key]

    def token(self, length: int) -> str:
        return "".join(self.chance.choices(ALPHABET, k=length))

    def moved(self, value: Any, copy: int) -> Any:
        if isinstance(value, dict):
            return {name: self.moved(member, copy) for name, member in value.items()}
        if isinstance(value, list):
            return [self.moved(element, copy) for element in value]
        if isinstance(value, int) and 1_000_000_000 < value < 2_000_000_000:
            return self.started + copy + value % 7
        return value

    def session(self, names: list[str]) -> Iterator[tuple[str, str]]:
        """What a client asks for that creates, reads, lists and expands each resource."""
        for name in names:
            if name not in self.resources:
                yield "GET", f"/v1/{name}s"
                continue
            one = self.answer(name)
            path = f"/v1/{name}s/{one.get('id', 'current')}"
            yield "POST", f"/v1/{name}s"
            yield "GET", path
            yield "GET", f"/v1/{name}s?limit=3"
            yield "GET", f"/v1/events/evt_{self.id(f'{name:14.14}', 9)}?type={name}"
            yield from (
                ("GET", f"{path}?expand[]={field}")
                for field, value in one.items()
                if field in self.resources and isinstance(value, str)
            )


@contextmanager
def serving(sandbox: Sandbox) -> Iterator[str]:
    """The sandbox over real HTTP, at the URL that this gives."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, fields, body = sandbox.handle(self.command, self.path)
            self.send_response(status)
            for name, value in (*fields, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: what was asked is in the cassette."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
