"""Starting the sandbox: localstripe, each version in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "examples" / "stripe" / "sandbox_server.py"
OLD = "1.13.8"
NEW = "1.15.10"
# Made up, and of a shape that Stripe never gives out.
KEY = "sk_test_localstripe0000"


class SandboxError(Exception):
    """The sandbox cannot be started."""


@dataclass(frozen=True)
class Sandbox:
    """A running localstripe."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running(version: str = NEW) -> Iterator[Sandbox]:
    """Give a localstripe of this version, with no state yet, for the length of the block."""
    command = [str(python_with(version)), "-I", str(SERVER)]
    # It gets no credential to see, and it ends with its standard input: however this process ends.
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise SandboxError(f"{' '.join(command)} ended with code {process.wait()} before it listened.")
        yield Sandbox(url, process)


def python_with(version: str) -> Path:
    """Find the Python of the environment that has this version of localstripe."""
    override = os.environ.get(f"LOCALSTRIPE_{version.replace('.', '_')}_PYTHON")
    python = Path(override) if override else ROOT / ".venvs" / f"localstripe-{version}" / "bin" / "python"
    if not python.is_file():
        raise SandboxError(f"{python} is missing. `make test` makes the environment of localstripe {version}.")
    return python
