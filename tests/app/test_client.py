from __future__ import annotations

from typing import Any

import pytest

from undrift.app.client import client_findings, in_words
from undrift.drift.results import Kind, Severity, Where
from undrift.engine import ClientDrift, Deck, DeckOptions, Origins
from undrift.model import Cassette, Headers, Interaction, Request, Response

URL = "https://api.example.com/pay?currency=eur"
ORIGINS = Origins((("shop", ("https://api.example.com",)),))
JSON = "application/json"


def post(body: bytes, media: str = JSON) -> Request:
    return Request("POST", URL, Headers.of([("Content-Type", media)]), body)


def drifts(recorded: Request, *sent: Request) -> tuple[ClientDrift, ...]:
    deck = Deck(Cassette((Interaction(recorded, Response(200)),)), DeckOptions(origins=ORIGINS))
    for request in sent:
        deck.answer(request)
    return deck.client_drift()


def found(recorded: Request, *sent: Request) -> Any:
    (drift,) = drifts(recorded, *sent)
    return client_findings(drift, "cassettes/pay.yaml", ORIGINS)


def test_each_part_of_a_request_that_changed_is_a_finding() -> None:
    findings = found(post(b'{"amount": 1, "to": "ann"}'), post(b'{"amount": 2, "to": "bob"}'))
    assert [(one.path, one.stored, one.fresh) for one in findings] == [("/amount", 1, 2), ("/to", "ann", "bob")]
    for one in findings:
        assert (one.kind, one.where, one.severity) == (Kind.REQUEST_CHANGED, Where.REQUEST, Severity.BREAKING)
        assert (one.service, one.method, one.endpoint) == ("shop", "POST", "/pay")
        assert (one.occurrences[0].cassette, one.occurrences[0].interaction) == ("cassettes/pay.yaml", 0)


def test_a_request_that_was_not_made_is_one_finding() -> None:
    (finding,) = found(post(b'{"amount": 1}'))
    assert (finding.kind, finding.path, finding.stored, finding.fresh) == (Kind.INTERACTION_MISSING, "", None, None)
    assert in_words(finding) == "POST /pay (interaction 0) was recorded, and is no longer sent."


@pytest.mark.parametrize(
    ("recorded", "sent", "words"),
    [
        (b'{"amount": 1}', b'{"amount": 2}', "/amount was 1, now 2."),
        (b"{}", b'{"amount": 2}', "/amount is new, now 2."),
        (b'{"amount": 1}', b"{}", "/amount is no longer sent, was 1."),
        (b'{"to": {"name": "ann"}}', b'{"to": ["ann"]}', "/to was {'name': 'ann'}, now ['ann']."),
    ],
)
def test_a_finding_in_one_line(recorded: bytes, sent: bytes, words: str) -> None:
    (finding,) = found(post(recorded), post(sent))
    assert in_words(finding) == f"POST /pay (interaction 0): {words}"


def test_a_body_that_is_no_text_is_told_all_the_same() -> None:
    (finding,) = found(post(b"\xff\x00", "application/octet-stream"), post(b"\xfe\x00", "application/octet-stream"))
    assert isinstance(finding.stored, str)
    assert isinstance(finding.fresh, str)
    assert finding.stored != finding.fresh
    assert in_words(finding).startswith("POST /pay (interaction 0): the body was ")


def test_the_root_of_a_server_has_a_path_too() -> None:
    recorded = Request("POST", "https://other.example", Headers(), b"a")
    (finding,) = found(recorded, Request("POST", "https://other.example", Headers(), b"b"))
    assert (finding.service, finding.endpoint) == ("", "/")
