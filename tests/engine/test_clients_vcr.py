"""vcrpy's stubs, which are there for the cassettes of a VCR object alone; the rest is in vcrapi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.webserver import get, serving

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.engine.clients_vcr import RoutedCassette
from undrift.engine.hooks import vcr_request
from undrift.engine.vcrapi import VCR
from undrift.model import Request

if TYPE_CHECKING:
    from pathlib import Path


def test_each_request_is_kept_once_and_by_the_innermost(tmp_path: Path) -> None:
    outer, inner = Deck(None, DeckOptions(policy=Policy.RECORD)), Deck(None, DeckOptions(policy=Policy.RECORD))
    with serving() as server, deck_in_use(outer):
        get(f"{server.url}/binary")
        with VCR().use_cassette(str(tmp_path / "tape.yaml")) as cassette:
            get(f"{server.url}/fields")
            # Here the stubs are installed, and have to step aside.
            with deck_in_use(inner):
                assert get(f"{server.url}/index")
        assert len(server.hits) == 3
    assert [len(outer), len(cassette), len(inner)] == [1, 1, 1]


def test_nothing_is_kept_of_a_request_without_a_deck() -> None:
    routed = RoutedCassette(())
    request = vcr_request(Request("GET", "http://127.0.0.1/"))
    assert not routed.can_play_response_for(request)
    assert routed.filter_request(request) is None
    routed.append(request, {})
    assert routed.find_requests_with_most_matches(request) == [(request, [], [])]
