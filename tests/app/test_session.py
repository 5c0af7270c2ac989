"""What becomes of a deck when its test is over."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from undrift import store
from undrift.app.session import DeckSpec, OpenDeck, Session, known_secrets
from undrift.config import Mode, parse
from undrift.engine import Policy
from undrift.engine.routing import current
from undrift.errors import (
    CassetteNotWrittenError,
    CassetteUnreadableError,
    ConfigError,
    CredentialError,
    CredentialMissingError,
    LeakError,
    NoCassetteError,
    PlaybackError,
)
from undrift.model import Headers, Request, Response
from undrift.scrub import Secrets
from undrift.scrub import scrub as real_scrub
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
    spec = DeckSpec("tests/test_x.py::test_y[a b]", root / "tapes" / "y.yaml", mode, options, record_mode=record_mode)
    return session(root).open(spec)


def get(path: str = "a") -> Request:
    return Request("GET", f"https://shop.example/{path}", Headers.of([("Authorization", f"Bearer {KEY}")]))


def keep(deck: OpenDeck, *paths: str, text: bytes = b"new") -> OpenDeck:
    for path in paths:
        deck.deck.keep(get(path), Response(200, body=text))
    return deck


def stored(root: Path) -> list[tuple[str, bytes]]:
    cassette = store.read(root / "tapes" / "y.yaml")
    return [(one.request.url.rpartition("/")[2], one.response.body) for one in cassette.interactions]


def test_a_passed_test_stores_its_cassette(tmp_path: Path) -> None:
    closed = keep(opened(tmp_path), "a").finish(passed=True)
    assert (closed.action, closed.take) == ("recorded", None)
    cassette = store.read(tmp_path / "tapes" / "y.yaml")
    assert cassette.test == "tests/test_x.py::test_y[a b]"
    assert cassette.interactions[0].recorded_at == "2026-11-20T02:00:00Z"
    assert KEY not in (tmp_path / "tapes" / "y.yaml").read_text("utf-8")


def test_any_other_leaves_a_take_and_the_cassette_as_it_was(tmp_path: Path) -> None:
    assert keep(opened(tmp_path), "a").finish(passed=False).action == ""
    assert not (tmp_path / "tapes").exists()
    keep(opened(tmp_path), "a").finish(passed=True)
    closed = keep(opened(tmp_path), "b").finish(passed=False)
    assert closed.action == "kept"
    assert closed.take == tmp_path / ".undrift" / "takes" / RUN / "tapes" / "y.yaml"
    assert stored(tmp_path) == [("a", b"new")]
    assert opened(tmp_path).finish(passed=False).take is None, "what sent nothing leaves no take"


def test_a_check_leaves_a_take_and_the_digest_of_the_cassette(tmp_path: Path) -> None:
    first = keep(opened(tmp_path, Mode.CHECK), "a").finish(passed=True)
    assert (first.digest, first.action) == (None, "")
    keep(opened(tmp_path), "a").finish(passed=True)
    closed = keep(opened(tmp_path, Mode.CHECK), "b").finish(passed=True)
    assert closed.take is not None
    assert re.fullmatch("[0-9a-f]{64}", closed.digest or "")
    assert stored(tmp_path) == [("a", b"new")]


def test_a_test_that_sends_nothing_any_more_empties_its_cassette_only_when_recorded(tmp_path: Path) -> None:
    assert opened(tmp_path).finish(passed=True).action == ""
    keep(opened(tmp_path), "a").finish(passed=True)
    assert opened(tmp_path, record_mode="new_episodes").finish(passed=True).action == ""
    assert opened(tmp_path, Mode.REPLAY).finish(passed=True).action == ""
    assert stored(tmp_path) == [("a", b"new")]
    assert opened(tmp_path).finish(passed=True).action == "recorded"
    assert stored(tmp_path) == []


def test_vcrpys_mode_all_renews_what_was_asked_again_and_keeps_the_rest(tmp_path: Path) -> None:
    keep(opened(tmp_path, record_mode="all"), "a", "b", text=b"old").finish(passed=True)
    keep(opened(tmp_path, record_mode="all"), "b", "c").finish(passed=True)
    assert stored(tmp_path) == [("a", b"old"), ("b", b"new"), ("c", b"new")]


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


def test_a_cassette_that_cannot_be_written_has_its_take_kept(tmp_path: Path) -> None:
    (tmp_path / "tapes").write_text("in the way", "utf-8")
    recording = keep(opened(tmp_path), "a")
    with pytest.raises(CassetteNotWrittenError) as caught:
        recording.finish(passed=True)
    take = f".undrift/takes/{RUN}/tapes/y.yaml"
    assert str(caught.value).endswith(f" mend this and run again. What was recorded is in {take}.")
    assert len(store.read(tmp_path / take)) == 1


def test_where_nothing_can_be_written_the_first_reason_stands(tmp_path: Path) -> None:
    for name in ("tapes", ".undrift"):
        (tmp_path / name).write_text("in the way", "utf-8")
    recording = keep(opened(tmp_path), "a")
    with pytest.raises(CassetteNotWrittenError, match=r"tapes/y\.yaml: .* mend this and run again\.$"):
        recording.finish(passed=True)


def test_a_recording_that_would_leak_is_kept_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The scrubber is made to know one secret less than the last look at the file does.
    monkeypatch.setattr("undrift.app.session.scrub", lambda cassette, _secrets: real_scrub(cassette, Secrets()))
    recording = opened(tmp_path)
    recording.deck.keep(Request("GET", "https://shop.example/a"), Response(200, body=KEY.encode()))
    with pytest.raises(LeakError):
        recording.finish(passed=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
