"""vcrpy and pytest-recording read and replay what undrift writes."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import dumps, write

if TYPE_CHECKING:
    from pathlib import Path

vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")

URL = "http://api.test/v1/x"
JSON = ("Content-Type", "application/json")
ANSWERS = {
    "compact": (Headers.of([JSON, ("Content-Length", "14")]), b'{"a":[1,"\xc3\xa9"]}', ""),
    "python": (Headers.of([JSON, ("content-length", "17")]), b'{"a": [1, 2, {}]}', ""),
    "gzip": (Headers.of([("Content-Encoding", "gzip"), JSON, ("Content-Length", "999")]), b'{"a": "b"}\n', "gzip"),
    "text": (Headers.of([("Content-Type", "text/plain; charset=utf-8")]), "é 😀 \r\n  x \n".encode(), ""),
    "binary": (Headers.of([("Content-Type", "image/png"), ("Content-Length", "4")]), b"\x89PNG", ""),
    "empty": (Headers.of([("Content-Length", "0")]), b"", ""),
    "cookies": (Headers.of([("Set-Cookie", "a="), ("X", "y"), ("Set-Cookie", "b=")]), b"ok", ""),
}


def cassette() -> Cassette:
    interactions = tuple(
        Interaction(
            Request("POST", f"{URL}/{name}", Headers.of([("Accept", "*/*"), ("X-A", "1"), ("X-A", "2")]), b'{"n":1}'),
            Response(200, "OK", headers, body, encoding, "HTTP/1.1"),
            "2026-11-20T23:47:22Z",
            0.5,
        )
        for name, (headers, body, encoding) in ANSWERS.items()
    )
    return Cassette(
        interactions,
        failures=(Failure(0, Request("GET", URL), "timeout"),),
        test="test_x.py::test_y",
        recorded_values=(("email", "a@b.test"),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "x.yaml"
    write(file, scrub(cassette(), Secrets()))
    return file


def content(body: bytes, name: str) -> object:
    """A body as a client sees it: JSON as its value, for its white space is another."""
    return json.loads(body) if name in {"compact", "python", "gzip"} else body


def test_the_loader_of_vcrpy_reads_it(path: Path) -> None:
    from vcr.serialize import deserialize
    from vcr.serializers import yamlserializer

    requests, responses = deserialize(path.read_text("utf-8"), yamlserializer)

    assert [request.uri for request in requests] == [f"{URL}/{name}" for name in ANSWERS]
    for name, response in zip(ANSWERS, responses, strict=True):
        assert content(response["body"]["string"], name) == content(ANSWERS[name][1], name)


@pytest.mark.skipif(find_spec("pytest_recording") is None, reason="pytest-recording is not installed")
def test_the_loader_of_pytest_recording_reads_it(path: Path) -> None:
    # In a process of its own: the plugin changes the one that imports it.
    code = (
        "import sys\n"
        "from pytest_recording._vcr import load_cassette\n"
        "from vcr.serializers import yamlserializer\n"
        "requests, responses = load_cassette(sys.argv[1], yamlserializer)\n"
        "print(len(requests), len(responses))\n"
    )

    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)

    assert done.stdout.split() == [str(len(ANSWERS))] * 2


@pytest.mark.parametrize("name", ANSWERS)
def test_vcrpy_replays_it_through_requests(path: Path, name: str) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")

    with vcr.VCR(record_mode="none").use_cassette(str(path)):
        answer = requests.post(f"{URL}/{name}", data=b'{"n":1}', timeout=5)

    assert (answer.status_code, answer.reason) == (200, "OK")
    assert content(answer.content, name) == content(ANSWERS[name][1], name)
    if "Content-Length" in answer.headers:
        assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize("name", ANSWERS)
def test_vcrpy_replays_it_through_httpx(path: Path, name: str) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")

    with vcr.VCR(record_mode="none").use_cassette(str(path)), httpx.Client(trust_env=False) as client:
        answer = client.post(f"{URL}/{name}", content=b'{"n":1}')

    assert (answer.status_code, answer.reason_phrase) == (200, "OK")
    assert content(answer.content, name) == content(ANSWERS[name][1], name)


def test_vcrpy_matches_bodies_of_other_white_space(path: Path) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    recorder = vcr.VCR(record_mode="none", match_on=["method", "uri", "body"])
    headers = {"Content-Type": "application/json"}
    with_type = Cassette(
        (Interaction(Request("POST", URL, Headers.of([JSON]), b'{"n":1}'), Response(200, "OK", Headers(), b"ok")),)
    )
    path.write_text(dumps(scrub(with_type, Secrets())), "utf-8")

    with recorder.use_cassette(str(path)):
        assert requests.post(URL, data=b'{"n": 1}', headers=headers, timeout=5).text == "ok"
