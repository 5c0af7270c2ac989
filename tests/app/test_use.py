"""`undrift.use_cassette`, for code that no test run surrounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.webserver import WebServer, serving

import undrift
from undrift.errors import ClientDriftError, ConfigError, NoCassetteError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAPE = "tapes/pay.yaml"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNDRIFT", raising=False)
    # No run surrounds the code of these tests, whatever runs the tests themselves.
    monkeypatch.setattr("undrift.app.current._offers", [])
    return tmp_path


def post(server: WebServer, amount: int = 1) -> Any:
    return httpx.post(f"{server.url}/pay", json={"amount": amount}, verify=False).json()  # noqa: S501 - a loopback address of ours


def test_record_then_replay(server: WebServer, project: Path) -> None:
    with undrift.use_cassette(TAPE, mode="record") as deck:
        live = post(server)
    assert deck is not None
    assert (project / TAPE).is_file()
    with undrift.use_cassette(TAPE) as playing:
        assert post(server) == live
    assert playing is not None
    assert playing.all_played
    assert len(server.hits) == 1


def test_without_a_cassette_the_way_out_is_named(server: WebServer) -> None:
    with pytest.raises(NoCassetteError) as caught, undrift.use_cassette(TAPE):
        post(server)
    assert str(caught.value).endswith(
        'there is no cassette at tapes/pay.yaml.\nRecord it:\n  run the code once with mode="record"'
    )
    assert server.hits == []


def test_missing_records_once(server: WebServer) -> None:
    for _ in range(2):
        with undrift.use_cassette(TAPE, mode="missing"):
            post(server)
    assert len(server.hits) == 1


def test_live_gives_no_deck_and_leaves_no_file(server: WebServer, project: Path) -> None:
    with undrift.use_cassette(TAPE, mode="live") as deck:
        post(server)
    assert deck is None
    assert len(server.hits) == 1
    assert not (project / "tapes").exists()


def test_check_leaves_the_cassette_alone_and_a_take_beside(server: WebServer, project: Path) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    before = (project / TAPE).read_bytes()
    with undrift.use_cassette(TAPE, mode="check"):
        post(server)
    assert (project / TAPE).read_bytes() == before
    (take,) = (project / ".undrift" / "takes").rglob("pay.yaml")
    assert take.read_bytes() != before


def test_an_error_in_the_block_keeps_the_old_cassette(server: WebServer, project: Path) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    before = (project / TAPE).read_bytes()
    with pytest.raises(ZeroDivisionError), undrift.use_cassette(TAPE, mode="record"):
        _ = post(server, 2)["number"] / 0
    assert (project / TAPE).read_bytes() == before


def test_another_request_than_recorded_is_an_error_at_the_end(server: WebServer) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    with pytest.raises(ClientDriftError) as caught, undrift.use_cassette(TAPE):
        post(server, 2)
    assert str(caught.value) == (
        "The code no longer sends what was recorded in tapes/pay.yaml:\n"
        "  POST /pay (interaction 0): /amount was 1, now 2.\n"
        'If that is meant, run it once with mode="record".'
    )
    for policy in ("warn", "ignore"):
        with undrift.use_cassette(TAPE, client_drift=policy):
            post(server, 2)


def test_an_error_in_the_block_is_not_hidden_by_client_drift(server: WebServer) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    with pytest.raises(ZeroDivisionError), undrift.use_cassette(TAPE):
        _ = 1 / 0


def test_one_object_is_in_use_once_at_a_time(server: WebServer) -> None:
    tape = undrift.use_cassette(TAPE, mode="record")
    with (
        tape,
        pytest.raises(UsageError, match=r"^The cassette tapes/pay\.yaml is in use by this object already\. Make"),
    ):
        tape.__enter__()
    with tape:
        post(server)
    assert len(server.hits) == 1


def test_functions_get_a_deck_for_each_call(server: WebServer) -> None:
    @undrift.use_cassette(TAPE, mode="missing")
    def pay(amount: int) -> Any:
        """Pay."""
        return post(server, amount)

    assert (pay.__name__, pay.__doc__) == ("pay", "Pay.")
    assert pay(1) == pay(1)
    assert len(server.hits) == 1


def test_coroutines_and_async_blocks(server: WebServer) -> None:
    async def post_async() -> Any:
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - as above
            return (await client.post(f"{server.url}/pay", json={"amount": 1})).json()

    @undrift.use_cassette(TAPE, mode="missing")
    async def pay() -> Any:
        return await post_async()

    async def both() -> list[Any]:
        async with undrift.use_cassette(TAPE):
            last = await post_async()
        return [first, last]

    first = asyncio.run(pay())
    assert asyncio.run(both()) == [first, first]
    assert len(server.hits) == 1


@pytest.mark.parametrize(
    ("said", "hits"), [({"UNDRIFT": "record"}, 1), ({"UNDRIFT": "live"}, 1), ({"UNDRIFT": ""}, 0), ({}, 0)]
)
def test_the_environment_says_the_mode(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], hits: int
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    try:
        with undrift.use_cassette(TAPE):
            post(server)
    except NoCassetteError:
        assert hits == 0
    assert len(server.hits) == hits


def test_the_configuration_says_the_mode(server: WebServer, project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.undrift]\nmode = "record"\n', "utf-8")
    with undrift.use_cassette(TAPE):
        post(server)
    assert len(server.hits) == 1


@pytest.mark.parametrize(
    ("record_mode", "hits"), [("none", 1), ("once", 1), ("rewrite", 2), ("all", 2), ("new_episodes", 1)]
)
def test_the_record_modes_of_vcrpy(server: WebServer, record_mode: str, hits: int) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    with undrift.use_cassette(TAPE, record_mode=record_mode):
        post(server)
    assert len(server.hits) == hits


@pytest.mark.parametrize("record_mode", ["rewrite", "all", "none"])
def test_in_a_check_no_record_mode_touches_the_cassette(
    server: WebServer, project: Path, monkeypatch: pytest.MonkeyPatch, record_mode: str
) -> None:
    with undrift.use_cassette(TAPE, mode="record"):
        post(server)
    before = (project / TAPE).read_bytes()
    monkeypatch.setenv("UNDRIFT", "check")
    with undrift.use_cassette(TAPE, record_mode=record_mode):
        post(server)
    assert len(server.hits) == 2
    assert (project / TAPE).read_bytes() == before


def test_modes_that_are_none() -> None:
    wrong = {
        "mode": (ConfigError, r"^The mode of use_cassette is 'reply', which is not valid\. Did you mean 'replay'\?"),
        "record_mode": (
            UsageError,
            r"^record_mode is 'reply', which is not valid\. Valid are: none, once, rewrite, new_episodes, all\.$",
        ),
    }
    for option, (kind, words) in wrong.items():
        options: dict[str, Any] = {option: "reply"}
        with pytest.raises(kind, match=words):
            undrift.use_cassette(TAPE, **options).__enter__()


def test_a_broken_cassette_is_refused_in_every_mode(project: Path) -> None:
    (project / "tapes").mkdir()
    (project / TAPE).write_text("- 1\n", "utf-8")
    for mode in ("replay", "record", "missing", "check"):
        with pytest.raises(undrift.CassetteUnreadableError, match=r"pay\.yaml: line 1: A cassette must be a mapping"):
            undrift.use_cassette(TAPE, mode=mode).__enter__()
    assert (project / TAPE).read_text("utf-8") == "- 1\n"
