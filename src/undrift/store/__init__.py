"""Cassettes on disk: vcrpy's YAML layout, readable bodies, exact bytes, atomic writes."""

from undrift.store.files import read, write, write_as
from undrift.store.names import cassette_name, recording_name, shortened
from undrift.store.reading import loads
from undrift.store.writing import dumps

__all__ = ["cassette_name", "dumps", "loads", "read", "recording_name", "shortened", "write", "write_as"]
