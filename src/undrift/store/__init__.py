"""Cassettes on disk: vcrpy's YAML layout, readable bodies, exact bytes, atomic writes.

What parses and what writes is imported when first needed: most runs read their cassettes
from the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late
from undrift.store.files import digest, read, write, write_as
from undrift.store.names import cassette_name, recording_name, shortened

if TYPE_CHECKING:
    from undrift.store.reading import loads
    from undrift.store.writing import dumps

__all__ = ["cassette_name", "digest", "dumps", "loads", "read", "recording_name", "shortened", "write", "write_as"]

__getattr__ = late(__name__, {"dumps": "writing", "loads": "reading"})
