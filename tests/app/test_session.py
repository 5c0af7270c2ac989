"""What the decks of a run share, and how each is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.app.open_deck import DeckSpec
from undrift.app.session import Session, known_secrets
from undrift.config import Mode, parse
from undrift.engine import Policy
from undrift.engine.routing import current
from undrift.errors import (
    CassetteUnreadableError,
    ConfigError,
    CredentialError,
    CredentialMissingError,
    NoCassetteError,
    PlaybackError,
)
from undrift.model import Headers, Request, Response
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

from tests.shop import KEY, RUN, TABLE, get, keep, opened, session


@pytest.mark.parametrize(
    ("mode", "record_mode", "before", "after"),
    [
        (Mode.REPLAY, "", Policy.PLAY, Policy.PLAY),
        (Mode.MISSING, "", Policy.RECORD, Policy.PLAY),
        (Mode.RECORD, "", Policy.RECORD, Policy.RECORD),
        (Mode.CHECK, "", Policy.RECORD, Policy.RECORD),
        (Mode.RECORD, "all", Policy.RECORD, Policy.RECORD),
        (Mode.RECORD, "new_episodes", Policy.EXTEND, Policy.EXTEND),
    ],
)
def test_what_a_deck_does_depends_on_the_mode_and_on_what_is_there(
    tmp_path: Path, mode: Mode, record_mode: str, before: Policy, after: Policy
) -> None:
    assert opened(tmp_path, mode, record_mode=record_mode).deck.options.policy is before
    keep(opened(tmp_path), "a").finish(passed=True)
    assert opened(tmp_path, mode, record_mode=record_mode).deck.options.policy is after


def test_an_extra_cassette_is_enough_to_play_from(tmp_path: Path) -> None:
    keep(opened(tmp_path), "a").finish(passed=True)
    extra = (tmp_path / "tapes" / "y.yaml", tmp_path / "tapes" / "none.yaml")
    spec = DeckSpec("owner", tmp_path / "tapes" / "own.yaml", Mode.MISSING, extra=extra)
    assert session(tmp_path).open(spec).deck.options.policy is Policy.PLAY


def test_only_replay_is_guarded_and_matched_with_the_headers_of_all_services(tmp_path: Path) -> None:
    replaying, recording = opened(tmp_path, Mode.REPLAY).deck.options, opened(tmp_path).deck.options
    assert (replaying.guarded, recording.guarded) == (True, False)
    assert replaying.rules.match_headers == ("Api-Version", "Shop-Version")


def test_the_command_that_records_is_one_to_paste(tmp_path: Path) -> None:
    with opened(tmp_path, Mode.REPLAY) as deck, pytest.raises(NoCassetteError) as caught:
        deck.answer(get())
    assert str(caught.value).endswith("\n  undrift record 'tests/test_x.py::test_y[a b]'")
    assert not deck.is_open


def test_a_broken_cassette_is_no_deck(tmp_path: Path) -> None:
    keep(opened(tmp_path), "a").finish(passed=True)
    (tmp_path / "tapes" / "y.yaml").write_text("- 1\n", "utf-8")
    with pytest.raises(CassetteUnreadableError):
        opened(tmp_path)


def test_credentials_are_those_of_the_mode(tmp_path: Path) -> None:
    made = session(tmp_path)
    assert made.credentials(Mode.RECORD).get("SHOP_KEY") == KEY
    assert made.credentials(Mode.REPLAY).get("SHOP_KEY") != KEY
    assert len(made.secrets(Mode.CHECK)) == 1
    with pytest.raises(CredentialError, match="It may be a live key"):
        session(tmp_path, {"SHOP_KEY": "sk_live_abc"}).credentials(Mode.RECORD)


def test_the_environment_binds_a_port_to_its_service(tmp_path: Path) -> None:
    url = "http://127.0.0.1:4711/a"
    assert session(tmp_path, {}).origins.service_of(url) == "", "two claim it, and nobody decides"
    assert session(tmp_path, {"UNDRIFT_ORIGIN_SHOP": "http://127.0.0.1:4711"}).origins.service_of(url) == "shop"
    bound = session(tmp_path, {"UNDRIFT_ORIGIN_PAY_OUT": "http://127.0.0.1:4711"}).origins
    assert bound.canonical(url) == "https://pay.example/a"


def test_an_address_is_bound_in_the_decks_that_are_open_too(tmp_path: Path) -> None:
    running = session(tmp_path)
    first = running.open(DeckSpec("tests/test_x.py::test_y", tmp_path / "y.yaml", Mode.RECORD))
    running.bind("pay-out", "http://127.0.0.1:4711/", "Somebody")
    second = running.open(DeckSpec("tests/test_x.py::test_z", tmp_path / "z.yaml", Mode.RECORD))
    for deck in (first.deck, second.deck):
        deck.keep(Request("GET", "http://127.0.0.1:4711/a"), Response(200))
        assert [kept.request.url for kept in deck.take().interactions] == ["https://pay.example/a"]


@pytest.mark.parametrize(
    ("service", "url", "words"),
    [
        (
            "payout",
            "http://127.0.0.1:1",
            "Somebody names the service 'payout', which is not configured. Known are: shop,",
        ),
        ("shop", "127.0.0.1:1", "Somebody has the origin '127.0.0.1:1', which is none. An origin is a scheme,"),
        ("shop", "http://127.0.0.1:*", "Somebody has the origin 'http://127.0.0.1:*'. Give the real one, without"),
    ],
)
def test_what_cannot_be_bound_is_one_sentence(tmp_path: Path, service: str, url: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        session(tmp_path).bind(service, url, "Somebody")
    assert str(caught.value).startswith(words)
    with pytest.raises(ConfigError, match=r"^The environment variable UNDRIFT_ORIGIN_SHOP has the origin 'port 1',"):
        session(tmp_path, {"UNDRIFT_ORIGIN_SHOP": "port 1"})


def test_whoever_plays_gets_the_real_credential_or_a_stand_in(tmp_path: Path) -> None:
    keep(opened(tmp_path), "a").finish(passed=True)
    spec = DeckSpec("tests/test_x.py::test_y", tmp_path / "tapes" / "y.yaml", Mode.MISSING)
    for environment, is_real in (({"SHOP_KEY": KEY}, True), ({}, False)):
        running = session(tmp_path, environment, Mode.MISSING)
        with running.open(spec) as deck:
            assert deck.options.policy is Policy.PLAY
            assert (running.credential("SHOP_KEY") == KEY) is is_real
            key = running.credential("SHOP_KEY")
            headers = Headers.of([("Authorization", f"Bearer {key}")])
            with pytest.raises(PlaybackError, match="%3CSHOP_KEY%3E"):
                deck.answer(Request("GET", f"https://shop.example/b?key={key}", headers))
    with pytest.raises(CredentialMissingError):
        session(tmp_path, {}, Mode.MISSING).credential("SHOP_KEY")


def test_the_names_of_a_service_are_those_of_its_secrets(tmp_path: Path) -> None:
    config = parse({"services": {"shop": {"origins": ["https://shop.example"], "redact": {"headers": ["Shop-Pin"]}}}})
    running = Session(config, Workspace(tmp_path), RUN, {}, mode=Mode.RECORD, guarded=True)
    for mode in (Mode.RECORD, Mode.REPLAY):
        assert "shop-pin" in running.secrets(mode).names.headers
        assert "authorization" in running.secrets(mode).names.headers, "those that everybody knows too"
        assert running.secrets(mode) is running.secrets(mode), "what is looked for is worked out once"
    assert "shop-pin" in known_secrets(config, tmp_path).names.headers


def test_whoever_records_within_a_replay_gets_the_real_credential(tmp_path: Path) -> None:
    running = session(tmp_path, mode=Mode.REPLAY)
    assert running.credential("SHOP_KEY") != KEY
    with running.open(DeckSpec("block", tmp_path / "block.yaml", Mode.RECORD)) as deck:
        assert running.credential("SHOP_KEY") == KEY
    with current(deck):
        deck.is_open = False
        assert running.credential("SHOP_KEY") != KEY, "its block is over"


@pytest.mark.parametrize(("value", "count"), [(KEY, 1), ("sk_live_abc", 0), ("", 0)])
def test_known_secrets_are_those_that_may_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, count: int
) -> None:
    monkeypatch.setenv("SHOP_KEY", value)
    assert len(known_secrets(parse(TABLE), tmp_path)) == count
