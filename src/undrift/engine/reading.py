"""Answers whose client is still reading them, for recording what nobody knows the end of.

An event stream need not ever end, and its client may leave it when it has seen enough. So an
answer that does not say how long it is goes to its client as it comes, and what the client
has read of it is what the deck keeps.
"""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.engine import http1, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.model import Response


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """An answer that broke off: what came of it, and what its client was told then."""

    came: Response
    error: Exception


class Reading:
    """What came so far of an answer that its client is reading.

    ``head`` is the answer without its content. With ``is_chunked`` the content comes in the
    chunks in which it travelled.
    """

    def __init__(self, head: Response, *, is_chunked: bool = False) -> None:
        self.head = head
        self.last_came = time.perf_counter()
        """When the last part came, by that clock."""
        self._is_chunked = is_chunked
        self._parts: list[bytes] = []
        self._error: Exception | None = None
        self._has_ended = False

    @property
    def outcome(self) -> Response | BrokenOff:
        """The answer as far as it was read; where reading it broke off, with the error that it broke off with."""
        content, is_whole, error = b"".join(self._parts), self._has_ended, self._error
        if self._is_chunked:
            content, is_whole, is_broken = http1.unchunked(content)
            if error is None and (is_broken or (self._has_ended and not is_whole)):
                error = http.client.IncompleteRead(content)
        head, is_whole = self.head, is_whole and error is None
        came = wire.response_from_wire(
            head.status, head.reason, head.headers, content, head.http_version, is_whole=is_whole
        )
        return came if error is None else BrokenOff(came, error)

    def broken_off(self, error: Exception) -> BrokenOff:
        """What came, and the error that reading it broke off with."""
        self.fail(error)
        outcome = self.outcome
        assert isinstance(outcome, BrokenOff)  # noqa: S101 - it has failed
        return outcome

    def take(self, part: bytes) -> None:
        """Add what came."""
        self._parts.append(part)
        self.last_came = time.perf_counter()

    def end(self) -> None:
        """Nothing more will come."""
        self._has_ended = True

    def fail(self, error: Exception) -> None:
        """Reading broke off."""
        self._error = error


def is_open_ended(head: Response, method: str) -> bool:
    """Whether an answer has content of which its head does not say how long it is."""
    return "Content-Length" not in head.headers and head.status >= 200 and http1.has_body(head, method)  # noqa: PLR2004 - not informational


def tapped(live: http.client.HTTPResponse, head: Response) -> Reading:
    """Keep what is read of a response of ``http.client`` from now on."""
    reading = Reading(head, is_chunked=bool(live.chunked))
    live.fp = _Tap(live.fp, reading)  # type: ignore[assignment] # it is all that a response asks for
    return reading


class _Tap:
    """Stands for what a response reads from, and keeps all that it gives."""

    def __init__(self, real: Any, reading: Reading) -> None:
        self._real = real
        self._reading = reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def read(self, size: int | None = None, /) -> bytes:
        return self._kept(lambda: self._real.read(size), size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._kept(lambda: self._real.read1(size), 1)

    def readline(self, size: int = -1, /) -> bytes:
        return self._kept(lambda: self._real.readline(size), 1)

    def readinto(self, buffer: Any, /) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _kept(self, read: Callable[[], bytes], wanted: int | None) -> bytes:
        """What is read; less than was wanted, or all that there is, comes only where there is no more."""
        try:
            part = read()
        except Exception as error:
            self._reading.fail(error)
            raise
        self._reading.take(part)
        if wanted is None or len(part) < wanted:
            self._reading.end()
        return part
