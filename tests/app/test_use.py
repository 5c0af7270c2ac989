"""`undrift.use_cassette`, for code that no test run surrounds."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import undrift
from undrift.app.use import named_after
from undrift.errors import ClientDriftError, ConfigError, NoCassetteError, UsageError
from undrift.store import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.webserver import WebServer

TAPE = "tapes/pay.yaml"


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


def test_a_decorator_for_functions_generators_and_coroutines(server: WebServer, project: Path) -> None:
    library = {"cassette_library_dir": str(project / "tapes"), "mode": "missing"}

    @undrift.use_cassette(**library)
    def plain() -> Any:
        return post(server)

    @undrift.use_cassette("given", inject_cassette=True, path_transformer=lambda name: f"{name}.yaml", **library)
    def injected(deck: Any = None, *, amount: int) -> Any:
        post(server, amount)
        return deck

    @undrift.use_cassette(**library)
    def generator() -> Iterator[Any]:
        yield post(server)

    @undrift.use_cassette(**library)
    async def coroutine() -> Any:
        return post(server)

    @undrift.use_cassette(**library)
    async def stream() -> AsyncIterator[Any]:
        yield post(server)

    async def streamed() -> list[Any]:
        return [value async for value in stream()]

    first, second = (
        (plain(), list(generator()), asyncio.run(coroutine()), asyncio.run(streamed())) for _ in range(2)
    )  # fmt: skip
    assert first == second
    assert [len(injected(amount=3)) for _ in range(2)] == [1, 1]
    assert len(server.hits) == 5
    names = ["coroutine.yaml", "generator.yaml", "given.yaml", "plain.yaml", "stream.yaml"]
    assert sorted(path.name for path in (project / "tapes").iterdir()) == names


def test_a_function_is_decorated_without_a_word() -> None:
    @undrift.use_cassette
    def nothing_is_sent() -> str:
        return "done"

    assert nothing_is_sent() == "done"  # type: ignore[call-arg] # the function takes its place


def test_a_cassette_is_named_after_its_function(project: Path) -> None:
    def pay() -> None:
        """Only its name matters."""

    here = Path(__file__).with_name("pay.yaml")
    assert named_after(pay, {}) == str(here)
    assert named_after(pay, {"cassette_library_dir": "tapes"}) == str(Path("tapes", "pay.yaml"))
    assert named_after(pay, {"func_path_generator": lambda function: Path("by", function.__name__)}) == str(
        Path("by", "pay")
    )
    (project / "tapes").mkdir()
    (project / "tapes" / "pay").touch()
    # vcrpy gives it no ending.
    assert named_after(pay, {"cassette_library_dir": str(project / "tapes")}) == str(project / "tapes" / "pay")


def test_a_block_needs_a_path() -> None:
    with pytest.raises(UsageError, match="needs a path as a context manager"), undrift.use_cassette():
        pass


def test_an_option_that_is_none_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"has the option 'match_onn', which is not known\. Did you mean 'match_on'\?"):
        undrift.use_cassette(TAPE, match_onn=[])


def test_what_a_failed_block_recorded_is_stored_where_that_is_asked_for(server: WebServer, project: Path) -> None:
    with suppress(ZeroDivisionError), undrift.use_cassette(TAPE, mode="record", record_on_exception=True):
        post(server)
        raise ZeroDivisionError
    assert (project / TAPE).is_file()


def test_unused_requests_are_dropped_where_that_is_asked_for(server: WebServer, project: Path) -> None:
    def record(*amounts: int, **options: Any) -> list[bytes]:
        with undrift.use_cassette(TAPE, record_mode="new_episodes", match_on=["method", "uri", "body"], **options):
            for amount in amounts:
                post(server, amount)
        return [one.request.body for one in read(project / TAPE).interactions]

    assert record(1, 2) == [b'{"amount":1}', b'{"amount":2}']
    assert record(2, 3, drop_unused_requests=True) == [b'{"amount":2}', b'{"amount":3}']


def test_hooks_around_saving_and_loading(server: WebServer, project: Path) -> None:
    def shown(request: Any, response: Any) -> Any:
        return request, {**response, "body": {"string": b'{"hooked": true}'}}

    options: dict[str, Any] = {"filter_sensitive_data": {"<SHOP>": "127.0.0.1"}}
    with undrift.use_cassette(TAPE, mode="record", before_save_interaction=shown, **options):
        post(server)
    stored = read(project / TAPE).interactions[0]
    assert stored.request.url.startswith("http://<SHOP>:")
    assert stored.elapsed is not None
    with undrift.use_cassette(TAPE, **options) as deck:
        assert post(server) == {"hooked": True}
    assert deck is not None
    with undrift.use_cassette(TAPE, after_load_interaction=lambda *_: None) as deck:
        assert deck is not None
        assert len(deck) == 0


def test_json_is_written_and_played(server: WebServer, project: Path) -> None:
    for mode in ("record", "replay"):
        with undrift.use_cassette("tapes/pay.json", mode=mode, serializer="json"):
            post(server)
    assert len(server.hits) == 1
    assert json.loads((project / "tapes/pay.json").read_text("utf-8"))["interactions"][0]["request"]["method"] == "POST"
