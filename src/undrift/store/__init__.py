"""Cassettes on disk: vcrpy's YAML layout, readable bodies, exact bytes, atomic writes.

What parses and what writes is imported when first needed: most runs read their cassettes
from the cache.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from undrift.store.files import digest, read, write, write_as
from undrift.store.names import cassette_name, recording_name, shortened

if TYPE_CHECKING:
    from undrift.store.reading import loads
    from undrift.store.writing import dumps

__all__ = ["cassette_name", "digest", "dumps", "loads", "read", "recording_name", "shortened", "write", "write_as"]

_LATE = {"dumps": "undrift.store.writing", "loads": "undrift.store.reading"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'undrift.store' has no attribute {name!r}")
    value = getattr(importlib.import_module(_LATE[name]), name)
    globals()[name] = value
    return value
