"""What the cache gives is what parsing gives, or nothing."""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.errors import CassetteUnreadableError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import read, reading, write
from undrift.store.cache import Cache
from undrift.store.workspace import Workspace

RESPONSE = Response(200, "OK", Headers((("A", "b"),)), b"\xff\x00", "gzip", "HTTP/2")
FULL = Cassette(
    (Interaction(Request("GET", "https://api.test/"), RESPONSE, "2026-11-20T02:00:00Z", 0.5),),
    (Failure(0, Request("POST", "https://api.test/", body=b"{}"), "timeout", "slow"),),
    "tests/test_x.py::test_y",
    (("name", {"a": [1, 2.5, None, True, "x"]}),),
    {"kept": b"bytes"},
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path / "x.yaml", scrub(FULL, Secrets()))
    return tmp_path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were parsed."""
    seen: list[Path] = []
    loads = reading.loads

    def watched(text: str, path: Path) -> Cassette:
        seen.append(path)
        return loads(text, path)

    monkeypatch.setattr(reading, "loads", watched)
    return seen


def cache_of(project: Path, version: str = "1.0") -> Cache:
    return Cache(Workspace(project), version)


def entries(project: Path) -> list[Path]:
    return sorted((project / ".undrift" / "cache").iterdir())


def test_the_second_reading_parses_nothing(project: Path, parsed: list[Path]) -> None:
    path = project / "x.yaml"
    assert read(path, cache_of(project)) == read(path, cache_of(project)) == FULL
    assert parsed == [path]
    assert (project / ".undrift" / ".gitignore").read_text("utf-8").endswith("*\n")


def test_a_file_that_changed_is_parsed_again_whatever_its_time_and_size(project: Path, parsed: list[Path]) -> None:
    path = project / "x.yaml"
    read(path, cache_of(project))
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"slow", b"fast"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    changed = read(path, cache_of(project))

    assert changed.failures[0].message == "fast"
    assert read(path, cache_of(project)) == changed
    assert len(parsed) == 2
    assert len(entries(project)) == 1


def test_a_project_that_moved_keeps_its_cache(project: Path, parsed: list[Path], tmp_path: Path) -> None:
    read(project / "x.yaml", cache_of(project))
    moved = project.rename(tmp_path.with_name("moved"))
    assert read(moved / "x.yaml", cache_of(moved)) == FULL
    assert len(parsed) == 1


def test_a_cassette_outside_of_the_project_is_kept_too(project: Path, parsed: list[Path], tmp_path: Path) -> None:
    elsewhere = Workspace(tmp_path / "elsewhere")
    assert read(project / "x.yaml", Cache(elsewhere, "1.0")) == read(project / "x.yaml", Cache(elsewhere, "1.0"))
    assert len(parsed) == 1


@given(where=st.floats(0, 1, exclude_max=True), what=st.sampled_from(["cut", "flip", "add", "empty"]))
def test_a_damaged_entry_is_as_none(tmp_path_factory: pytest.TempPathFactory, where: float, what: str) -> None:
    project = tmp_path_factory.mktemp("project")
    write(project / "x.yaml", scrub(FULL, Secrets()))
    read(project / "x.yaml", cache_of(project))
    (entry,) = entries(project)
    whole = entry.read_bytes()
    at = int(where * len(whole))
    flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    entry.write_bytes({"cut": whole[:at], "flip": flipped, "add": whole + b"\x00", "empty": b""}[what])

    digest = hashlib.sha256((project / "x.yaml").read_bytes()).digest()
    assert cache_of(project).get(project / "x.yaml", digest) is None
    assert read(project / "x.yaml", cache_of(project)) == FULL
    assert entry.read_bytes() == whole


def test_an_entry_of_other_data_is_as_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "x.yaml"
    digest = hashlib.sha256(path.read_bytes()).digest()
    for data in (b"", b"\xc1", msgspec.msgpack.encode([1]), msgspec.msgpack.encode({"interactions": [{}]})):
        with monkeypatch.context() as patched:
            patched.setattr(msgspec.msgpack, "encode", lambda _, data=data: data)
            cache_of(project).put(path, digest, FULL)
        assert len(entries(project)) == 1
        assert cache_of(project).get(path, digest) is None


def test_another_version_of_undrift_parses_again(project: Path, parsed: list[Path]) -> None:
    for version in ("1.0", "1.1", "1.1", "1.0"):
        assert read(project / "x.yaml", cache_of(project, version)) == FULL
    assert len(parsed) == 3


@pytest.mark.parametrize("value", [dt.date(2026, 1, 1), {1: "a"}, [{"a": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}]])
def test_what_would_not_come_back_exactly_is_not_kept(project: Path, value: Any) -> None:
    path = project / "x.yaml"
    write(path, scrub(Cassette(FULL.interactions, metadata=value), Secrets()))
    assert read(path, cache_of(project)).metadata == read(path, cache_of(project)).metadata
    assert not (project / ".undrift").exists()


@pytest.mark.parametrize(
    "cassette",
    [
        Cassette((Interaction(Request("GET", "\ud800"), RESPONSE),)),
        Cassette(metadata=2**70),
        Cassette((Interaction(Request("GET", "/"), Response(2**70)),)),
    ],
)
def test_what_messagepack_cannot_hold_is_not_kept(project: Path, cassette: Cassette) -> None:
    cache_of(project).put(project / "x.yaml", b"", cassette)
    assert not (project / ".undrift").exists()


def test_nesting_that_is_deep_is_not_kept(project: Path) -> None:
    deep: Any = []
    for number in range(100):
        deep = [deep] if number % 2 else {"a": deep}
    cache_of(project).put(project / "x.yaml", b"", Cassette(metadata=deep))
    assert not (project / ".undrift").exists()


def test_where_nothing_can_be_written_it_is_parsed_each_time(project: Path, parsed: list[Path]) -> None:
    (project / ".undrift").write_text("a file in the way")
    for _ in range(2):
        assert read(project / "x.yaml", cache_of(project)) == FULL
    assert len(parsed) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_an_entry_is_its_owner_s_alone(project: Path) -> None:
    read(project / "x.yaml", cache_of(project))
    assert [stat.S_IMODE(entry.stat().st_mode) for entry in entries(project)] == [0o600]


def test_it_holds_nothing_that_the_cassette_does_not_hold(project: Path) -> None:
    read(project / "x.yaml", cache_of(project))
    (entry,) = entries(project)
    assert msgspec.msgpack.decode(entry.read_bytes()[-len(msgspec.msgpack.encode(FULL)) :], type=Cassette) == FULL


def test_what_cannot_be_read_is_not_kept(project: Path) -> None:
    (project / "broken.yaml").write_text("interactions: [")
    with pytest.raises(CassetteUnreadableError):
        read(project / "broken.yaml", cache_of(project))
    assert not (project / ".undrift").exists()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(project: Path, *, enabled: bool) -> None:
    try:
        (gc.enable if enabled else gc.disable)()
        read(project / "x.yaml")
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


SCRIPT = """
import sys
from pathlib import Path
from undrift.store import read
from undrift.store.cache import Cache
from undrift.store.workspace import Workspace
project = Path(sys.argv[1])
for turn in range(60):
    assert len(read(project / "x.yaml", Cache(Workspace(project), "1.0"))) == 1
    if turn % 3 == 0:
        for entry in (project / ".undrift" / "cache").glob("[0-9a-f]*"):
            entry.unlink(missing_ok=True)
"""


def test_two_processes_share_it(project: Path) -> None:
    source = Path(__file__).parents[2] / "src"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(source)!r})\n{SCRIPT}", str(project)]
    readers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(reader.communicate(timeout=60)[1], reader.returncode) for reader in readers] == [("", 0)] * 2
    assert all(not entry.name.endswith(".tmp") for entry in entries(project))
