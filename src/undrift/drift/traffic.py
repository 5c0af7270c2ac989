"""A cassette made ready for comparing: endpoints, operations and parsed bodies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from undrift.body import BodyKind, View, view
from undrift.values import is_id, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.model import Cassette, Interaction

# Query parameters that say which page of a list is asked for.
PAGING = frozenset(
    (
        *("page", "cursor", "offset", "after", "before", "start", "skip", "marker", "next", "from", "since"),
        *("starting_after", "ending_before", "next_token", "nexttoken", "page_token", "pagetoken", "continuation"),
        *("continuation-token", "since_id", "max_id", "scroll_id", "_next", "page_number", "pagenumber"),
    )
)
_NAMED_ID = re.compile(rb'"(?:_?id|uuid)"\s*:\s*"([^"\\\\]+)"')
_GRAPHQL_OPERATION = re.compile(r"\s*(?:query|mutation|subscription)\s+(\w+)")


@dataclass(frozen=True)  # no slots: views are parsed when first asked for, and kept
class Exchange:
    """One interaction of a cassette, with its place and endpoint.

    ``endpoint`` is the path with ``{id}`` for each part that names one thing among many.
    ``operation`` tells requests to one URL apart, as ``X-Amz-Target`` does.
    """

    index: int
    interaction: Interaction
    endpoint: str
    operation: str

    @property
    def method(self) -> str:
        """The request's method, upper-case."""
        return self.interaction.request.method.upper()

    @property
    def family(self) -> int:
        """The hundreds of the status."""
        return self.interaction.response.status // 100

    @cached_property
    def split_url(self) -> tuple[str, str, str]:
        """Origin, path and query of the URL."""
        url = self.interaction.request.url
        try:
            parts = urlsplit(url)
        except ValueError:
            # No URL at all, such as an address in brackets that never close.
            return "", url, ""
        return f"{parts.scheme}://{parts.netloc}", parts.path or "/", parts.query

    @property
    def authority(self) -> str:
        """Host and port of the URL."""
        return self.split_url[0].partition("://")[2]

    @property
    def accepted(self) -> str:
        """The media types that the request accepts."""
        return (self.interaction.request.headers.get("Accept") or "*/*").strip().lower()

    @cached_property
    def clock(self) -> float | None:
        """When it was recorded, in seconds since 1970, by its own account or the server's."""
        return moment(self.interaction.recorded_at) or moment(self.interaction.response.headers.get("Date"))

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The values of each name in the query, in order."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.split_url[2], keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    @cached_property
    def sent(self) -> View:
        """The request's body."""
        return view(self.interaction.request.headers, self.interaction.request.body)

    @cached_property
    def received(self) -> View:
        """The response's body."""
        return view(self.interaction.response.headers, self.interaction.response.body)


def prepare(*cassettes: Cassette) -> tuple[tuple[Exchange, ...], ...]:
    """The exchanges of each cassette.

    Endpoints are inferred from the traffic of all of them together: a part of a path is an
    id where it looks like one, or where any answer calls it one.
    """
    plain = [
        tuple(Exchange(i, interaction, "", "") for i, interaction in enumerate(cassette.interactions))
        for cassette in cassettes
    ]
    named = frozenset(_named_ids(exchange for side in plain for exchange in side))
    return tuple(tuple(_placed(exchange, named) for exchange in side) for side in plain)


def _placed(exchange: Exchange, named: frozenset[str]) -> Exchange:
    endpoint = template(exchange.split_url[1], named)
    placed = Exchange(exchange.index, exchange.interaction, endpoint, _operation(exchange))
    # What was parsed is kept.
    placed.__dict__.update({name: value for name, value in exchange.__dict__.items() if name not in _FIELDS})
    return placed


_FIELDS = frozenset({"index", "interaction", "endpoint", "operation"})


def template(path: str, named: frozenset[str] = frozenset()) -> str:
    """A path with ``{id}`` for each segment that is an id by its looks or is among ``named``."""
    segments = path.split("/")
    return "/".join(
        "{id}" if (i > 1 and unquote(segment) in named) or segment.isdigit() or is_id(segment) else segment
        for i, segment in enumerate(segments)
    )


def _operation(exchange: Exchange) -> str:
    """What tells this request from others to its URL: a target header, an action, a GraphQL operation."""
    target = exchange.interaction.request.headers.get("X-Amz-Target")
    if target is not None:
        return target
    sent = exchange.sent if exchange.method == "POST" else View(BodyKind.EMPTY, None)
    if sent.kind is BodyKind.FORM:
        return next((value for name, value in sent.value if name == "Action"), "")
    if sent.kind is BodyKind.JSON and isinstance(sent.value, dict) and isinstance(sent.value.get("query"), str):
        match = _GRAPHQL_OPERATION.match(sent.value["query"])
        name = sent.value.get("operationName")
        return name if isinstance(name, str) else match[1] if match else ""
    return ""


def _named_ids(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """All strings that answers call an id; found in their bytes, which is far quicker than in what they parse to."""
    for exchange in exchanges:
        for match in _NAMED_ID.finditer(exchange.interaction.response.body):
            yield match[1].decode("utf-8", "replace")
