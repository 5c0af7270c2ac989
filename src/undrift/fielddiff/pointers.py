"""Ways into parsed bodies, and how they are written (JSON Pointer, RFC 6901)."""

from __future__ import annotations

# Names of members and indices of elements, from the root.
Path = tuple["str | int", ...]


def pointer(path: Path) -> str:
    """The JSON Pointer of a path, with real indices."""
    return "".join(f"/{_escaped(step)}" for step in path)


def pattern(path: Path) -> str:
    """The JSON Pointer of a path with ``*`` for every index."""
    return "".join("/*" if isinstance(step, int) else f"/{_escaped(step)}" for step in path)


def _escaped(step: str | int) -> str:
    # JSON may hold half of a surrogate pair, which cannot be written anywhere else.
    text = str(step).encode("utf-8", "backslashreplace").decode()
    return text.replace("~", "~0").replace("/", "~1")
