"""``undrift convert``: cassettes of other tools made undrift's own, where they lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from undrift import store
from undrift.errors import CassetteError, UsageError
from undrift.scrub import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from undrift.app.project import Project
    from undrift.model import Cassette
    from undrift.scrub import Secrets

_ENDINGS = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of one file.

    ``path`` is where the cassette is now. ``why`` says why it was left or refused, and is empty where it
    was converted; ``replaced`` are the placeholders that stand in it for secrets.
    """

    path: Path
    why: str = ""
    is_refused: bool = False
    interactions: int = 0
    replaced: tuple[str, ...] = ()
    was: Path | None = None


def convert(project: Project, paths: Sequence[Path], secrets: Secrets) -> tuple[Converted, ...]:
    """Rewrite each cassette, those in folders too, with its interactions in their order and byte for byte.

    Secrets alone are replaced. A file is replaced in one step, after what will be read from it was
    compared with what it held. What cannot be read is refused, and stays as it is. Without a path
    it is all cassettes of the project. Raises UsageError for a path that is not there.
    """
    chosen = paths or [project.root / project.config.cassettes]
    for path in chosen:
        if not path.exists():
            raise UsageError(f"{path} does not exist. Give cassettes, or folders of them.")
    files = dict.fromkeys(file for path in chosen for file in _files(path))
    return tuple(_convert(project, file, secrets) for file in files)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = (inner for inner in sorted(path.rglob("*")) if inner.suffix in _ENDINGS and inner.is_file())
    yield from (inner for inner in found if not any(part.startswith(".") for part in inner.relative_to(path).parts))


def _convert(project: Project, path: Path, secrets: Secrets) -> Converted:
    try:
        cassette = store.read(path)
        if cassette.is_ours:
            return Converted(path, "it is undrift's own already", interactions=len(cassette))
        return _written(project, path, replace(cassette, is_ours=True), secrets)
    except CassetteError as error:
        return Converted(path, error.problem, is_refused=True)


def _written(project: Project, path: Path, cassette: Cassette, secrets: Secrets) -> Converted:
    # What undrift writes is YAML, and a name is to say what is in a file.
    target = path.with_suffix(".yaml") if path.suffix == ".json" else path
    if target != path and target.exists():
        return Converted(path, f"{target.name} is there already; delete one of the two", is_refused=True)
    scrubbed = scrub(cassette, secrets)
    store.write(target, scrubbed, secrets, not_secret=project.config.not_secret)
    if target != path:
        path.unlink()
    return Converted(
        target, interactions=len(cassette), replaced=scrubbed.replaced, was=path if target != path else None
    )


def in_words(done: Sequence[Converted]) -> str:
    """What became of each file, a line each."""
    if not done:
        return "There is no cassette in there. Give cassettes, or folders of them."
    return "\n".join(_line(one) for one in done)


def _line(one: Converted) -> str:
    if one.is_refused:
        return f"Refused {one.path}: {one.why.removesuffix('.')}."
    if one.why:
        return f"Left {one.path}: {one.why}."
    number = f"{one.interactions} interaction{'' if one.interactions == 1 else 's'}"
    moved = "" if one.was is None else f", now {one.path}"
    hidden = f"; {len(one.replaced)} secrets replaced" if len(one.replaced) > 1 else "; 1 secret replaced"
    return f"Converted {one.was or one.path}{moved}: {number}{hidden if one.replaced else ''}."
