"""What binary content is, by the bytes that it begins with."""

from __future__ import annotations

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"ID3", "MP3"),
    (b"\x00asm", "WebAssembly"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"\x00\x00\x01\x00", "ICO"),
)
# What stands behind the length, or the word RIFF, at the start.
_FROM_FOURTH = ((b"ftyp", "MP4"),)
_IN_RIFF = ((b"WEBP", "WebP"), (b"WAVE", "WAV"), (b"AVI ", "AVI"))


def binary_type(content: bytes) -> str:
    """The name of a well-known format, such as ``PNG``; empty for any other."""
    found = next((name for start, name in _SIGNATURES if content.startswith(start)), "")
    if not found:
        found = next((name for mark, name in _FROM_FOURTH if content[4:8] == mark), "")
    if not found and content.startswith(b"RIFF"):
        found = next((name for mark, name in _IN_RIFF if content[8:12] == mark), "")
    return found
