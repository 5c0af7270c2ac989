"""What lies around vcrpy's persisters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vcr.persisters.filesystem import CassetteNotFoundError, FilesystemPersister
from vcr.request import Request
from vcr.serializers import jsonserializer, yamlserializer

from undrift.engine.vcrapi import Storage
from undrift.engine.vcrapi.storage import cassette_of
from undrift.errors import CassetteNotWrittenError, CassetteUnreadableError, LeakError
from undrift.scrub import Secrets

SAMPLES = Path(__file__).parents[2] / "store" / "samples"
SECRETS = Secrets.named({"SHOP_KEY": "shop_test_0815"})
ANSWER = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b"as it was"}}


def given(*pairs: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    return {"requests": [one for one, _ in pairs], "responses": [two for _, two in pairs], **more}


def ask(headers: dict[str, str] | None = None, body: Any = None) -> Request:
    return Request("GET", "http://api.example/", body, headers or {})


def test_the_user_s_metadata_stays(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    Storage().save_cassette(path, given((ask(), ANSWER), metadata={"seed": 7}), yamlserializer)
    _, _, metadata = Storage().load_cassette(path, yamlserializer)
    assert metadata == {"seed": 7}
    Storage().save_cassette(path, given((ask(), {**ANSWER, "url": "/"}), metadata={"seed": 8}), yamlserializer)
    requests, responses, metadata = Storage().load_cassette(path, yamlserializer)
    assert (len(requests), responses[0]["url"], metadata) == (1, "/", {"seed": 8})


def test_what_a_hook_made_something_else_of_is_scrubbed_as_data(tmp_path: Path) -> None:
    kept: list[Any] = []

    class Shelf(FilesystemPersister):  # type: ignore[misc] # vcrpy has no types
        @staticmethod
        def save_cassette(cassette_path: Any, cassette_dict: dict[str, Any], serializer: Any) -> None:
            del cassette_path, serializer
            kept.append(cassette_dict)

    odd = ({"asked with": "shop_test_0815"}, ["answered with", b"shop_test_0815"])
    fine = ask(), ANSWER
    Storage(Shelf, SECRETS).save_cassette(tmp_path, given(odd, fine), yamlserializer)
    assert kept[0]["requests"][0] == {"asked with": "<SHOP_KEY>"}
    assert kept[0]["responses"][0] == ["answered with", b"<SHOP_KEY>"]
    # Whatever scrubbing did not change is the very same object.
    assert kept[0]["requests"][1] is fine[0]
    assert kept[0]["responses"][1] is fine[1]


@pytest.mark.parametrize("serializer", [yamlserializer, jsonserializer])
def test_secrets_are_replaced_whatever_writes(serializer: Any, tmp_path: Path) -> None:
    path = tmp_path / "tape"
    answer = {**ANSWER, "body": {"string": b'{"key": "shop_test_0815"}'}, "url": "/?key=shop_test_0815"}
    pair = ask({"Authorization": "Basic c2VjcmV0OnNlY3JldA=="}, {"key": "shop_test_0815"}), answer
    Storage(secrets=SECRETS).save_cassette(path, given(pair), serializer)
    text = path.read_text("utf-8")
    assert "0815" not in text
    assert "c2VjcmV0OnNlY3JldA" not in text
    requests, responses = Storage().load_cassette(path, serializer)
    assert requests[0].body == {"key": "<SHOP_KEY>"}
    assert responses[0]["body"]["string"] == b'{"key": "<SHOP_KEY>"}'


def test_a_serializer_that_brings_a_secret_back_is_refused(tmp_path: Path) -> None:
    class Leaking:
        serialize = staticmethod(lambda _data: "shop_test_0815")

    with pytest.raises(LeakError):
        Storage(secrets=SECRETS).save_cassette(tmp_path / "tape", given((ask(), ANSWER)), Leaking)
    assert not list(tmp_path.iterdir())


def test_what_is_no_http_is_what_vcrpy_makes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    request = "{method: GET, uri: 'http://api.example/', body: null, headers: {}}"
    path.write_text(f"interactions:\n- request: {request}\n  response: {{body: nothing else}}\n", "utf-8")
    _, responses = Storage().load_cassette(path, yamlserializer)
    assert responses == [{"body": "nothing else"}]
    with pytest.raises(CassetteNotWrittenError):
        Storage().save_cassette(path, given(), yamlserializer)


def test_what_another_tool_wrote_is_read_by_undrift(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    # vcrpy's own loader needs the two keys that this one lacks nothing without.
    path.write_text(
        "interactions:\n- request: {method: GET, uri: 'http://api.example/', body: '', headers: {}}\n"
        "  response: {status: {code: 200}, headers: {}, body: {base64_string: YXM=, encoding: utf-8}}\n",
        "utf-8",
    )
    _, responses = Storage().load_cassette(path, yamlserializer)
    assert responses[0]["status"]["code"] == 200
    requests, _ = Storage().load_cassette(SAMPLES / "betamax-0.9.json", jsonserializer)
    assert [request.method for request in requests] == ["GET", "POST", "GET"]


def test_a_post_without_content_has_empty_content_as_vcrpy_s_stubs_make_it(tmp_path: Path) -> None:
    posted = Request("POST", "http://api.example/", b"", {})
    Storage().save_cassette(tmp_path / "tape.yaml", given((posted, ANSWER), (ask(), ANSWER)), yamlserializer)
    requests, _ = Storage().load_cassette(tmp_path / "tape.yaml", yamlserializer)
    assert [request.body for request in requests] == [b"", None]


def test_what_neither_reads_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    path.write_text("interactions:\n- !!python/object/apply:os.system [true]\n", "utf-8")
    with pytest.raises(CassetteUnreadableError, match="line 2"):
        Storage().load_cassette(path, yamlserializer)


def test_no_file_and_an_empty_one_are_no_cassette(tmp_path: Path) -> None:
    with pytest.raises(CassetteNotFoundError):
        Storage().load_cassette(tmp_path / "none.yaml", yamlserializer)
    (tmp_path / "empty.yaml").write_text(" \n", "utf-8")
    with pytest.raises(CassetteNotFoundError):
        Storage().load_cassette(tmp_path / "empty.yaml", yamlserializer)


def test_a_request_that_was_written_down_as_data_was_sent_as_json() -> None:
    request = Request("POST", "https://api.example/", {"n": [1]}, {"Content-Type": "application/json"})
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b""}}
    cassette = cassette_of(([request], [response]))
    assert cassette.interactions[0].request.body == b'{"n": [1]}'
