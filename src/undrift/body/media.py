"""Media types, and which kind of body they promise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from undrift.model import Headers


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type (RFC 9110, section 8.3.1), all lower-case but the parameters' values."""

    essence: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str | None:
        """The value of one parameter, or None."""
        for key, value in self.parameters:
            if key == name:
                return value
        return None


def media_type(headers: Headers) -> MediaType:
    """The media type that the headers claim; its essence is empty where they claim none."""
    return parse_media_type(headers.get("Content-Type") or "")


@lru_cache(maxsize=256)
def parse_media_type(value: str) -> MediaType:
    """A media type from the value of a Content-Type field."""
    essence, *rest = value.split(";")
    pairs = (parameter.partition("=") for parameter in rest)
    parameters = tuple((name.strip().lower(), value.strip().strip('"')) for name, _, value in pairs if name.strip())
    return MediaType(essence.strip().lower(), parameters)


def is_json(essence: str) -> bool:
    """Whether a media type promises one JSON value; ``application/x-amz-json-1.1`` does."""
    return essence in {"application/json", "text/json"} or essence.endswith("+json") or "-json-" in essence


def is_ndjson(essence: str) -> bool:
    """Whether a media type promises JSON values, one a line."""
    return essence.partition("/")[2] in {"x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines"}


def is_form(essence: str) -> bool:
    """Whether a media type promises a URL-encoded form."""
    return essence == "application/x-www-form-urlencoded"


def is_multipart(essence: str) -> bool:
    """Whether a media type promises parts between boundaries."""
    return essence.startswith("multipart/")


def is_xml(essence: str) -> bool:
    """Whether a media type promises XML that is not HTML."""
    return essence in {"application/xml", "text/xml"} or (
        essence.endswith("+xml") and essence != "application/xhtml+xml"
    )


def is_html(essence: str) -> bool:
    """Whether a media type promises HTML."""
    return essence in {"text/html", "application/xhtml+xml"}


def is_events(essence: str) -> bool:
    """Whether a media type promises server-sent events."""
    return essence == "text/event-stream"
