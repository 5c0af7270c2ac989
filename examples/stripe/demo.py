"""undrift's main job in a minute, on a real server and its real upgrade.

    python demo.py

Replays the shop's tests offline, catches the drift that an upgrade of the sandbox brought,
accepts it, and checks again. It prints each command before it runs it, works on a copy of
this folder, and fails if a step does not end as it should.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / ".venvs"
RECORDED_WITH = "1.13.8"
UPGRADED_TO = "1.15.10"
# Made up: localstripe takes any key of this shape.
KEY = "sk_test_demo000000"


class DemoError(Exception):
    """A step did not end as it should."""


@dataclass(frozen=True)
class Shop:
    """A copy of the project, and how commands are run there."""

    folder: Path

    def run(self, *command: str, expect: int, **variables: str) -> None:
        """Print a command and run it; ``variables`` are added to its environment."""
        said = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
        say(f"\n$ {' '.join([*said, shlex.join(command)])}\n")
        # Without what the caller's environment may hold: the demo needs no key and no settings.
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "UNDRIFT", "PYTEST"))
        }
        path = os.pathsep.join([str(Path(sys.executable).parent), clean.get("PATH", os.defpath)])
        code = run(command, self.folder, {**clean, "PATH": path, **variables})
        say(f"\n[exit code {code}]\n")
        if code != expect:
            raise DemoError(f"`{shlex.join(command)}` ended with exit code {code}, not {expect}.")

    def cassettes(self) -> dict[str, bytes]:
        """Every cassette's bytes, by file name."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "cassettes").rglob("*.yaml"))}


def main() -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="undrift-demo-") as folder:
            demonstrate(Path(folder) / "shop")
    except DemoError as error:
        say(f"\nThe demo failed: {error}\n")
        return 1
    return 0


def demonstrate(folder: Path) -> None:
    say(f"The demo works on a copy, so that it changes nothing here:\n\n$ cp -r {HERE} {folder} && cd {folder}\n")
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__", ".undrift", ".*_cache", ".env*"))
    shop = Shop(folder)
    recorded = shop.cassettes()

    title(f"1. Replay: no key, no network. The cassettes were recorded against localstripe {RECORDED_WITH}.")
    shop.run(*without_network(), "undrift", "replay", expect=0)

    title(f"2. Check against localstripe {UPGRADED_TO}: the mocks are stale.")
    with sandbox(UPGRADED_TO) as url:
        live = {"STRIPE_API_BASE": url, "STRIPE_TEST_KEY": KEY}
        shop.run("undrift", "check", "--fail-on", "additive", expect=1, **live)

        title("3. The same, as a nightly job runs it: only breaking drift fails it, all is reported.")
        shop.run("undrift", "check", expect=0, **live)
        if shop.cassettes() != recorded:
            raise DemoError("A check changed a cassette.")

        title("4. Accept the drift, and check again: clean.")
        shop.run("undrift", "accept", expect=0)
        if shop.cassettes() == recorded:
            raise DemoError("Accepting changed no cassette.")
        shop.run("undrift", "check", "--fail-on", "additive", expect=0, **live)

    title("5. Replay what was accepted: offline again.")
    shop.run(*without_network(), "undrift", "replay", expect=0)


@contextmanager
def sandbox(version: str) -> Iterator[str]:
    """Run localstripe for the length of the block, and give its address."""
    python = ENVIRONMENTS / f"localstripe-{version}" / "bin" / "python"
    if not python.is_file():
        raise DemoError(f"{python} is missing; `make demo` makes it.")
    command = [str(python), str(HERE / "sandbox_server.py")]
    say(f"\n$ {shlex.join(command)}\n")
    # The server ends with its standard input, so it cannot outlive this process.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        url = server.stdout.readline().strip() if server.stdout else ""
        if not url:
            raise DemoError(f"localstripe {version} does not start.")
        say(f"{url}\n")
        yield url


def without_network() -> tuple[str, ...]:
    """Give the command that runs another without any network, where the system has one.

    Elsewhere undrift's own guard alone refuses the network.
    """
    command = ("unshare", "--map-root-user", "--net")
    works = shutil.which(command[0]) and run((*command, "true"), HERE, dict(os.environ), quiet=True) == 0
    return command if works else ()


def run(command: Sequence[str], folder: Path, environment: dict[str, str], *, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        raise DemoError(f"There is no program {command[0]}; `make demo` installs it.")
    return subprocess.run(  # noqa: S603 - the demo's own commands
        [program, *command[1:]], cwd=folder, env=environment, stdout=output, stderr=output, check=False
    ).returncode


def title(text: str) -> None:
    say(f"\n{'-' * len(text)}\n{text}\n{'-' * len(text)}\n")


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
