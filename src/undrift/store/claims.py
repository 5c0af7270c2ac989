"""Which test of a run was the first to write a file, also where the run is many processes."""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from undrift.errors import CassetteNotWrittenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


class Claims:
    """Who wrote which file first.

    ``folder`` is where the processes of a run tell each other; None where there is only one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._here: dict[Path, str] = {}

    @contextmanager
    def writing(self, path: Path, owner: str) -> Iterator[bool]:
        """Keep all others from writing a file for the length of the block.

        Gives whether another than this owner wrote it before. Whoever leaves the block without an
        error has written it. Raises CassetteNotWrittenError where they cannot tell each other.
        """
        if self._folder is None:
            first = self._here.get(path, owner)
            yield first != owner
            self._here[path] = first
            return
        with _locked(path, self._folder) as file:
            file.seek(0)
            before = file.read()
            yield before not in {"", owner}
            if not before:
                file.write(owner)


@contextmanager
def _locked(path: Path, folder: Path) -> Iterator[IO[str]]:
    name = hashlib.sha256(str(path).encode()).hexdigest()[:32]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / name).open("a+", encoding="utf-8")
        _lock(file)
    except OSError as error:
        raise CassetteNotWrittenError(
            path, f"The other processes of this run cannot be told so in {folder}: {error}. Mend that, or use one."
        ) from error
    with file:
        try:
            yield file
            file.flush()
        finally:
            _unlock(file)
