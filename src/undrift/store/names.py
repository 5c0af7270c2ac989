"""File names for cassettes: readable, safe on every system, and never outside their folder."""

from __future__ import annotations

import hashlib
import re

# As pytest-recording names its cassettes, so that its suites find theirs.
_REPLACED = str.maketrans(dict.fromkeys("<>?%*:|\"'/\\", "-"))
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])( *\..*)?")
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LONGEST_BYTES = 200
# What a file's name may have on every system that counts, as pytest-recording asks of this one.
_LONGEST_NAME = 255


def cassette_name(name: str) -> str:
    """The file stem for a test's name, without extension, of at most 200 bytes.

    A name that needs more than pytest-recording's own replacements ends in a hash of the
    original, so that two odd names never meet in one file.
    """
    readable = name.translate(_REPLACED)
    safe = _ODD.sub("-", readable).strip(" ")
    safe = safe.rstrip(". ")
    if safe.startswith("."):
        safe = "-" + safe.lstrip(".")
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    if safe == readable and safe and len(safe.encode()) <= _LONGEST_BYTES:
        return safe
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    stem = safe.encode()[: _LONGEST_BYTES - len(digest) - 1].decode("utf-8", "ignore").rstrip(". ")
    return f"{stem}-{digest}" if stem else digest


def recording_name(name: str) -> str:
    """The file stem that pytest-recording gives a test's cassette, of whatever length.

    A name that can be no file's is named as ``cassette_name`` does.
    """
    stem = name.translate(_REPLACED)
    return stem if stem.isprintable() else cassette_name(name)


def shortened(name: str, ending: str) -> str:
    """The name for a cassette's file where it may be too long with its ending.

    Cut as pytest-recording cuts it, so that what it recorded is found: at a number of letters, with a
    hash behind. A name of many bytes in few letters, which it could not write, is cut by bytes.
    """
    if len(name) + len(ending) <= _LONGEST_NAME and len(f"{name}{ending}".encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    room = _LONGEST_NAME - len(ending) - len(digest) - len("...")
    cut = f"{name[:room]}...{digest}"
    if len(f"{cut}{ending}".encode()) > _LONGEST_NAME:
        cut = f"{name.encode()[:room].decode('utf-8', 'ignore')}...{digest}"
    return cut
