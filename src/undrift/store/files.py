"""Cassettes on disk: read whole, written atomically, never lost."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from undrift.errors import (
    CassetteError,
    CassetteNotFoundError,
    CassetteNotWrittenError,
    CassetteUnreadableError,
)
from undrift.scrub import Scrubbed, Secrets
from undrift.store.last_look import refuse_leaks
from undrift.store.reading import loads
from undrift.store.writing import dumps

if TYPE_CHECKING:
    from undrift.model import Cassette

_NOBODY = Secrets()


def read(path: Path) -> Cassette:
    """The cassette in a file.

    Raises CassetteNotFoundError, CassetteUnreadableError and CassetteTooNewError.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CassetteNotFoundError(path, "There is no such cassette. Record it with `undrift record`.") from error
    except OSError as error:
        problem = f"The cassette cannot be read ({_why(error)}). Make it a readable file, and run again."
        raise CassetteUnreadableError(path, problem) from error
    return loads(_decode(content, path), path)


def write(path: Path, scrubbed: Scrubbed, secrets: Secrets = _NOBODY) -> None:
    """Put a scrubbed cassette in a file: wholly or not at all.

    The bytes are searched for every secret, and read back, before the file is replaced in one
    step. Raises LeakError, and CassetteNotWrittenError where the folder, the disk or the file
    that is there does not allow it; what was there before is then still there.
    """
    if not isinstance(scrubbed, Scrubbed):
        raise CassetteNotWrittenError(path, "Only what scrub() gives can be written. Scrub the cassette first.")
    content = dumps(scrubbed, path).encode()
    refuse_leaks(path, scrubbed.cassette, content, secrets | scrubbed.found)
    target = Path(os.path.realpath(path))
    _refuse_unreadable(path, target)
    try:
        _replace(target, content)
    except OSError as error:
        raise CassetteNotWrittenError(
            path,
            f"The cassette cannot be written ({_why(error)}). What was there is unchanged; mend this and run again.",
        ) from error


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = "The file is no UTF-8 text. Restore it from version control, or delete it and record it again."
        raise CassetteUnreadableError(path, problem, line=line) from error


def _refuse_unreadable(path: Path, target: Path) -> None:
    """Whatever is no cassette is never overwritten."""
    if not target.exists():
        return
    try:
        read(target)
    except CassetteError as error:
        raise CassetteNotWrittenError(
            path,
            f"What is there is no readable cassette, and is not overwritten. {error.problem}",
        ) from error


def _replace(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own for every writer: two processes never write into one file.
    beside = target.parent / f".undrift-{os.getpid()}-{os.urandom(6).hex()}.tmp"
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
