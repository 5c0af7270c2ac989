"""Builders that the tests of drift share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from undrift.drift import Comparison, Context, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

JSON = ("Content-Type", "application/json")


def answer(  # noqa: PLR0913 - what an interaction is made of, all of it optional
    body: Any = None,
    *,
    url: str = "https://api.test/v1/things",
    method: str = "GET",
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
    sent: Any = None,
    sent_headers: Sequence[tuple[str, str]] = (),
) -> Interaction:
    """An interaction; bodies are JSON, or bytes as they are."""
    request = Request(method, url, Headers.of([*sent_headers, *([JSON] if sent is not None else [])]), packed(sent))
    kind = [JSON] if body is not None and not any(name.lower() == "content-type" for name, _ in headers) else []
    return Interaction(request, Response(status, "", Headers.of([*kind, *headers]), packed(body)))


def packed(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def check(stored: Sequence[Interaction], fresh: Sequence[Interaction], **context: Any) -> Comparison:
    """Compare two lists of interactions."""
    takes = {name: context.pop(name, ()) for name in ("stored_takes", "fresh_takes")}
    return compare(
        Cassette(tuple(stored)),
        Cassette(tuple(fresh)),
        Context("cassettes/a.yaml", **context),
        stored_takes=[Cassette(tuple(take)) for take in takes["stored_takes"]],
        fresh_takes=[Cassette(tuple(take)) for take in takes["fresh_takes"]],
    )


@pytest.fixture(name="answer", scope="session")
def _answer() -> Callable[..., Interaction]:
    return answer


@pytest.fixture(name="check", scope="session")
def _check() -> Callable[..., Comparison]:
    return check


@pytest.fixture(scope="session")
def told() -> Callable[[Comparison], list[tuple[str, str, str]]]:
    """The findings in short: severity, kind and path."""
    return lambda seen: [(one.severity.label, str(one.kind), one.path) for one in seen.findings]


@pytest.fixture(scope="session")
def between(told: Callable[[Comparison], list[tuple[str, str, str]]]) -> Callable[..., list[tuple[str, str, str]]]:
    """The findings between two bodies, in short."""
    return lambda stored, fresh, **more: told(check([answer(stored, **more)], [answer(fresh, **more)]))
