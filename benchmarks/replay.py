"""What one replayed request costs: undrift, vcrpy, and the client's own floor, in turn.

The floor is the client without any cassette: ``httpx.MockTransport``, and for requests an
adapter that returns a ready response. Every figure is the median of interleaved rounds, so
that a machine whose speed drifts treats all alike.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import requests
import vcr
from requests.adapters import BaseAdapter

from undrift import use_cassette
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import read, write

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
SIZES = (10, 100, 1_000)
BODY = json.dumps({"id": "cus_NffrFeUfNV2Hib", "object": "customer", "items": list(range(60))}).encode()
FIELDS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY))), ("Request-Id", "req_1")]

Timed = dict[str, float]


def url(number: int) -> str:
    return f"https://api.example.com/v1/customers/{number}"


def cassette_file(folder: Path, size: int) -> Path:
    """Write a cassette of that many different requests."""
    path = folder / f"{size}.yaml"
    response = Response(200, "OK", Headers.of(FIELDS), BODY)
    kept = tuple(Interaction(Request("GET", url(number)), response) for number in range(size))
    write(path, scrub(Cassette(kept), Secrets.named({})))
    return path


class ReadyAdapter(BaseAdapter):
    """Answers with a response that costs nothing but making it."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.headers.update(FIELDS)
        response._content = BODY  # noqa: SLF001 - the floor is what it costs to have a response at all
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """There is nothing to close."""


def with_httpx(client: httpx.Client, count: int) -> float:
    started = time.perf_counter()
    for number in range(count):
        client.get(url(number)).json()
    return (time.perf_counter() - started) / count


def with_requests(session: requests.Session, count: int) -> float:
    started = time.perf_counter()
    for number in range(count):
        session.get(url(number)).json()
    return (time.perf_counter() - started) / count


def floor_httpx(_path: Path, count: int) -> float:
    handler = httpx.MockTransport(lambda _request: httpx.Response(200, headers=FIELDS, content=BODY))
    with httpx.Client(transport=handler) as client:
        return with_httpx(client, count)


def floor_requests(_path: Path, count: int) -> float:
    with requests.Session() as session:
        session.mount("https://", ReadyAdapter())
        return with_requests(session, count)


def undrift_httpx(path: Path, count: int) -> float:
    with use_cassette(path, mode="replay"), httpx.Client() as client:
        return with_httpx(client, count)


def undrift_requests(path: Path, count: int) -> float:
    with use_cassette(path, mode="replay"), requests.Session() as session:
        return with_requests(session, count)


def vcrpy_httpx(path: Path, count: int) -> float:
    with vcr.use_cassette(str(path), record_mode="none"), httpx.Client() as client:
        return with_httpx(client, count)


def vcrpy_requests(path: Path, count: int) -> float:
    with vcr.use_cassette(str(path), record_mode="none"), requests.Session() as session:
        return with_requests(session, count)


CONTENDERS: dict[str, dict[str, Callable[[Path, int], float]]] = {
    "httpx": {"floor": floor_httpx, "undrift": undrift_httpx, "vcrpy": vcrpy_httpx},
    "requests": {"floor": floor_requests, "undrift": undrift_requests, "vcrpy": vcrpy_requests},
}


def measure() -> list[dict[str, Any]]:
    """One row a client and size: microseconds a request, and each one's ratio to the floor."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = cassette_file(Path(folder), size)
            for client, contenders in CONTENDERS.items():
                taken: dict[str, list[float]] = {name: [] for name in contenders}
                for _ in range(ROUNDS):
                    for name, run in contenders.items():
                        taken[name].append(run(path, size))
                medians = {name: statistics.median(times) * 1e6 for name, times in taken.items()}
                rows.append({"client": client, "interactions": size, **medians})
    return rows


def loading(size: int = 3_000) -> dict[str, float]:
    """Seconds to load a cassette: undrift, and PyYAML's own parse of the same text."""
    import yaml  # noqa: PLC0415 - the floor of loading

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tempfile.TemporaryDirectory() as folder:
        path = cassette_file(Path(folder), size)
        text = path.read_text("utf-8")
        taken: dict[str, list[float]] = {"undrift": [], "PyYAML": []}
        for _ in range(3):
            started = time.perf_counter()
            read(path)
            taken["undrift"].append(time.perf_counter() - started)
            started = time.perf_counter()
            yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
            taken["PyYAML"].append(time.perf_counter() - started)
        medians = {name: statistics.median(times) for name, times in taken.items()}
        return {"interactions": size, "bytes": len(text), **medians}
