from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from undrift.engine import clients_urllib3, exchange, interception

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.engine import Deck
    from undrift.model import Request


@pytest.fixture
def intercepted() -> Iterator[None]:
    with interception():
        yield


@pytest.fixture
def sent_below(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that went the whole way, down to urllib3's connections."""
    seen: list[str] = []

    def watched(deck: Deck, request: Request) -> Any:
        seen.append(request.url)
        return exchange.exchange(deck, request)

    monkeypatch.setattr(clients_urllib3, "exchange", watched)
    return seen
