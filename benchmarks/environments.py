"""The environments that the contenders run in, each made when first needed.

Each peer has its own, since no two of them may be installed beside each other; the clients are
the same in all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_CLIENTS: Final = ("httpx", "requests", "aiohttp", "urllib3", "boto3", "pytest")
_PACKAGES: Final = {
    "undrift": (str(ROOT),),
    "vcrpy": ("vcrpy>=9.4", "pytest-recording>=0.13"),
    "cassetter": ("cassetter==0.16.*", "PyYAML"),
}


def environment() -> dict[str, str]:
    """The environment variables of every contender: modules are compiled once, as on any machine."""
    wanted = {"PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT"}
    return {name: value for name, value in os.environ.items() if name in wanted}


@cache
def python_of(name: str) -> Path:
    """The interpreter of a contender's environment, made if it is not there.

    undrift is installed anew each time: it is what is being worked on.
    """
    folder = ROOT / ".venvs" / f"bench-{name}"
    python = folder / "bin" / "python"
    stamp = folder / ".installed"
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
    packages = _PACKAGES[name]
    if not stamp.exists() or stamp.read_text("utf-8") != " ".join(packages):
        print(f"making the environment of {name} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", *quiet, *_CLIENTS, *packages], check=True)
        stamp.write_text(" ".join(packages), "utf-8")
    if name == "undrift":
        subprocess.run(
            [str(python), "-m", "pip", "install", *quiet, "--no-deps", "--force-reinstall", str(ROOT)], check=True
        )
    return python
