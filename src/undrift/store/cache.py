"""Parsed cassettes, kept so that the next run has not to parse them again.

An entry belongs to one cassette's path, and says of which content it is the parsed form; it
counts only while the file has that content, byte for byte. It holds nothing but plain data,
typed as the model is, and nothing that the cassette does not hold. Whatever is wrong with an
entry, or with writing one, is as if there were none: nothing here is ever needed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from undrift.errors import UsageError
from undrift.model import Cassette
from undrift.store.replacing import remove_stale, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from undrift.store.workspace import Workspace

# Counts up with each change of what a cassette is parsed to.
_FORMAT: Final = 1
_DIGEST_SIZE: Final = hashlib.sha256().digest_size
_DEEPEST: Final = 64


class Cache:
    """The parsed cassettes of a project, in ``.undrift/cache/``; safe to use from many processes.

    ``version`` is that of undrift: what another one parsed is not taken.
    """

    def __init__(self, workspace: Workspace, version: str) -> None:
        self._mark = f"undrift {version} cache {_FORMAT}\n".encode()
        self._workspace = workspace
        self._folder = workspace.folder / "cache"
        self._decoder = msgspec.msgpack.Decoder(Cassette)
        self._is_ready = False

    def get(self, path: Path, digest: bytes) -> Cassette | None:
        """What was parsed from a file whose content has this SHA-256 digest; None where that is not kept."""
        try:
            entry = self._entry(path).read_bytes()
        except OSError:
            return None
        size = len(self._mark) + 2 * _DIGEST_SIZE
        payload = memoryview(entry)[size:]
        if entry[:size] != self._head(digest, payload):
            return None
        try:
            return self._decoder.decode(payload)
        except (msgspec.MsgspecError, RecursionError):
            return None

    def put(self, path: Path, digest: bytes, cassette: Cassette) -> None:
        """Keep what was parsed from a file whose content has this SHA-256 digest, where that is possible."""
        values = (cassette.metadata, *(value for _, value in cassette.recorded_values))
        if not all(_is_kept_exactly(value) for value in values):
            return
        try:
            payload = msgspec.msgpack.encode(cassette)
        except (ValueError, OverflowError, RecursionError):
            return  # text with half a surrogate pair, say
        with suppress(OSError, UsageError):
            if not self._is_ready:
                self._workspace.ensure()
                self._folder.mkdir(exist_ok=True)
                remove_stale(self._folder)
                self._is_ready = True
            replace_file(self._entry(path), (self._head(digest, payload), payload), lasting=False)

    def _entry(self, path: Path) -> Path:
        # Relative, so that a project may move, as it does between the runs of a CI service.
        name = os.fsencode(self._workspace.relative(path))
        return self._folder / hashlib.sha256(name).hexdigest()[:40]

    def _head(self, digest: bytes, payload: bytes | memoryview) -> bytes:
        """What an entry begins with: by whom it can be read, of which content it is, and that it is whole."""
        whole = hashlib.sha256(digest)
        whole.update(payload)
        return self._mark + digest + whole.digest()


def _is_kept_exactly(value: Any, depth: int = 0) -> bool:
    """Whether plain data comes back as it is: dates and the like would not."""
    kind = type(value)
    if kind is dict:
        return depth < _DEEPEST and all(
            type(key) is str and _is_kept_exactly(item, depth + 1) for key, item in value.items()
        )
    if kind is list:
        return depth < _DEEPEST and all(_is_kept_exactly(item, depth + 1) for item in value)
    return value is None or kind in {bool, int, float, str, bytes}
