"""The values that everything else is about: requests, responses, cassettes.

All of them are frozen: a replay can never change what is stored. Printing one shows its kind and
its size, and nothing of what it holds: until it is scrubbed that may be a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def octets(text: str) -> bytes:
    """What travels of a header field: the octets that were read as Latin-1.

    A field that was written by hand may hold any text, and travels as UTF-8.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, repr=False)
class Headers:
    """Header fields in the order, case and number in which they travelled.

    Look-ups ignore case, as field names do (RFC 9110, section 5.1).
    """

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Headers from name and value pairs, kept in their order."""
        return cls(tuple(pairs))

    @classmethod
    def from_lists(cls, mapping: Mapping[str, Iterable[str]]) -> Headers:
        """Headers from a mapping of each name to all its values, as cassettes hold them."""
        return cls(tuple((name, value) for name, values in mapping.items() for value in values))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __repr__(self) -> str:
        return f"<Headers: {len(self)} fields>"

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str) -> str | None:
        """The first value of a field, or None where there is none."""
        wanted = name.lower()
        for field, value in self.fields:
            if field.lower() == wanted:
                return value
        return None

    def get_all(self, name: str) -> tuple[str, ...]:
        """All values of a field, in order."""
        wanted = name.lower()
        return tuple(value for field, value in self.fields if field.lower() == wanted)

    def without(self, *names: str) -> Headers:
        """These headers less the named fields."""
        unwanted = {name.lower() for name in names}
        return Headers(tuple(pair for pair in self.fields if pair[0].lower() not in unwanted))

    def with_value(self, name: str, value: str) -> Headers:
        """These headers with one value for a field: in its first place, or at the end."""
        wanted = name.lower()
        fields: list[tuple[str, str]] = []
        placed = False
        for field, old in self.fields:
            if field.lower() != wanted:
                fields.append((field, old))
            elif not placed:
                fields.append((field, value))
                placed = True
        if not placed:
            fields.append((name, value))
        return Headers(tuple(fields))


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request as it was sent.

    ``body`` is the decoded content and empty where there is none; ``encoding`` names the
    content encoding that was taken off it (``"gzip"``), or is empty.
    """

    method: str
    url: str
    headers: Headers = Headers()
    body: bytes = b""
    encoding: str = ""

    def __repr__(self) -> str:
        return f"<Request: {self.method}, {len(self.headers)} header fields, {len(self.body):,} bytes>"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One response as it was received.

    ``headers`` are the original ones, with Content-Encoding and Content-Length as they
    came. ``body`` is the decoded content; ``encoding`` names the content encoding that
    was taken off it (``"gzip"``), or is empty where the body is as it travelled.
    """

    status: int
    reason: str = ""
    headers: Headers = Headers()
    body: bytes = b""
    encoding: str = ""
    http_version: str = ""

    def __repr__(self) -> str:
        return f"<Response: {self.status}, {len(self.headers)} header fields, {len(self.body):,} bytes>"


@dataclass(frozen=True, slots=True, repr=False)
class Interaction:
    """One request and the response to it.

    ``recorded_at`` is a time of RFC 3339 in UTC, ``elapsed`` is in seconds; both are
    None where nobody wrote them down.
    """

    request: Request
    response: Response
    recorded_at: str | None = None
    elapsed: float | None = None

    def __repr__(self) -> str:
        return f"<Interaction: {self.request}, {self.response}>"


@dataclass(frozen=True, slots=True, repr=False)
class Failure:
    """A request that got no response, or none that is whole.

    ``position`` is the number of interactions before it. ``kind`` is one of ``dns``,
    ``connection-refused``, ``tls``, ``timeout`` and ``reset``. ``error`` is the name of the
    client's own exception, after ``sending`` where no answer was waited for yet; empty where
    nobody wrote it down. ``response`` is what came of an answer before it broke off.
    """

    position: int
    request: Request
    kind: str
    message: str = ""
    error: str = ""
    response: Response | None = None

    def __repr__(self) -> str:
        return f"<Failure: {self.kind} at {self.position}, {self.request}>"


@dataclass(frozen=True, slots=True, repr=False)
class Cassette:
    """The stored interactions of one test.

    ``is_ours`` tells a cassette that undrift wrote from a foreign one. ``metadata`` is the
    user's and passes through untouched; ``recorded_values`` are those of the ``recorded``
    fixture, as name and plain JSON value.
    """

    interactions: tuple[Interaction, ...] = ()
    failures: tuple[Failure, ...] = ()
    test: str | None = None
    recorded_values: tuple[tuple[str, Any], ...] = ()
    metadata: Any = None
    is_ours: bool = True

    def __len__(self) -> int:
        return len(self.interactions)

    def __repr__(self) -> str:
        return f"<Cassette: {len(self)} interactions, {len(self.failures)} failures>"

    def with_interactions(self, interactions: Iterable[Interaction]) -> Cassette:
        """This cassette with other interactions."""
        return replace(self, interactions=tuple(interactions))
