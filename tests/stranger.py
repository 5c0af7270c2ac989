"""A stranger's project with a server of its own, and the commands of undrift run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from tests.webserver import in_background

from undrift import cli
from undrift.app import run as app_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

# Other plugins of this environment are no part of what is shown, and cost time in each run.
WITHOUT = ("recording", "cacheprovider", "hypothesispytest", "anyio", "pytest_cov")

# One name for the server, whatever port it has today: cassettes recorded on one serve the other.
TABLE = """
[tool.undrift]
[tool.undrift.services.shop]
origins = ["https://api.shop.test", "http://127.0.0.1:*"]
"""

# Asks for one thing in each test; what is answered is the server's business.
TESTS = """
import httpx, pytest

pytestmark = pytest.mark.vcr

def get(path):
    return httpx.get("{url}" + path, verify=False)

def test_one():
    assert "number" in get("/one").json()

def test_two():
    get("/two")

def test_three():
    httpx.post("{url}/three", json={"amount": 100}, verify=False)
"""


@dataclass(frozen=True)
class Answer:
    """What the server says, and with which status."""

    content: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Server(ThreadingHTTPServer):
    """Says what ``answers`` holds for a path: an answer, or several in turn, of which the last stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.hits: list[tuple[str, str, bytes, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def say(self, path: str, *answers: object, status: int = 200) -> None:
        """From now on, answer a path so."""
        self.answers[path] = [one if isinstance(one, Answer) else Answer(one, status) for one in answers]

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.hits]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.hits.append((self.command, self.path, content, dict(self.headers)))
        waiting = self.server.answers.get(self.path.partition("?")[0], [Answer({"number": 7, "name": "plain"})])
        said = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        body = said.content if isinstance(said.content, bytes) else json.dumps(said.content).encode()
        self.send_response(said.status)
        for name, value in (("Content-Type", "application/json"), *said.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - http.server's names

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """Give a running server for the length of the block."""
    with in_background(Server()) as server:
        yield server


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The whole of standard output, as a report in JSON."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def both(self) -> str:
        return self.out + self.err


class Ended(NamedTuple):
    """What is asked of a process that ended."""

    returncode: int


@dataclass
class Stranger:
    """A project of somebody else, and undrift run in it as its users would.

    ``undrift`` runs a command in this process, and the pytest that it starts too; ``process``
    runs the real thing.
    """

    pytester: pytest.Pytester
    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]
    server: Server
    tapes: dict[str, dict[str, bytes]]
    commands: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in [name for name in os.environ if name.startswith(("UNDRIFT", "PYTEST_ADDOPTS"))]:
            self.monkeypatch.delenv(name)
        self.configure()
        self.write(TESTS)

    @property
    def root(self) -> Path:
        return self.pytester.path

    def write(self, text: str, name: str = "tests/test_it.py") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{url}", self.server.url), "utf-8")
        return path

    def configure(self, table: str = TABLE) -> None:
        blocked = ", ".join(f'"-p", "no:{name}"' for name in WITHOUT)
        self.write(f"{table}\n[tool.pytest.ini_options]\naddopts = [{blocked}]\n", "pyproject.toml")

    def cassette(self, name: str = "test_one") -> Path:
        return self.root / "cassettes" / "tests" / "test_it" / f"{name}.yaml"

    def cassettes(self) -> dict[str, bytes]:
        folder = self.root / "cassettes"
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}

    def kept_report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.root / ".undrift" / "report.json").read_text("utf-8"))
        return report

    def record(self) -> None:
        """Record everything; what was recorded from the same tests before is taken from there."""
        before = self._tests()
        if before not in self.tapes:
            done = self.undrift("record")
            assert done.code == 0, done.both
            self.tapes[before] = self.cassettes()
        for name, content in self.tapes[before].items():
            path = self.root / "cassettes" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _tests(self) -> str:
        texts = [(path.name, path.read_text("utf-8")) for path in sorted(self.root.rglob("*.py"))]
        said = sorted((path, str(answers)) for path, answers in self.server.answers.items())
        return f"{texts}{said}".replace(self.server.url, "")

    def undrift(self, *arguments: str) -> Done:
        """Run a command in this process."""
        self.capfd.readouterr()
        with self.monkeypatch.context() as patched:
            patched.setattr(app_run, "subprocess", SimpleNamespace(run=self._run))
            code = cli.main(arguments)
        written = self.capfd.readouterr()
        return Done(code, written.out, written.err)

    def check(self, *arguments: str) -> Done:
        """Check, with the report in JSON."""
        return self.undrift("check", "--format", "json", *arguments)

    def process(self, *arguments: str) -> Done:
        """Run a command as its users do, in a process of its own."""
        command = [sys.executable, "-c", "import sys; from undrift.cli import main; sys.exit(main())", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False, timeout=60)
        return Done(done.returncode, done.stdout, done.stderr)

    def _run(self, command: Sequence[str], *, env: dict[str, str], stdout: TextIO | None, check: bool) -> Ended:
        """Stand in for the child process: the same pytest with the same plugin, in this one."""
        assert (command[:3], check) == ([sys.executable, "-m", "pytest"], False)
        self.commands.append(tuple(command[3:]))
        with self.monkeypatch.context() as patched, redirect_stdout(stdout or sys.stdout):
            for name, value in env.items():
                patched.setenv(name, value)
            return Ended(int(self.pytester.runpytest_inprocess(*command[3:]).ret))
