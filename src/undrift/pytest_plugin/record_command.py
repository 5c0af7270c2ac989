"""The command that the plugin's errors name as the way out."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RecordCommand:
    """The command that records a file's tests, or one of them; its text is made only for whoever is to read it.

    ``start`` is the folder where pytest was started.
    """

    start: Path
    path: Path
    test: str = ""

    def __str__(self) -> str:
        path = self.path
        # A relative path may not exist: between two drives of Windows.
        with suppress(ValueError):
            path = Path(os.path.relpath(path, self.start))
        if path == Path():
            return "undrift record"
        return shlex.join(["undrift", "record", f"{path.as_posix()}::{self.test}" if self.test else path.as_posix()])
