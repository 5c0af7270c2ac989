"""The headers that other readers see in a cassette, and the way back to the original ones.

What is stored is the decoded body, often in another layout. So that vcrpy and its users see a
whole message, the visible headers say its length and leave out the content encoding; the
fields that this changes are kept beside, each with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from undrift.model import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LENGTH = "Content-Length"
_ENCODING = "Content-Encoding"


class Original(NamedTuple):
    """One field as it travelled, and its position among the original fields, from 0."""

    position: int
    name: str
    value: str


def visible_headers(headers: Headers, body: str | bytes, *, is_encoded: bool) -> Headers:
    """The headers that agree with a stored body, which is not empty."""
    size = len(body.encode() if isinstance(body, str) else body)
    return with_length(headers.without(_ENCODING) if is_encoded else headers, size)


def with_length(headers: Headers, size_bytes: int) -> Headers:
    """The headers with another Content-Length, if they have one."""
    return headers if headers.get(_LENGTH) is None else headers.with_value(_LENGTH, str(size_bytes))


def original_fields(headers: Headers, visible: Headers) -> Iterator[Original]:
    """The fields about length and encoding that the visible headers do not show as they were."""
    shown = set(visible)
    changed = {name.lower() for name in (_LENGTH, _ENCODING)}
    for position, (name, value) in enumerate(headers):
        if name.lower() in changed and (name, value) not in shown:
            yield Original(position, name, value)


def restore_headers(visible: Headers, original: Iterable[Original]) -> Headers:
    """The original headers: each of the changed fields back in its place."""
    changed = tuple(original)
    fields = list(visible.without(*(field.name for field in changed)))
    for field in sorted(changed):
        fields.insert(field.position, (field.name, field.value))
    return Headers.of(fields)
