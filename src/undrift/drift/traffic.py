"""A cassette made ready for comparing: endpoints, operations and parsed bodies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from undrift.body import BodyKind, View, view
from undrift.values import holds_id, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undrift.model import Cassette, Interaction

# Query parameters that say which page of a list is asked for.
PAGING = frozenset(
    (
        *("page", "cursor", "offset", "after", "before", "start", "skip", "marker", "next", "from", "since"),
        *("starting_after", "ending_before", "next_token", "nexttoken", "page_token", "pagetoken", "continuation"),
        *("continuation-token", "since_id", "max_id", "scroll_id", "_next", "page_number", "pagenumber"),
    )
)
# The letters come first, so that the search can leap from one to the next.
_NAMED_ID = re.compile(rb'id(?:(?<="id)|(?<="_id)|(?<="uuid))"\s*:\s*"([^"\\]+)"')
_FEW = 10
_GRAPHQL_OPERATION = re.compile(r"\s*(?:query|mutation|subscription)\s+(\w+)")


@dataclass(frozen=True)  # no slots: what is taken out of an interaction is kept there
class Exchange:
    """One interaction of a cassette, with its place and endpoint.

    ``named`` are the parts of paths that answers call an id.
    """

    index: int
    interaction: Interaction
    named: frozenset[str] = frozenset()

    @cached_property
    def endpoint(self) -> str:
        """The path with ``{id}`` for each part that names one thing among many."""
        return template(self.split_url[1], self.named)

    @cached_property
    def operation(self) -> str:
        """What tells requests to one URL apart, as ``X-Amz-Target`` does."""
        return _operation(self)

    @cached_property
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
        return _split(self.interaction.request.url)

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

    @property
    def received(self) -> View:
        """The response's body.

        It is parsed anew each time: the parsed bodies of a long take would fill the memory, and
        nearly all are looked at once.
        """
        return view(self.interaction.response.headers, self.interaction.response.body)


def prepare(*cassettes: Cassette) -> tuple[tuple[Exchange, ...], ...]:
    """The exchanges of each cassette.

    Endpoints are inferred from the traffic of all of them together: a part of a path is an
    id where it looks like one, or where any answer calls it one.
    """
    named = _named_ids([interaction for cassette in cassettes for interaction in cassette.interactions])
    return tuple(
        tuple(Exchange(i, interaction, named) for i, interaction in enumerate(cassette.interactions))
        for cassette in cassettes
    )


def _split(url: str) -> tuple[str, str, str]:
    """Origin, path and query of any text that stands where a URL should; quicker than ``urlsplit``."""
    scheme, mark, rest = url.partition("#")[0].partition("://")
    if not mark:
        return "", url, ""
    before, _, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    return f"{scheme.lower()}://{authority}", slash + path or "/", query


def template(path: str, named: frozenset[str] = frozenset()) -> str:
    """A path with ``{id}`` for each segment that is an id by its looks or is among ``named``."""
    segments = path.split("/")
    return "/".join(
        "{id}" if (i > 1 and unquote(segment) in named) or segment.isdigit() or _names_one(segment) else segment
        for i, segment in enumerate(segments)
    )


def _names_one(segment: str) -> bool:
    """Whether a part of a path names one thing among many."""
    return holds_id(unquote(segment) if "%" in segment else segment)


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


def _named_ids(interactions: Sequence[Interaction]) -> frozenset[str]:
    """Those parts of paths that any answer calls an id.

    They are found in the bytes of the answers, which is far quicker than in what they parse to.
    """
    parts = {unquote(part) for one in interactions for part in _split(one.request.url)[1].split("/")[2:]}
    wanted = {
        part.encode("utf-8", "surrogateescape") for part in parts if part and not (part.isdigit() or holds_id(part))
    }
    quoted = [b'"%s"' % part for part in wanted]
    named: set[bytes] = set()
    for interaction in interactions:
        body = interaction.response.body
        # With many parts it is quicker to look for ids at once than for each part.
        if len(quoted) > _FEW or any(part in body for part in quoted):
            named.update(wanted.intersection(_NAMED_ID.findall(body)))
    return frozenset(name.decode("utf-8", "replace") for name in named)
