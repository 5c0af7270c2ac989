"""Cassettes on disk: read whole, written atomically, never lost."""

from __future__ import annotations

import gc
import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from undrift.errors import (
    CassetteError,
    CassetteNotFoundError,
    CassetteNotWrittenError,
    CassetteUnreadableError,
)
from undrift.scrub import Secrets
from undrift.store.replacing import remove_stale, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.model import Cassette
    from undrift.scrub import Scrubbed
    from undrift.store.cache import Cache

_NOBODY = Secrets()


def read(path: Path, cache: Cache | None = None) -> Cassette:
    """The cassette in a file, from the cache where that has it.

    Raises CassetteNotFoundError, CassetteUnreadableError and CassetteTooNewError.
    """
    if cache is None:
        return _parsed(_content(path), path)
    # The content is let go before its parsed form is loaded, so that the two never add up.
    kept = cache.get(path, hashlib.sha256(_content(path)).digest())
    if kept is not None:
        return kept
    content = _content(path)
    cassette = _parsed(content, path)
    cache.put(path, hashlib.sha256(content).digest(), cassette)
    return cassette


def digest(path: Path) -> str | None:
    """A digest of what a cassette's file holds now; None where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def write(path: Path, scrubbed: Scrubbed, secrets: Secrets = _NOBODY, *, not_secret: Iterable[str] = ()) -> None:
    """Put a scrubbed cassette in a file: wholly or not at all.

    The bytes are searched for every secret and for what looks like one, and read back, before the
    file is replaced in one step; what one of the expressions ``not_secret`` matches wholly only
    looks like one. Raises LeakError, and CassetteNotWrittenError where the folder, the disk or the file
    that is there does not allow it; what was there before is then still there.
    """
    from undrift.scrub import Scrubbed  # noqa: PLC0415 - only where something is written
    from undrift.store.last_look import refuse_leaks  # noqa: PLC0415 - as above
    from undrift.store.writing import dumps  # noqa: PLC0415 - as above

    if not isinstance(scrubbed, Scrubbed):
        raise CassetteNotWrittenError(path, "Only what scrub() gives can be written. Scrub the cassette first.")
    target = Path(os.path.realpath(path))
    with _uncollected():
        content = dumps(scrubbed, path).encode()
    refuse_leaks(path, scrubbed.cassette, content, secrets | scrubbed.found, not_secret)
    _refuse_unreadable(path, target)
    _write(path, target, content)


def write_as(
    path: Path, content: bytes, scrubbed: Scrubbed, secrets: Secrets = _NOBODY, *, not_secret: Iterable[str] = ()
) -> None:
    """Put a scrubbed cassette in a file as somebody else's serializer writes it: ``content``.

    It is searched for every secret as in ``write``, and replaces the file in one step. Raises
    LeakError and CassetteNotWrittenError.
    """
    from undrift.store.last_look import refuse_leaks  # noqa: PLC0415 - only where something is written

    refuse_leaks(path, scrubbed.cassette, content, secrets | scrubbed.found, not_secret)
    _write(path, Path(os.path.realpath(path)), content)


def _write(path: Path, target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, (content,))
    except OSError as error:
        raise CassetteNotWrittenError(
            path,
            f"The cassette cannot be written ({_why(error)}). What was there is unchanged; mend this and run again.",
        ) from error
    remove_stale(target.parent)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CassetteNotFoundError(path, "There is no such cassette. Record it with `undrift record`.") from error
    except OSError as error:
        problem = f"The cassette cannot be read ({_why(error)}). Make it a readable file, and run again."
        raise CassetteUnreadableError(path, problem) from error


def _parsed(content: bytes, path: Path) -> Cassette:
    from undrift.store import canonical  # noqa: PLC0415 - what is in the cache is not parsed

    with _uncollected():
        cassette = canonical.read(content)
        if cassette is not None:
            return cassette
        from undrift.store.reading import loads  # noqa: PLC0415 - heavy, and only for what is written otherwise

        return loads(_decode(content, path), path)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector rest: it would look through a growing tree, again and again, for nothing.

    Two threads that do so at once may wake it early, and never leave it asleep.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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


def _why(error: OSError) -> str:
    return error.strerror or str(error)
