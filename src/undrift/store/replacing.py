"""Replacing a file wholly or not at all, also between processes and through a kill in the middle."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BESIDE = re.compile(r"\.undrift-[0-9]+-[0-9a-f]{12}\.tmp")
# No write takes this long: what is older was left by a process that was killed in its middle.
_STALE_SECONDS = 3600


def replace_file(target: Path, parts: Iterable[bytes | memoryview], *, lasting: bool = True) -> None:
    """Put these parts, one after the other, in a file in one step.

    The old file's mode stays. ``lasting`` makes it last through a power cut too, which takes
    time; a file that is not needs none of that, and is its owner's alone. Raises OSError, and
    what was there before is then still there.
    """
    if target.is_dir():
        # To replace an empty folder would work on some systems.
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    # A name of its own for every writer: two processes never write into one file.
    beside = target.parent / f".undrift-{os.getpid()}-{os.urandom(6).hex()}.tmp"
    try:
        with open(beside, "xb", opener=None if lasting else _open_for_owner) as file:
            file.writelines(parts)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if lasting:
            with contextlib.suppress(FileNotFoundError):
                beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if lasting:
        _sync_folder(target.parent)


def remove_stale(folder: Path) -> None:
    """Remove what writers of ``replace_file`` left in a folder that were killed, as far as that is possible."""
    oldest = time.time() - _STALE_SECONDS
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _BESIDE.fullmatch(entry.name) is None:
                continue
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_mtime < oldest:
                    os.unlink(entry.path)  # noqa: PTH108 - as scandir gives it


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
