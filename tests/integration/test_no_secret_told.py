"""No error, no warning, no log and no ``repr`` of ours tells a secret, wherever the code under test sent it."""

from __future__ import annotations

import gc
import logging
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from tests.secrets_corpus import PLACES, messages, survivors
from tests.shop import KEY, keep, opened, session

from undrift import store
from undrift.app import client
from undrift.config import Mode
from undrift.errors import LeakError, PlaybackError
from undrift.model import Cassette, Failure, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.scrub.ledger import Ledger
from undrift.scrub.message import Messages, look_at
from undrift.store.last_look import refuse_leaks

if TYPE_CHECKING:
    from pathlib import Path

    from undrift.app.open_deck import OpenDeck

OTHER = "sk_test_zyxwvutsrqpo"


def stored(root: Path, *interactions: Interaction, failures: tuple[Failure, ...] = ()) -> None:
    secrets = Secrets.named({"SHOP_KEY": OTHER})
    store.write(root / "tapes" / "y.yaml", scrub(Cassette(interactions, failures), secrets), secrets)


def told(thing: BaseException) -> str:
    """All that anybody prints of an error, with what it came of."""
    texts = "".join(traceback.format_exception(thing))
    return "\n".join((texts, repr(thing), str(thing), repr(vars(thing)), str(getattr(thing, "request", ""))))


def assert_silent(*texts: str) -> None:
    for text in texts:
        assert survivors(text.encode("utf-8", "replace"), [KEY, OTHER]) == set(), text


@pytest.mark.parametrize("place", PLACES)
def test_a_refusal_and_a_change_of_the_client_tell_none(tmp_path: Path, place: str) -> None:
    unlike = Interaction(Request("DELETE", "https://api.test/else"), Response(200))
    stored(tmp_path, messages("a text", place), unlike)
    sent = messages(KEY, place).request
    deck = opened(tmp_path, Mode.REPLAY)
    # It is near to one, like none, and sent too often.
    requests = [sent, Request("PUT", f"{sent.url}/more", sent.headers, sent.body), sent, sent]
    caught = []
    for request in requests:
        try:
            deck.deck.answer(request)
        except PlaybackError as error:
            caught.append(error)

    assert caught
    assert deck.deck.refusals == caught
    assert_silent(*map(told, caught), *client.changes_in_words(deck))
    assert_silent(repr(deck.deck.client_drift()), repr(deck.deck), repr(deck.spec), repr(caught))


@pytest.mark.parametrize("place", PLACES)
def test_without_a_cassette_the_refusal_tells_none(tmp_path: Path, place: str) -> None:
    with pytest.raises(PlaybackError) as caught:
        opened(tmp_path, Mode.REPLAY).deck.answer(messages(KEY, place).request)

    assert_silent(told(caught.value))


@pytest.mark.parametrize("place", PLACES)
def test_a_recording_that_would_leak_is_refused_without_telling(tmp_path: Path, place: str) -> None:
    with pytest.raises(LeakError) as caught:
        refuse_leaks(tmp_path / "y.yaml", Cassette((messages(KEY, place),)), b"", Secrets.named({"SHOP_KEY": KEY}))

    assert "SHOP_KEY" in str(caught.value)
    assert_silent(told(caught.value))


def holders(root: Path) -> list[object]:
    """An object of each kind that holds a secret, on its way from the client to the file."""
    deck = opened(root, Mode.RECORD, filter_query_parameters=[("key", KEY)])
    keep(deck, f"a?key={KEY}")
    deck.deck.keep_failure(Request("GET", f"https://shop.example/{KEY}"), "timeout", f"no {KEY}")
    deck.deck.recorded_value("key", lambda: KEY)
    asked = session(root)
    secrets = asked.secrets(Mode.RECORD)
    take = deck.deck.take()
    ledger = Ledger(secrets)
    scrubber, look = Messages(ledger), look_at(take.interactions[0].request)
    scrubber.learn(look)
    learned: Any = scrubber._walked
    found = scrub(take, secrets)
    return [
        *(deck, deck.deck, deck.spec, deck.deck.options, deck.stored, take, *take.interactions, *take.failures),
        *(take.interactions[0].request.headers, look, look.body, ledger, ledger.found, ledger.search, scrubber),
        *(asked, asked.credentials, secrets, secrets.reader, secrets.search, *secrets.finders, *learned.values()),
        *(found, found.found, found.cassette, asked.config, asked.workspace),
    ]


def test_no_object_tells_any(tmp_path: Path) -> None:
    for thing in holders(tmp_path):
        assert_silent(repr(thing), str(thing), f"{thing}")


def test_an_object_of_each_kind_of_ours_is_looked_at(tmp_path: Path) -> None:
    """What a run keeps in memory is walked: whatever of it is ours and not plain data shows no secret either."""
    roots = holders(tmp_path)
    seen: dict[int, object] = {}
    pending = list(roots)
    while pending:
        thing = pending.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen[id(thing)] = thing
        if type(thing).__module__.startswith("undrift"):
            assert_silent(repr(thing))
        if type(thing).__module__.startswith("undrift") or isinstance(thing, (tuple, list, dict, frozenset, set)):
            pending += gc.get_referents(thing)
    assert len({type(thing) for thing in seen.values() if type(thing).__module__.startswith("undrift")}) > 15


def test_nothing_is_logged_and_no_warning_tells_any(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        deck: OpenDeck = keep(opened(tmp_path, Mode.RECORD), f"{KEY}?key={KEY}", text=KEY.encode())
        with deck:
            deck.finish(passed=True)
        played = opened(tmp_path, Mode.REPLAY)
        assert isinstance(played.deck.answer(deck.deck.take().interactions[0].request), Response)

    assert [record for record in caplog.records if record.name.startswith("undrift")] == []
    assert_silent(*(str(warning.message) for warning in warned), caplog.text)
