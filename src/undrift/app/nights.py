"""The nights before and the one that is being judged: evidence that is read, gathered and kept.

Whatever is wrong with the history is told once, in a sentence, and is as if there were none.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from undrift.drift import Earlier, Night, Tonight
from undrift.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from undrift.drift.shape import Group
    from undrift.model import Cassette
    from undrift.store.history import History
    from undrift.store.workspace import Note, Workspace

_MISSING = (
    "Earlier nights are not remembered, since SQLAlchemy is not installed. Run `pip install 'undrift[history]'` "
    "for a check that learns from them."
)
_DAMAGED = "{path} holds what no check wrote. Delete it; the next check starts a new one."


class _Past(NamedTuple):
    digest: str
    night: Night


class Nights:
    """The history of a project during one check; ``tell`` gets a sentence for people."""

    def __init__(self, workspace: Workspace, tell: Callable[[str], None]) -> None:
        self._workspace = workspace
        self._tell = tell
        self._is_usable = True
        self._tonight = Tonight()
        # What each cassette saw of an endpoint, oldest first.
        self._past: dict[Group, dict[str, list[_Past]]] = {}

    def see(self, note: Note, stored: Cassette, fresh: Cassette) -> None:
        """Take note of a take, to be remembered."""
        self._tonight.see((note.cassette, note.digest or ""), stored, fresh)

    def read(self, groups: Iterable[Group]) -> None:
        """Read what earlier nights showed of some endpoints."""
        wanted = tuple(groups)
        history = self._history() if wanted else None
        if history is None:
            return
        past: dict[Group, dict[str, list[_Past]]] = defaultdict(lambda: defaultdict(list))
        # Most nights show what the night before did.
        decoded = lru_cache(maxsize=None)(msgspec.json.Decoder(Night).decode)
        try:
            asked = {_encoded(group): group for group in wanted}
            for seen in history.earlier(sorted(asked)):
                past[asked[seen.endpoint]][seen.cassette].append(_Past(seen.digest, decoded(seen.facts)))
        except HistoryError as error:
            self._give_up(str(error))
        except (msgspec.MsgspecError, RecursionError):
            self._give_up(_DAMAGED.format(path=self._workspace.history))
        else:
            self._past = past

    def before(self, note: Note, groups: Iterable[Group]) -> Earlier:
        """What was read of some endpoints, as evidence for the take of one note."""
        digest = note.digest or ""
        read = {group: self._past[group] for group in groups if group in self._past}
        own = {group: past.get(note.cassette, ()) for group, past in read.items()}
        return Earlier(
            alike={group: [one.night for one in past if one.digest == digest] for group, past in own.items()},
            own={group: [one.night for one in past] for group, past in own.items()},
            others={group: _but(past, note.cassette) for group, past in read.items()},
        )

    def remember(self, run: str) -> None:
        """Keep what was seen, if anything was."""
        nights = tuple(self._tonight.nights())
        history = self._history() if nights else None
        if history is None:
            return
        from undrift.store.history import Sighting  # noqa: PLC0415 - only where it is installed

        try:
            seen = [Sighting(*key, _encoded(group), _encoded(night)) for key, group, night in nights]
            history.append(run, seen)
        except HistoryError as error:
            self._give_up(str(error))

    def _history(self) -> History | None:
        if not self._is_usable:
            return None
        try:
            from undrift.store.history import History  # noqa: PLC0415 - an extra, and only for a check
        except ImportError:
            self._give_up(_MISSING, prefix="")
            return None
        return History(self._workspace.history)

    def _give_up(self, why: str, prefix: str = "Earlier nights could not be used or remembered: ") -> None:
        self._is_usable = False
        self._tell(f"{prefix}{why}")


def _encoded(value: Group | Night) -> str:
    """One text for equal values; raises HistoryError for half a surrogate pair, which no file can hold."""
    try:
        return msgspec.json.encode(value, order="deterministic").decode()
    except UnicodeEncodeError as error:
        raise HistoryError("An answer has a name that cannot be written, with half of a surrogate pair.") from error


def _but(past: Mapping[str, Iterable[_Past]], cassette: str) -> list[list[Night]]:
    return [[one.night for one in seen] for name, seen in past.items() if name != cassette]
