"""Every error that undrift raises.

::

    UndriftError
    ├── UsageError                  wrong usage; exit code 2
    │   └── ConfigError             wrong configuration, with the nearest valid name
    ├── HistoryError                earlier nights cannot be read or remembered
    ├── BodyError                   a body is not what its headers claim
    ├── CassetteError               about one file; carries ``path``
    │   ├── CassetteNotFoundError   there is no such file
    │   ├── CassetteUnreadableError it cannot be parsed; carries ``line``
    │   ├── CassetteTooNewError     a newer undrift wrote it
    │   └── CassetteNotWrittenError it could not be written; the old file is whole
    │       └── LeakError           it would have held a secret
    ├── NotAnsweredError            a request that was sent again got no answer; carries ``kind``
    ├── CredentialError             a credential is unusable
    │   └── CredentialMissingError  a credential was found nowhere
    └── PlaybackError               a request that is refused; carries ``request``
        ├── NoCassetteError         nothing was ever recorded
        ├── NoMatchError            nothing like the request was recorded
        │   └── NearMissError       something almost like it was
        ├── AnswersUsedUpError      it was recorded, and fewer times
        ├── StrayRequestError       it came from a thread that has no deck
        ├── NotSentError            a live run may not send it
        └── NetworkRefusedError     a connection or name look-up past the guard
    ClientDriftError                not of this tree's kind: the verdict of a whole test

Every message is whole sentences: what happened, where, and what to do now.
Messages never hold a secret: what they quote was scrubbed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class UndriftError(Exception):
    """The root of all errors that undrift raises on purpose."""


class UsageError(UndriftError):
    """The command line or the call is wrong; commands exit with code 2."""


class ConfigError(UsageError):
    """The configuration is wrong; commands exit with code 2."""


class HistoryError(UndriftError):
    """The history of earlier nights cannot be read or added to; a check goes on without."""


class BodyError(UndriftError):
    """A body is not what its headers claim, such as gzip that does not unpack."""


class NotAnsweredError(UndriftError):
    """A request that undrift sent itself got no answer.

    ``kind`` is that of ``undrift.model.Failure``: ``dns``, ``connection-refused``, ``tls``,
    ``timeout`` or ``reset``.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class CassetteError(UndriftError):
    """Something is wrong with one cassette file.

    ``path`` is the file, and ``problem`` the message without it.
    """

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class CassetteNotFoundError(CassetteError):
    """There is no cassette at this path."""


class CassetteUnreadableError(CassetteError):
    """The file is no cassette, or a broken one.

    ``line`` is the line, counted from 1, where known.
    """

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        place = f"line {line}: " if line is not None else ""
        super().__init__(path, f"{place}{problem}")
        self.line = line


class CassetteTooNewError(CassetteError):
    """A newer undrift wrote this file."""


class CassetteNotWrittenError(CassetteError):
    """A cassette could not be written; the file that was there is unchanged."""


class LeakError(CassetteNotWrittenError):
    """A cassette was not written because a secret was left in it.

    The message names the place, never the value.
    """


class CredentialError(UndriftError):
    """A credential cannot be used: it is live, or does not fit its pattern."""


class CredentialMissingError(CredentialError):
    """A credential was found nowhere.

    ``name`` says which; ``looked_in`` where it was looked for, perhaps with why in vain.
    """

    def __init__(self, name: str, looked_in: tuple[str, ...]) -> None:
        super().__init__(
            f"The credential {name} is missing. It was looked for in {', '.join(looked_in)}. "
            f"Set it in one of these, or replay, which needs no credential."
        )
        self.name = name
        self.looked_in = looked_in


class PlaybackError(UndriftError):
    """A request was refused: replay has no answer to it, or a live run may not send it.

    ``request`` describes the request in one line, scrubbed.
    """

    def __init__(self, message: str, *, request: str = "") -> None:
        super().__init__(message)
        self.request = request


class NoCassetteError(PlaybackError):
    """There is no cassette to play from."""


class NoMatchError(PlaybackError):
    """Nothing that was recorded is like the request."""


class NearMissError(NoMatchError):
    """Nothing that was recorded equals the request, but something is near to it."""


class AnswersUsedUpError(PlaybackError):
    """The request was recorded, but every answer to it was played already."""


class StrayRequestError(PlaybackError):
    """A request was made by a thread to which no open deck belongs."""


class NotSentError(PlaybackError):
    """A live run may not send the request, and did not: it would go where it must not, or carry a live key."""


class NetworkRefusedError(PlaybackError):
    """A connection or a name look-up was refused by the network guard."""


class ClientDriftError(UndriftError):
    """The code under test no longer sends what was recorded."""
