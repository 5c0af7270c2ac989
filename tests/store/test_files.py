"""Cassettes on disk: wholly written or not at all, and never lost."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from undrift.errors import CassetteNotFoundError, CassetteNotWrittenError, CassetteUnreadableError, LeakError
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Scrubbed, Secrets, scrub
from undrift.store import dumps, read, write

SOURCE = Path(__file__).parents[2] / "src"
KEY = "sk_test_51HxyZ0abcDEF"


def cassette(body: bytes = b'{"a": 1}', times: int = 1) -> Cassette:
    interaction = Interaction(Request("GET", "https://api.test/"), Response(200, "OK", Headers(), body))
    return Cassette((interaction,) * times)


def scrubbed(body: bytes = b'{"a": 1}', times: int = 1) -> Scrubbed:
    return scrub(cassette(body, times), Secrets())


def only_file(folder: Path, name: str = "x.yaml") -> bool:
    return [path.name for path in folder.iterdir()] == [name]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.yaml"

    write(path, scrubbed())

    assert read(path) == cassette()
    assert path.read_text("utf-8") == dumps(scrubbed())
    assert only_file(path.parent)


def test_what_parses_and_what_writes_is_imported_when_needed(tmp_path: Path) -> None:
    write(tmp_path / "x.yaml", scrubbed())
    code = f"""
import sys
sys.path.insert(0, {str(SOURCE)!r})
from pathlib import Path
from undrift import store
path = Path(sys.argv[1])
print("undrift.store.canonical" in sys.modules, len(store.read(path)), "yaml" in sys.modules)
path.write_text("# Not as undrift writes it.\\n" + path.read_text())
print(len(store.read(path)), "yaml" in sys.modules, store.loads is store.loads)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "x.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "1", "False", "1", "True", "True"], done.stderr


def test_a_new_version_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    write(path, scrubbed(b"old"))

    write(path, scrubbed(b"new"))

    assert read(path) == cassette(b"new")
    assert only_file(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_the_mode_of_the_old_file_is_kept_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    old_umask = os.umask(0o027)
    try:
        write(path, scrubbed())
    finally:
        os.umask(old_umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640

    path.chmod(0o604)
    write(path, scrubbed(b"new"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.skipif(os.name == "nt", reason="Windows allows links to few")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "x.yaml"
    link.symlink_to(tmp_path / "real" / "y.yaml")

    write(link, scrubbed())
    write(link, scrubbed(b"new"))

    assert link.is_symlink()
    assert read(tmp_path / "real" / "y.yaml") == cassette(b"new")


@pytest.mark.parametrize("path", ["missing.yaml", "missing/x.yaml", "file/x.yaml"])
def test_a_missing_cassette_is_named_with_the_way_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CassetteNotFoundError, match=r"There is no such cassette\. Record it with `undrift record`"):
        read(tmp_path / path)


def test_a_folder_is_no_cassette(tmp_path: Path) -> None:
    with pytest.raises(CassetteUnreadableError, match="The cassette cannot be read"):
        read(tmp_path)
    with pytest.raises(CassetteNotWrittenError, match="no readable cassette, and is not overwritten"):
        write(tmp_path, scrubbed())


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"version: 1\nname: \xff\n")

    with pytest.raises(CassetteUnreadableError, match="line 2: The file is no UTF-8 text"):
        read(path)


@pytest.mark.parametrize(
    "content", [b"", b"interactions: [", b"\xff", b"undrift: {format: 2}\ninteractions: []\n", b"notes"]
)
def test_what_is_no_cassette_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)

    with pytest.raises(CassetteNotWrittenError, match="What is there is no readable cassette, and is not overwritten"):
        write(path, scrubbed())

    assert path.read_bytes() == content
    assert only_file(tmp_path)


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"")

    with pytest.raises(CassetteNotWrittenError, match="The cassette cannot be written"):
        write(tmp_path / "x.yaml" / "y.yaml", scrubbed())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CassetteNotWrittenError, match="Permission denied"):
            write(tmp_path / "x.yaml", scrubbed())
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_error_at_any_step_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "x.yaml"
    write(path, scrubbed(b"old"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if step == "replace" else os, step, fail)
    with pytest.raises(CassetteNotWrittenError, match=r"\(No space left on device\). What was there is unchanged"):
        write(path, scrubbed(b"new"))

    assert read(path) == cassette(b"old")
    assert only_file(tmp_path)


def test_only_what_was_scrubbed_is_written(tmp_path: Path) -> None:
    with pytest.raises(CassetteNotWrittenError, match="Scrub the cassette first"):
        write(tmp_path / "x.yaml", cassette())  # type: ignore[arg-type]  # what the test tries

    assert list(tmp_path.iterdir()) == []


def test_a_leak_refuses_the_write_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    write(path, scrubbed(b"old"))

    with pytest.raises(LeakError) as caught:
        write(path, scrubbed(f'{{"list": [{{"key": "{KEY}"}}]}}'.encode()), Secrets.named({"STRIPE_TEST_KEY": KEY}))

    assert str(caught.value).startswith(f"{path}: The cassette was not written, because the secret STRIPE_TEST_KEY")
    assert "interaction 0, response, body" in str(caught.value)
    assert KEY not in str(caught.value)
    assert read(path) == cassette(b"old")


PRELUDE = f"""\
import os, signal, sys
sys.path.insert(0, {str(SOURCE)!r})
from pathlib import Path
from undrift.errors import CassetteNotWrittenError
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import write
def scrubbed(body, times):
    interaction = Interaction(Request("GET", "https://api.test/"), Response(200, "OK", Headers(), body))
    return scrub(Cassette((interaction,) * times), Secrets())
path = Path(sys.argv[1])
"""


def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRELUDE + code, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", ["os.fsync", "Path.replace"])
def test_a_kill_in_the_middle_leaves_the_old_file_whole(tmp_path: Path, step: str) -> None:
    path = tmp_path / "x.yaml"
    write(path, scrubbed(b"old"))

    code = f"{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nwrite(path, scrubbed(b'new', 500))\n"
    killed = run(code, path)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert read(path) == cassette(b"old")
    write(path, scrubbed(b"new"))
    assert read(path) == cassette(b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_a_sentence_and_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    write(path, scrubbed(b"old"))

    full = run(
        """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write(path, scrubbed(b"x" * 50_000, 1))
except CassetteNotWrittenError as error:
    print(error)
""",
        path,
    )

    assert "The cassette cannot be written (File too large)" in full.stdout, full.stderr
    assert read(path) == cassette(b"old")
    assert only_file(tmp_path)


def test_two_processes_never_mix_their_files(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    code = "for _ in range(40):\n    write(path, scrubbed(sys.argv[2].encode() * 100, 5))\n"
    command = [sys.executable, "-c", PRELUDE + code, str(path)]
    written = {letter: cassette(letter.encode() * 100, 5) for letter in "ab"}
    write(path, scrub(written["a"], Secrets()))

    writers = [subprocess.Popen([*command, letter]) for letter in written]
    while any(writer.poll() is None for writer in writers):
        assert read(path) in written.values()

    assert [writer.wait() for writer in writers] == [0, 0]
    assert only_file(tmp_path)
