"""What scrubbing adds to recording: 1,000 interactions with a server on this machine, with it and without.

Without it the take is stored as it is, and the last look at the file is left out. Both run in
turn; seconds are those of the CPU, client and server together, and the ratio is the median of the rounds.
On a machine that does other things too that ratio varies by a tenth and more: what both take is also timed
directly, as a part of all the rest of the same recording.
Once each answer hands out a new token, which is then looked for in all others, and once none does.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # noqa: TID251 - the server to record
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

from undrift import use_cassette
from undrift.scrub import Secrets, cassette
from undrift.scrub.cassette import Scrubbed
from undrift.store import last_look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undrift.model import Cassette

ROUNDS = 3
INTERACTIONS = 1_000
KEY = "shop_test_4eC39HqLyjWDarjtT1zdp7dc"
WITH_TOKENS, WITHOUT_TOKENS = "/v1/setups/", "/v1/customers/"
PROJECT = """
[tool.undrift]
[tool.undrift.services.shop]
origins = ["https://shop.example", "http://127.0.0.1:*"]
credentials = { SHOP_KEY = "shop_test_[A-Za-z0-9]+" }
"""
CUSTOMER = {
    "object": "customer",
    "description": "Ann's first account, made in a test; see https://example.com/a?b=c",
    "metadata": {"order": "6735", "note": 'a "quoted" word'},
    "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
    "address": {"city": "Zürich", "country": "CH", "line1": "Bahnhofstrasse 1", "postal_code": "8001"},
    "preferred_locales": ["de-CH", "en"],
    "sources": [{"id": f"card_1NffrFeUfNV2Hib{number}", "brand": "Visa", "last4": "4242"} for number in range(6)],
}


class _Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet for each answer, at once: no algorithm of TCP is to be measured.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        number = self.path.rpartition("/")[2]
        token = hashlib.sha256(number.encode()).hexdigest()[:24]
        handed_out = {"client_secret": f"cus_secret_{token}"} if self.path.startswith(WITH_TOKENS) else {}
        body = json.dumps({"id": f"cus_{number:0>14}", **CUSTOMER, **handed_out}).encode()
        self.send_response(200)
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Request-Id": f"req_{number}"}
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def without_scrubbing() -> Iterator[None]:
    def as_it_is(recorded: Cassette, _: Secrets) -> Scrubbed:
        return Scrubbed(recorded, (), Secrets(), cassette._MAKER)  # noqa: SLF001 - nothing else may make one

    with ExitStack() as stack:
        stack.enter_context(mock.patch("undrift.scrub.scrub", as_it_is))
        stack.enter_context(mock.patch("undrift.store.last_look.refuse_leaks"))
        yield


@contextmanager
def timed() -> Iterator[list[float]]:
    """The seconds of CPU that scrubbing and the last look take, as they come."""
    spent: list[float] = []

    def measured(function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.process_time()
            try:
                return function(*arguments)
            finally:
                spent.append(time.process_time() - started)

        return timed

    with ExitStack() as stack:
        stack.enter_context(mock.patch("undrift.scrub.scrub", measured(cassette.scrub)))
        stack.enter_context(mock.patch("undrift.store.last_look.refuse_leaks", measured(last_look.refuse_leaks)))
        yield spent


def recorded(url: str, path: Path, interactions: int) -> float:
    """The seconds of CPU that a recording takes, from the first request until its cassette is on disk."""
    with httpx.Client(headers={"Authorization": f"Bearer {KEY}"}) as client:
        started = time.process_time()
        with use_cassette(path, mode="record"):
            for number in range(interactions):
                client.get(f"{url}{number}").json()
        return time.process_time() - started


def measure(interactions: int = INTERACTIONS, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """The median seconds with scrubbing and without, and their ratio, for each kind of answers."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name, shop() as url, mock.patch.dict(os.environ, {"SHOP_KEY": KEY}):
        folder = Path(name)
        (folder / "pyproject.toml").write_text(PROJECT, "utf-8")
        os.chdir(folder)
        try:
            return {
                kind: _measure(f"{url}{path}", folder, interactions, rounds)
                for kind, path in (("a new token in each", WITH_TOKENS), ("no token in any", WITHOUT_TOKENS))
            }
        finally:
            os.chdir(before)


def _measure(url: str, folder: Path, interactions: int, rounds: int) -> dict[str, float]:
    scrubbed, as_it_is = folder / "scrubbed.yaml", folder / "as-it-is.yaml"
    with_it, without, parts = [], [], []
    for _ in range(rounds):
        scrubbed.unlink(missing_ok=True)
        as_it_is.unlink(missing_ok=True)
        with without_scrubbing():
            without.append(recorded(url, as_it_is, interactions))
        with timed() as spent:
            with_it.append(recorded(url, scrubbed, interactions))
        parts.append(sum(spent) / (with_it[-1] - sum(spent)))
    assert KEY in as_it_is.read_text("utf-8")
    assert KEY not in scrubbed.read_text("utf-8")
    ratios = [one / other for one, other in zip(with_it, without, strict=True)]
    return {
        "with": statistics.median(with_it),
        "without": statistics.median(without),
        "ratio": statistics.median(ratios),
        "part": statistics.median(parts),
    }


if __name__ == "__main__":
    for kind, result in measure().items():
        print(
            f"Recording {INTERACTIONS:,} interactions, {kind}: {result['with']:.2f} s, without scrubbing "
            f"{result['without']:.2f} s ({result['ratio']:.3f} ×); timed directly {result['part']:.1%} of the rest"
        )
