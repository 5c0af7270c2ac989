"""Two folders of cassettes compared: file by file, in the light of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from undrift import store
from undrift.app.check import context_for
from undrift.app.comparable import comparable
from undrift.app.cores import spread
from undrift.drift import answers, examine, pool_drafts, questions, settle, unanswered
from undrift.drift.results import CouldNotCheck, Reason
from undrift.errors import CassetteError
from undrift.model import Cassette

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Protocol, TypeVar

    from undrift.config import Config
    from undrift.drift import Comparison, Draft, Place
    from undrift.drift.pooling import Known

    Result = TypeVar("Result")

    class Watch(Protocol):
        """Shows how far the work has come, while its results pass through."""

        def __call__(self, results: Iterator[Result], total: int, doing: str) -> Iterator[Result]:
            """The same results."""

    Asked = tuple[frozenset[Place], frozenset[Place]]

_ENDINGS = {".yaml", ".yml", ".json"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same cassette in both folders; ``name`` is its path in either, with slashes."""

    name: str
    stored: Path
    fresh: Path


def unwatched(results: Iterator[Result], total: int, doing: str) -> Iterator[Result]:
    """Nobody looks on."""
    del total, doing
    return results


def compare_folders(
    config: Config, stored: Path, fresh: Path, today: dt.date, watch: Watch = unwatched
) -> tuple[list[tuple[str, Comparison]], list[CouldNotCheck]]:
    """Each cassette of two folders compared with its namesake, and those that could not be.

    A change of shape is judged by what all cassettes of either folder show of its endpoint:
    cassettes are read a second time for that, where it may make a difference.
    """
    old, new = (set(_cassettes(folder)) for folder in (stored, fresh))
    problems = [
        CouldNotCheck(name, None, Reason.NOT_COMPARED, f"There is no such cassette in {side}.")
        for names, side in ((old - new, fresh), (new - old, stored))
        for name in names
    ]
    pairs = [Pair(name, stored / name, fresh / name) for name in sorted(old & new)]
    drafts: list[tuple[Pair, Draft]] = []
    drafted = spread(partial(_examined, config, today), pairs)
    for pair, draft in zip(pairs, watch(drafted, len(pairs), "Comparing"), strict=True):
        if isinstance(draft, CouldNotCheck):
            problems.append(draft)
        else:
            drafts.append((pair, draft))
    before, after = _known(config, drafts, watch)
    context = context_for(config, "", Cassette(), today)
    compared = [(pair.name, settle(draft, context, before, after)) for pair, draft in drafts]
    return compared, sorted(problems, key=lambda problem: problem.cassette)


def _cassettes(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.suffix in _ENDINGS and path.is_file():
            yield path.relative_to(folder).as_posix()


def _examined(config: Config, today: dt.date, pair: Pair) -> Draft | CouldNotCheck:
    try:
        stored, fresh = _read(config, pair)
    except CassetteError as error:
        return CouldNotCheck(pair.name, None, Reason.NOT_COMPARED, str(error))
    return examine(stored, fresh, context_for(config, pair.name, stored, today))


def _read(config: Config, pair: Pair) -> tuple[Cassette, Cassette]:
    return comparable(config, store.read(pair.stored)), comparable(config, store.read(pair.fresh))


def _known(config: Config, drafts: Sequence[tuple[Pair, Draft]], watch: Watch) -> tuple[Known, Known]:
    """What the cassettes of each side show of the places on which any judgement hangs."""
    asked = questions(draft for _, draft in drafts)
    open_ones = [pair for pair, draft in drafts if unanswered(draft, *asked)]
    more = watch(spread(partial(_answered, config, asked), open_ones), len(open_ones), "Looking for evidence")
    return pool_drafts((draft for _, draft in drafts), more)


def _answered(config: Config, asked: Asked, pair: Pair) -> tuple[Known, Known]:
    try:
        return answers(*_read(config, pair), *asked)
    except CassetteError:
        # It was readable a moment ago; what it showed then is known.
        return {}, {}
