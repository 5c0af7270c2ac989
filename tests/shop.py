"""A session with the services of a shop, and decks that it opens, for tests of what becomes of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from undrift import store
from undrift.app.open_deck import DeckSpec, OpenDeck
from undrift.app.session import Session
from undrift.config import Mode, parse
from undrift.model import Headers, Request, Response
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RUN = "2026-11-20T02-00-00Z-7f3a"
KEY = "sk_test_abcdefghijkl"
TABLE = {
    "client_drift": "warn",
    "match_headers": ["Api-Version"],
    "services": {
        "shop": {
            "origins": ["https://shop.example", "http://127.0.0.1:*"],
            "credentials": {"SHOP_KEY": "sk_test_[a-z]{12}"},
            "match_headers": ["Shop-Version", "Api-Version"],
        },
        "pay-out": {"origins": ["https://pay.example", "http://127.0.0.1:*"]},
    },
}


def session(root: Path, environment: Mapping[str, str] | None = None, mode: Mode = Mode.RECORD) -> Session:
    return Session(
        parse(TABLE),
        Workspace(root),
        RUN,
        {"SHOP_KEY": KEY} if environment is None else environment,
        lambda: dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC),
        mode=mode,
        guarded=True,
    )


def opened(root: Path, mode: Mode = Mode.RECORD, *, record_mode: str = "", **options: Any) -> OpenDeck:
    return opened_in(session(root), "tests/test_x.py::test_y[a b]", mode, record_mode=record_mode, **options)


def opened_in(run: Session, owner: str, mode: Mode = Mode.RECORD, *, record_mode: str = "", **options: Any) -> OpenDeck:
    path = run.workspace.root / "tapes" / "y.yaml"
    return run.open(DeckSpec(owner, path, mode, options, record_mode=record_mode))


def get(path: str = "a") -> Request:
    return Request("GET", f"https://shop.example/{path}", Headers.of([("Authorization", f"Bearer {KEY}")]))


def keep(deck: OpenDeck, *paths: str, text: bytes = b"new") -> OpenDeck:
    for path in paths:
        deck.deck.keep(get(path), Response(200, body=text))
    return deck


def stored(root: Path) -> list[tuple[str, bytes]]:
    cassette = store.read(root / "tapes" / "y.yaml")
    return [(one.request.url.rpartition("/")[2], one.response.body) for one in cassette.interactions]
