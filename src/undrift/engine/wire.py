"""Between what travels and what the model holds: content encodings on and off.

The model's bodies are decoded content. What a client sees is encoded again, by the same
encoding, so that it decodes what it decoded live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift import body
from undrift.errors import BodyError
from undrift.model import Headers, Request, Response, octets

if TYPE_CHECKING:
    from collections.abc import Sequence


def request_from_wire(method: str, url: str, headers: Headers, content: bytes) -> Request:
    """A request of the model from the bytes that a client sends."""
    decoded, encoding = _decoded(headers, content)
    return Request(method, url, headers, decoded, encoding)


def response_from_wire(  # noqa: PLR0913 - the parts of a response
    status: int, reason: str, headers: Headers, content: bytes, http_version: str, *, is_whole: bool = True
) -> Response:
    """A response of the model from the bytes that a server sent, transfer coding removed.

    Where they are not the whole content, they are decoded as far as that goes.
    """
    decoded, encoding = _decoded(headers, content, is_whole=is_whole)
    return Response(status, reason, headers, decoded, encoding, http_version)


def content_for_client(response: Response) -> bytes:
    """The response's body as it travelled."""
    return body.encode(response.body, response.encoding) if response.encoding else response.body


def headers_for_client(response: Response) -> Headers:
    """The response's header fields, with a Content-Length that fits what scrubbing left of the body."""
    headers = response.headers
    if response.encoding or not response.body:
        return headers
    length = headers.get("Content-Length")
    if length is None or length == str(len(response.body)):
        return headers
    return headers.with_value("Content-Length", str(len(response.body)))


def octets_of(fields: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """What travels of header fields."""
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    except UnicodeEncodeError:
        # Written by hand: only then is each looked at on its own.
        return [(octets(name), octets(value)) for name, value in fields]


def _decoded(headers: Headers, content: bytes, *, is_whole: bool = True) -> tuple[bytes, str]:
    encoding = headers.get("Content-Encoding")
    if not content or not encoding:
        return content, ""
    try:
        decoded = (body.decode if is_whole else body.decode_start)(content, encoding)
        # What cannot be packed again could not be replayed either.
        body.encode(b"", encoding)
    except BodyError:
        return content, ""
    return decoded, encoding
