"""The traffic that every contender replays, and the cassettes that hold it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

BODY: Final = json.dumps({"id": "cus_NffrFeUfNV2Hib", "object": "customer", "items": list(range(60))}).encode()
FIELDS: Final = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY))), ("Request-Id", "req_1")]


def url(number: int) -> str:
    return f"https://api.example.com/v1/customers/{number}"


def write_cassette(path: Path, numbers: range, body: bytes = BODY) -> Path:
    """Write a cassette of a different request for each number."""
    # The peers' environments, which take the rest of this module, have no undrift.
    from undrift.model import Cassette, Headers, Interaction, Request, Response  # noqa: PLC0415 - as said
    from undrift.scrub import Secrets, scrub  # noqa: PLC0415 - as said
    from undrift.store import write  # noqa: PLC0415 - as said

    fields = [(name, str(len(body)) if name == "Content-Length" else value) for name, value in FIELDS]
    response = Response(200, "OK", Headers.of(fields), body)
    kept = tuple(Interaction(Request("GET", url(number)), response) for number in numbers)
    write(path, scrub(Cassette(kept), Secrets.named({})))
    return path
