"""`undrift.VCR` as users of vcrpy know it; what it shares with vcrpy's own is shown by `make compat`."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import vcr as vcrpy
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from undrift import VCR, errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.webserver import WebServer


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNDRIFT", raising=False)
    # No run surrounds the code of these tests, whatever runs the tests themselves.
    monkeypatch.setattr("undrift.app.current._offers", [])
    return tmp_path


def test_it_records_once_and_replays_ever_after(server: WebServer, project: Path) -> None:
    with VCR().use_cassette("tapes/pay.yaml") as cassette:
        live = requests.get(f"{server.url}/pay", timeout=5)
        assert (cassette.play_count, len(cassette), cassette.dirty) == (0, 1, True)
    with VCR().use_cassette("tapes/pay.yaml") as cassette:
        assert not cassette.all_played
        again = requests.get(f"{server.url}/pay", timeout=5)
        assert (cassette.play_count, cassette.all_played, cassette.rewound) == (1, True, True)
        assert [request.uri for request in cassette.requests] == [f"{server.url}/pay"]
        assert [response["status"]["code"] for response in cassette.responses] == [200]
        with pytest.raises(CannotOverwriteExistingCassetteException) as caught:
            requests.get(f"{server.url}/pay", timeout=5)
        cassette.rewind()
        assert requests.get(f"{server.url}/pay", timeout=5).content == live.content
    assert isinstance(caught.value, errors.NoMatchError)
    assert vars(caught.value)["reason"] == "already_played"
    assert (again.content, again.headers) == (live.content, live.headers)
    assert len(server.hits) == 1
    # What undrift wrote, vcrpy plays.
    with vcrpy.use_cassette("tapes/pay.yaml", record_mode="none") as theirs:
        assert len(theirs) == 1
    assert "undrift:" in (project / "tapes/pay.yaml").read_text("utf-8")


def test_nothing_secret_is_written_and_the_secret_request_is_found_again(server: WebServer, project: Path) -> None:
    def ask() -> None:
        headers = {"Authorization": "Bearer very-secret-token", "Cookie": "session=not-for-git"}
        httpx.get(f"{server.url}/pay", headers=headers)

    recorder = VCR(match_on=["method", "uri", "headers"])
    with recorder.use_cassette("pay.yaml"):
        ask()
    text = (project / "pay.yaml").read_text("utf-8")
    assert "very-secret-token" not in text
    assert "not-for-git" not in text
    with recorder.use_cassette("pay.yaml", record_mode="none") as cassette:
        ask()
    assert cassette.all_played


def test_new_episodes_all_and_unused_requests(server: WebServer, project: Path) -> None:
    def record(*pages: str, **options: Any) -> list[str]:
        with VCR(**options).use_cassette("tape.yaml"):
            for page in pages:
                httpx.get(f"{server.url}/{page}")
        stored = yaml.safe_load((project / "tape.yaml").read_text("utf-8"))
        return [one["request"]["uri"].rpartition("/")[2] for one in stored["interactions"]]

    assert record("one", "two") == ["one", "two"]
    assert record("two", "three", record_mode="new_episodes") == ["one", "two", "three"]
    assert [path for _, path, _ in server.hits] == ["/one", "/two", "/three"]
    assert record("two", record_mode="all") == ["one", "three", "two"]
    assert record("three", drop_unused_requests=True) == ["three"]


def test_a_decorator_for_functions_generators_and_coroutines(server: WebServer, project: Path) -> None:
    recorder = VCR(cassette_library_dir=str(project / "tapes"), path_transformer=VCR.ensure_suffix(".yaml"))

    @recorder.use_cassette  # type: ignore[untyped-decorator] # vcrpy has no types
    def plain() -> int:
        return httpx.get(f"{server.url}/plain").status_code

    @recorder.use_cassette("named", inject_cassette=True)  # type: ignore[untyped-decorator] # vcrpy has no types
    def injected(cassette: Any) -> int:
        httpx.get(f"{server.url}/injected")
        return len(cassette)

    @recorder.use_cassette()  # type: ignore[untyped-decorator] # vcrpy has no types
    def generator() -> Iterator[int]:
        yield httpx.get(f"{server.url}/generator").status_code

    @recorder.use_cassette(func_path_generator=lambda function: f"of_{function.__name__}")  # type: ignore[untyped-decorator] # vcrpy has no types
    async def coroutine() -> int:
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - a loopback address of ours
            return (await client.get(f"{server.url}/coroutine")).status_code

    for _ in range(2):
        assert plain() == 200
        assert injected() == 1
        assert list(generator()) == [200]
        assert asyncio.run(coroutine()) == 200
    assert len(server.hits) == 4
    assert sorted(path.name for path in (project / "tapes").iterdir()) == [
        "generator.yaml", "named.yaml", "of_coroutine.yaml", "plain.yaml",
    ]  # fmt: skip


def test_matchers_and_filters_of_ones_own(server: WebServer, project: Path) -> None:
    recorder = VCR(
        filter_query_parameters=["key"],
        filter_headers=[("user-agent", "somebody")],
        before_record_response=lambda response: {**response, "body": {"string": b"shortened"}},
        ignore_hosts=["never.example"],
    )
    recorder.register_matcher("same_method", lambda one, two: one.method == two.method)
    recorder.match_on = ["same_method"]
    with recorder.use_cassette("tape.yaml"):
        httpx.get(f"{server.url}/pay?key=1&page=2")
    request = yaml.safe_load((project / "tape.yaml").read_text("utf-8"))["interactions"][0]["request"]
    assert request["uri"] == f"{server.url}/pay?page=2"
    with recorder.use_cassette("tape.yaml", allow_playback_repeats=True):
        for page in range(3):
            assert httpx.get(f"{server.url}/elsewhere?page={page}").text == "shortened"
    assert len(server.hits) == 1


def test_a_failed_block_keeps_its_recording_as_vcrpy_does_unless_told_otherwise(
    server: WebServer, project: Path
) -> None:
    def fail(**options: Any) -> bool:
        with suppress(ZeroDivisionError), VCR().use_cassette("tape.yaml", **options):
            httpx.get(f"{server.url}/pay")
            raise ZeroDivisionError
        return (project / "tape.yaml").exists()

    assert not fail(record_on_exception=False)
    assert fail()


def test_json_and_a_serializer_of_ones_own(server: WebServer, project: Path) -> None:
    class Lines:
        @staticmethod
        def serialize(data: dict[str, Any]) -> str:
            return "\n".join(json.dumps(one) for one in data["interactions"])

        @staticmethod
        def deserialize(text: str) -> dict[str, Any]:
            return {"interactions": [json.loads(line) for line in text.splitlines()]}

    recorder = VCR()
    recorder.register_serializer("lines", Lines)
    for name, first in (("json", '{\n    "version"'), ("lines", '{"request"')):
        for _ in range(2):
            with recorder.use_cassette(f"tape.{name}", serializer=name):
                httpx.get(f"{server.url}/{name}", headers={"Authorization": "Bearer very-secret-token"})
        text = (project / f"tape.{name}").read_text("utf-8").lstrip()
        assert text.startswith(first)
        assert "very-secret-token" not in text
    assert len(server.hits) == 2


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_what_only_looks_like_a_secret_is_written_where_the_project_says_so(
    serializer: str, server: WebServer, project: Path
) -> None:
    table = '[tool.undrift]\nnot_secret = ["ghp_[A-Za-z0-9]+"]\n'
    for text, refused in ((table, False), ("[tool.undrift]\n", True)):
        (project / "pyproject.toml").write_text(text, "utf-8")
        try:
            with VCR().use_cassette(f"{refused}.tape", serializer=serializer):
                httpx.get(f"{server.url}/pay", headers={"X-Sample": "ghp_" + "x7Kq2LmZ9rTb4VwY" * 2 + "Hn3c"})
        except errors.LeakError:
            assert refused
        assert (project / f"{refused}.tape").exists() != refused


def test_a_persister_of_ones_own_gets_what_was_scrubbed(server: WebServer, project: Path) -> None:
    shelf: dict[str, Any] = {}

    class Shelf:
        @staticmethod
        def load_cassette(cassette_path: str, serializer: Any) -> Any:
            del serializer
            if cassette_path not in shelf:
                raise vcrpy.cassette.CassetteNotFoundError
            return shelf[cassette_path]["requests"], shelf[cassette_path]["responses"]

        @staticmethod
        def save_cassette(cassette_path: str, cassette_dict: dict[str, Any], serializer: Any) -> None:
            del serializer
            shelf[cassette_path] = cassette_dict

    recorder = VCR()
    recorder.register_persister(Shelf)
    for _ in range(2):
        with recorder.use_cassette("on the shelf"):
            httpx.get(f"{server.url}/pay", headers={"Authorization": "Bearer very-secret-token"})
    assert len(server.hits) == 1
    assert "very-secret-token" not in repr(shelf["on the shelf"]["requests"][0].headers)
    assert not list(project.iterdir())


@pytest.mark.parametrize("broken", [b"interactions: [", b"\xff\xfe\xfa", b"just text"])
def test_what_is_no_cassette_is_an_error_and_stays(broken: bytes, project: Path) -> None:
    (project / "tape.yaml").write_bytes(broken)
    with pytest.raises(errors.CassetteUnreadableError), VCR(record_mode="all").use_cassette("tape.yaml"):
        pass
    assert (project / "tape.yaml").read_bytes() == broken


def test_an_empty_file_is_none_as_for_vcrpy(server: WebServer, project: Path) -> None:
    (project / "tape.yaml").write_bytes(b"\n")
    with VCR().use_cassette("tape.yaml"):
        httpx.get(f"{server.url}/pay")
    assert "interactions" in (project / "tape.yaml").read_text("utf-8")


@pytest.mark.parametrize("wrong", [{"record_mode": "onec"}, {"skip_patchers": ["carrier-pigeon"]}])
def test_what_vcrpy_refuses_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="alid"):
        VCR(**wrong)


def test_the_project_s_secrets_and_origins_are_known(
    server: WebServer, project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.undrift.services.shop]\norigins = ["https://api.shop.example", "http://127.0.0.1:*"]\n'
        'credentials = { SHOP_KEY = "shop_test_[a-z0-9]+" }\n',
        "utf-8",
    )
    monkeypatch.setenv("SHOP_KEY", "shop_test_0815")
    for _ in range(2):
        with VCR().use_cassette("tape.yaml") as cassette:
            httpx.get(f"{server.url}/pay?key=shop_test_0815")
    assert cassette.play_count == 1
    text = (project / "tape.yaml").read_text("utf-8")
    assert "uri: https://api.shop.example/pay?key=%3CSHOP_KEY%3E" in text
    assert "shop_test_0815" not in text
    assert caplog.text.count("shop_test_0815") == caplog.text.count("HTTP Request: GET")
