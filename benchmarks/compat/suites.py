"""Running a released package's own tests: as it was released, and with undrift in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# One file of a suite may hang where there is no network; none takes a tenth of this where there is.
SECONDS_A_TEST = 20
SECONDS_A_FILE = 600
PASSED = "passed"


@dataclass(frozen=True)
class Suite:
    """A released package and its tests.

    ``original`` and ``stand_in`` are the plugins to name on pytest's command line, for the package
    itself and for undrift in its place. ``is_together`` says that its files count on running in one
    process.
    """

    package: str
    version: str
    tests: str
    imports: str
    original: tuple[str, ...]
    stand_in: tuple[str, ...]
    is_together: bool = False

    @property
    def folder(self) -> str:
        return f"{self.package.replace('-', '_')}-{self.version}"


SUITES = (
    Suite(
        "pytest-recording", "0.14.1", "tests/test_*.py", "src", ("no:undrift", "pytest_recording.plugin"),
        ("undrift_for_recording",), is_together=True,
    ),
    Suite("vcrpy", "9.4.2", "tests/*/test_*.py", ".", ("no:undrift",), ("undrift_for_vcrpy",)),
)  # fmt: skip

# What the two suites import, the clients among them that vcrpy knows.
NEEDED = (
    "vcrpy==9.4.2", "aiohttp", "boto3", "brotli", "cryptography", "httpbin", "httplib2", "httpx", "httpx-curl-cffi",
    "httpx2", "pycurl", "pyreqwest", "pysocks", "pytest", "pytest-aiohttp", "pytest-asyncio", "pytest-cov",
    "pytest-httpbin", "pytest-mock", "pytest-timeout", "requests", "setuptools", "tornado", "urllib3", "Werkzeug",
    "packaging",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where the environment lies, and the unpacked ``sources``.

    They lie apart: below this project, the suites would be run as part of it, by its configuration.
    """

    folder: Path
    sources: Path

    @property
    def python(self) -> Path:
        return self.folder / "env" / "bin" / "python"

    def prepare(self) -> None:
        """Make the environment, and fetch the sources, where they are not there yet."""
        stamp = self.folder / ".installed"
        wanted = "\n".join((*NEEDED, *(suite.folder for suite in SUITES)))
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            _run(sys.executable, "-m", "venv", "--clear", self.folder / "env")
            self._pip("install", *NEEDED)
            for suite in SUITES:
                self._download(suite)
            stamp.write_text(wanted, "utf-8")
        # undrift as it is now, apart, so that the original may run without it.
        shutil.rmtree(self.folder / "undrift", ignore_errors=True)
        self._pip("install", "--no-deps", "--target", self.folder / "undrift", ROOT)
        wanted_by_undrift = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
        self._pip("install", *wanted_by_undrift)

    def _download(self, suite: Suite) -> None:
        self._pip("download", "--no-deps", "--no-binary", ":all:", "--dest", self.folder,
                  f"{suite.package}=={suite.version}")  # fmt: skip

    def unpack(self, suite: Suite) -> None:
        """Put a suite's sources, as they were released, in their place."""
        with tarfile.open(self.folder / f"{suite.folder}.tar.gz") as archive:
            archive.extractall(self.sources, filter="data")

    def _pip(self, *arguments: object) -> None:
        _run(self.python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", *arguments)

    def outcomes(self, suite: Suite, *, with_undrift: bool) -> dict[str, str]:
        """The outcome of each test by its name, as ``file::class::test``."""
        source = self.sources / suite.folder
        files = sorted(path.relative_to(source) for path in source.glob(suite.tests))
        runs = [files] if suite.is_together else [[file] for file in files]
        found: dict[str, str] = {}
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for outcomes in pool.map(lambda run: self._of_run(suite, run, with_undrift=with_undrift), runs):
                found |= outcomes
        return found

    def _of_run(self, suite: Suite, files: list[Path], *, with_undrift: bool) -> dict[str, str]:
        source = self.sources / suite.folder
        side = "undrift" if with_undrift else "original"
        name = "all" if suite.is_together else "-".join(files[0].with_suffix("").parts)
        results = self.folder / "results" / side / suite.package / f"{name}.xml"
        results.parent.mkdir(parents=True, exist_ok=True)
        results.unlink(missing_ok=True)
        plugins = suite.stand_in if with_undrift else suite.original
        command = [
            self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", SECONDS_A_TEST,
            *(part for plugin in plugins for part in ("-p", plugin)), f"--junitxml={results}", *files,
        ]  # fmt: skip
        with results.with_suffix(".log").open("wb") as log:
            _run(*command, cwd=source, env=self._environment(suite, plugins, with_undrift=with_undrift), output=log,
                 check=False)  # fmt: skip
        return _read(results, files) if results.exists() else {}

    def _environment(self, suite: Suite, plugins: tuple[str, ...], *, with_undrift: bool) -> dict[str, str]:
        paths = [self.sources / suite.folder / suite.imports]
        paths += [self.folder / "undrift", Path(__file__).parent / "stand_in"] if with_undrift else []
        certificates = _run(self.python, "-m", "pytest_httpbin.certs").strip()
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "UNDRIFT", "COV"))},
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            # A run of pytest within a test has the plugin too.
            "PYTEST_PLUGINS": ",".join(plugin for plugin in plugins if not plugin.startswith("no:")),
            "REQUESTS_CA_BUNDLE": certificates,
            "SSL_CERT_FILE": certificates,
        }


def _read(results: Path, files: list[Path]) -> dict[str, str]:
    modules = {".".join(file.with_suffix("").parts): file for file in files}
    found = {}
    # Written by pytest on this machine a moment ago.
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - as said
        owner = case.get("classname", "")
        module = next((name for name in modules if owner == name or owner.startswith(f"{name}.")), "")
        inner = owner.removeprefix(module).strip(".").replace(".", "::")
        name = "::".join(filter(None, (modules[module].as_posix() if module else "", inner, case.get("name", ""))))
        problems = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[name] = problems[0] if problems else PASSED
    return found


def _run(*command: object, check: bool = True, output: object = subprocess.PIPE, **options: object) -> str:
    done = subprocess.run(  # type: ignore[call-overload] # options are handed on
        [str(part) for part in command], check=False, stdout=output, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS_A_FILE, **options,
    )  # fmt: skip
    if check and done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout or ""
