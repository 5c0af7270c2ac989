"""Ways into parsed bodies, and how they are written (JSON Pointer, RFC 6901)."""

from __future__ import annotations

from functools import lru_cache

# Names of members and indices of elements, from the root.
Path = tuple["str | int", ...]


@lru_cache(maxsize=4096)
def pointer(path: Path) -> str:
    """The JSON Pointer of a path, with real indices."""
    return "".join(f"/{_escaped(step)}" for step in path)


@lru_cache(maxsize=4096)
def pattern(path: Path) -> str:
    """The JSON Pointer of a path with ``*`` for every index."""
    return "".join("/*" if isinstance(step, int) else f"/{_escaped(step)}" for step in path)


def _escaped(step: str | int) -> str:
    text = str(step)
    if not text.isascii():
        # JSON may hold half of a surrogate pair, which cannot be written anywhere else.
        text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("~", "~0").replace("/", "~1")
