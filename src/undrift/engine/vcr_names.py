"""A deck by the names of vcrpy's ``Cassette``, for suites that ask their cassette about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any

from undrift.model import Interaction, Response

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from vcr.record_mode import RecordMode

    from undrift.engine.deck import DeckOptions
    from undrift.engine.kept import Kept
    from undrift.engine.lookup import Lookup
    from undrift.model import Request

_RECORD_MODES = {"play": "none", "record": "all", "extend": "new_episodes"}


class VcrNames(ABC):
    """What vcrpy's cassette tells of itself, told by a deck.

    Requests, responses and the record mode are vcrpy's own, and vcrpy is imported for them: few
    ask. A number counts the interactions from 0, as vcrpy does.
    """

    options: DeckOptions
    file: str
    _lookup: Lookup
    _lock: AbstractContextManager[Any]
    _kept: Kept

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What was recorded, before and now, in the model's own form."""
        stored = (Interaction(asked, answer) for asked, answer, _ in self._answered())
        return (*stored, *self._kept.so_far()[0])

    @property
    def requests(self) -> list[Any]:
        """The requests that were recorded."""
        from undrift.engine.hooks import vcr_request  # noqa: PLC0415 - vcrpy is long in coming, and few ask

        return [vcr_request(interaction.request) for interaction in self.interactions]

    @property
    def responses(self) -> list[dict[str, Any]]:
        """The responses that were recorded."""
        from undrift.engine.hooks import vcr_response  # noqa: PLC0415 - as above

        return [vcr_response(interaction.response) for interaction in self.interactions]

    @property
    def data(self) -> list[tuple[Any, dict[str, Any]]]:
        """Each request that was recorded, with its response."""
        return list(zip(self.requests, self.responses, strict=True))

    @property
    def record_mode(self) -> RecordMode:
        """``none`` where the cassette is played, ``all`` where it is recorded, else ``new_episodes``."""
        from vcr.record_mode import RecordMode  # noqa: PLC0415 - as above

        return RecordMode(_RECORD_MODES[self.options.policy.value])

    @property
    def write_protected(self) -> bool:
        """Whether nothing is recorded."""
        return _RECORD_MODES[self.options.policy.value] == "none"

    @property
    def allow_playback_repeats(self) -> bool:
        """Whether an answer may be played more than once."""
        return self.options.repeats

    @property
    def dirty(self) -> bool:
        """Whether anything was recorded."""
        return bool(self._kept.so_far()[0])

    @property
    def play_count(self) -> int:
        """How many answers were played."""
        return self._lookup.play_count

    @property
    def play_counts(self) -> Counter[int]:
        """How often each answer was played, of those that were."""
        plays = (self._lookup.plays(number) for _, _, number in self._answered())
        return Counter({number: count for number, count in enumerate(plays) if count})

    @property
    def all_played(self) -> bool:
        """Whether every recorded answer was played."""
        return not self._lookup.unused()

    @property
    def _path(self) -> str:
        """Where the cassette lies: vcrpy has no other name for it that all its versions know."""
        return self.file

    def rewind(self) -> None:
        """Play from the beginning again."""
        with self._lock:
            self._lookup.rewind()

    def responses_of(self, request: Any) -> list[dict[str, Any]]:
        """All responses to a request of vcrpy's; raises vcrpy's UnhandledHTTPRequestError where there is none."""
        from vcr.errors import UnhandledHTTPRequestError  # noqa: PLC0415 - vcrpy is long in coming, and few ask

        from undrift.engine.hooks import vcr_response  # noqa: PLC0415 - as above

        found = [vcr_response(answer) for _, answer, _ in self._answered(self._equal(request))]
        if not found:
            raise UnhandledHTTPRequestError(f"The cassette {self.file!r} holds no {request.method} {request.uri}.")
        return found

    def can_play_response_for(self, request: Any) -> bool:
        """Whether a request of vcrpy's would be answered from the cassette as it was recorded."""
        return request in self

    def __contains__(self, request: Any) -> bool:
        return any(
            self.options.repeats or not self._lookup.was_played(number)
            for _, _, number in self._answered(self._equal(request))
        )

    def __len__(self) -> int:
        return len(self.interactions)

    def _equal(self, request: Any) -> tuple[int, ...]:
        from undrift.engine.hooks import request_from_vcr  # noqa: PLC0415 - as above

        read = self._as_read(request_from_vcr(request))
        return () if read is None else self._lookup.equal(read)

    @abstractmethod
    def _as_read(self, request: Request) -> Request | None:
        """A request as the cassette would have it; None where it would not be recorded."""

    def _answered(self, numbers: tuple[int, ...] | None = None) -> list[tuple[Request, Response, int]]:
        """The recorded requests that have a response, with their places in the look-up."""
        entries = self._lookup.entries
        places = range(len(entries)) if numbers is None else numbers
        return [
            (entry.request, entry.outcome, number)
            for number in places
            if isinstance((entry := entries[number]).outcome, Response)
        ]
