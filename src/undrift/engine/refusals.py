"""The errors of a refused request: what was sent, what is nearest, what to do.

Each is also vcrpy's ``CannotOverwriteExistingCassetteException``, so that suites which
catch that one still do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vcr.errors import CannotOverwriteExistingCassetteException

from undrift import errors
from undrift.match import describe

if TYPE_CHECKING:
    from undrift.engine.deck import DeckOptions
    from undrift.engine.lookup import Lookup
    from undrift.model import Request


class _Compatible(CannotOverwriteExistingCassetteException):  # type: ignore[misc] # vcrpy has no types
    def __init__(self, message: str, *, request: str = "") -> None:
        # vcrpy's own constructor wants a vcrpy cassette, and builds a message of its own.
        Exception.__init__(self, message)
        self.request = request
        self.cassette = None
        self.failed_request = None
        self.similar_requests: list[object] = []


class NoCassetteError(errors.NoCassetteError, _Compatible):
    """There is no cassette to play from."""


class NoMatchError(errors.NoMatchError, _Compatible):
    """Nothing that was recorded is like the request."""


class NearMissError(errors.NearMissError, NoMatchError):
    """Nothing that was recorded equals the request, but something is near to it."""


class AnswersUsedUpError(errors.AnswersUsedUpError, _Compatible):
    """The request was recorded, but every answer to it was played already."""


# To its users each of these is the public error of the same name, which it is.
for _error in (NoCassetteError, NoMatchError, NearMissError, AnswersUsedUpError):
    _error.__module__ = "undrift"


class Refuser:
    """Words the refusals of one deck, whose cassette is there or not."""

    def __init__(self, path: str, options: DeckOptions, lookup: Lookup, *, is_there: bool) -> None:
        self._path = path
        self._is_there = is_there
        self._options = options
        self._lookup = lookup

    def used_up(self, request: Request) -> errors.PlaybackError:
        """The error for a request that was made more often than recorded."""
        line = summary(request)
        times = len(self._lookup.equal(request))
        recorded = "once" if times == 1 else f"{times} times"
        return AnswersUsedUpError(
            f"{line} was recorded {recorded} in {self._path}, and every answer was played already.\n"
            f"If the code under test should ask again, record the test again:\n  {self._options.record_command}\n"
            f"If it polls, allow repeats: @pytest.mark.vcr(allow_playback_repeats=True).",
            request=line,
        )

    def unmatched(self, request: Request) -> errors.PlaybackError:
        """The error for a request that was never recorded."""
        line = summary(request)
        if is_websocket(request):
            return NoMatchError(
                f"{line} opens a WebSocket, which cannot be replayed: undrift records HTTP alone.\n"
                f"Put a stand-in in its place where the test is replayed, or leave it out of this test.",
                request=line,
            )
        held = len(self._lookup.entries)
        if not held and not self._is_there:
            return NoCassetteError(
                f"{line} cannot be replayed: there is no cassette at {self._path}.\n"
                f"Record it:\n  {self._options.record_command}",
                request=line,
            )
        near = self._lookup.nearest(request)
        if near is None:
            return NoMatchError(
                f"{line} cannot be replayed: nothing like it is in {self._path}, "
                f"which holds {held or 'no'} interaction{'' if held == 1 else 's'}.\n"
                f"If the code under test should send it, record the test again:\n  {self._options.record_command}",
                request=line,
            )
        entry, result = near
        return NearMissError(
            f"{line} cannot be replayed: no request in {self._path} equals it.\n"
            f"The nearest is probably interaction {entry.index}, {summary(entry.request)}. What differs:\n"
            f"{_indented(describe(result))}\n"
            f"If the code under test should send it so, record the test again:\n  {self._options.record_command}",
            request=line,
        )

    def no_value(self, name: str) -> errors.PlaybackError:
        """The error for a made-up value that was never recorded."""
        return NoMatchError(
            f"The recorded value {name!r} is not in {self._path}.\n"
            f"Record the test again:\n  {self._options.record_command}"
        )


def is_websocket(request: Request) -> bool:
    """Whether a request asks for a WebSocket (RFC 6455, section 4.1)."""
    return (request.headers.get("Upgrade") or "").lower() == "websocket"


def summary(request: Request) -> str:
    """A request in one line."""
    return f"{request.method} {request.url}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
