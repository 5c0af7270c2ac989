"""Secrets back in the places of their placeholders, in what a replay hands out.

A test may compare an answer with the credential that it was given, or with the password that it
sent, and an SDK may look whether a key that it is handed has the form of one. All that holds live,
and has to hold in a replay.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from undrift.body import media_type
from undrift.model import Headers
from undrift.scrub.consistent import consistent
from undrift.scrub.finder import Finder
from undrift.scrub.forms import Target
from undrift.scrub.opening import is_plain, opened
from undrift.scrub.packed import may_be_packed
from undrift.scrub.placeholders import STAND_IN
from undrift.scrub.replace import Place, Search, replace_in_bytes
from undrift.scrub.whose import in_places, places_in, without_base64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from undrift.model import Request, Response

# A token that stands for a credential is to be taken apart, which no text that fits a pattern is.
_STAND_IN: Final = re.compile(STAND_IN)
_NUMBERED_BEGIN: Final = "secret:"
_MOST_AT_ONCE: Final = 4_000_000


class Restorer:
    """Puts each secret back where its placeholder stands; its ``repr`` shows none.

    ``values`` has them by their placeholders without the brackets, or by the token that stands for one.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._tokens = {name.encode(): value.encode() for name, value in values.items() if _is_token(name)}
        # Most answers have none of these, and are done with this look. Of what is numbered there may be thousands.
        beginnings = dict.fromkeys(_NUMBERED_BEGIN if name.startswith(_NUMBERED_BEGIN) else name for name in values)
        self._signs = tuple(sign for name in beginnings for sign in _signs_of(name))

    def __repr__(self) -> str:
        return f"<Restorer: {len(self._values)}>"

    def response(self, response: Response) -> Response:
        """An answer as whoever has these secrets would have got it."""
        if is_plain(response.body) and not self._may_be_in(_joined(response)):
            return response
        headers, body = self._headers(response.headers), self._body(response)
        if headers is response.headers and body is response.body:
            return response
        return replace(response, headers=consistent(headers, response.body, body, response.encoding), body=body)

    def may_be_in(self, responses: Sequence[Response]) -> bool:
        """Whether there may be something to put back in any of these; where they are too long, nobody looks."""
        bodies = [response.body for response in responses]
        if sum(map(len, bodies)) > _MOST_AT_ONCE or not all(map(is_plain, bodies)):
            return True
        values = "\0".join([value for response in responses for _, value in response.headers])
        return self._may_be_in(b"\0".join((values.encode("utf-8", "surrogatepass"), *bodies)))

    def _may_be_in(self, data: bytes) -> bool:
        # No generator: where one answer has any of these, every answer that is played comes by here.
        for sign in self._signs:
            if sign in data:
                return True
        return may_be_packed(data)

    def data(self, value: Any) -> Any:
        """Plain JSON data with its texts restored."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._text(name): self.data(item) for name, item in value.items()}
        return [self.data(item) for item in value] if isinstance(value, list) else value

    def _headers(self, headers: Headers) -> Headers:
        fields = tuple((name, self._text(value)) for name, value in headers)
        return headers if fields == headers.fields else Headers(fields)

    def _body(self, response: Response) -> bytes:
        inside = opened(response)
        is_json = "json" in inside.media.essence or inside.media.essence == "text/event-stream"
        content = self._bytes(inside.content, Place.JSON if is_json else Place.PLAIN)
        return response.body if content is inside.content else inside.close(content)

    def _text(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        restored = self._bytes(data)
        return text if restored is data else restored.decode("utf-8", "surrogatepass")

    def _bytes(self, data: bytes, place: Place = Place.PLAIN) -> bytes:
        if not self._may_be_in(data):
            return data
        pieces: list[bytes] = []
        end = 0
        for token in _STAND_IN.finditer(data):
            pieces += [self._put_back(data[end : token.start()], place), self._tokens.get(token[0], token[0])]
            end = token.end()
        return b"".join([*pieces, self._put_back(data[end:], place)])

    def _put_back(self, data: bytes, place: Place) -> bytes:
        return replace_in_bytes(data, self._search, place).data

    @cached_property
    def _search(self) -> Search:
        targets = (Target(name, f"<{name}>", value) for name, value in self._values.items() if not _is_token(name))
        return Search((Finder(targets),), _STAND_IN)


def holds_places(recorded: Request) -> bool:
    """Whether a recorded request has places of secrets that no credential names, in its headers too."""
    return any(places_in(text) for text, *_ in _texts(recorded, recorded))


def echoes(recorded: Request, response: Response) -> bool:
    """Whether an answer holds what stands for such a secret in a header of its request."""
    names = {name for _, value in recorded.headers for name in places_in(without_base64(value))}
    data = _joined(response)
    return any(sign in data for name in names for sign in _signs_of(name))


def _joined(response: Response) -> bytes:
    """All of an answer in which secrets may stand."""
    values = "\0".join([value for _, value in response.headers])
    return b"\0".join((values.encode("utf-8", "surrogatepass"), response.body))


def sent_in_place(recorded: Request, sent: Request) -> dict[str, str]:
    """What was sent in those places of a recorded request, by what stands there, as ``Restorer`` takes it."""
    found: dict[str, str] = {}
    for old, new, read in _texts(recorded, sent):
        for placeholder, literal in ((name, read(text)) for name, text in (in_places(old, new) or {}).items()):
            # What an answer handed out is sent as it was recorded; that of another cassette has another number.
            if literal not in {placeholder, f"<{placeholder}>"}:
                found.setdefault(placeholder, literal)
    return found


def _texts(recorded: Request, sent: Request) -> Iterator[tuple[str, str, Callable[[str], str]]]:
    """The texts of a recorded request, and of one that was sent, in the same places; and how such are read there."""
    yield recorded.url, sent.url, str
    before, after = (media_type(request.headers) for request in (recorded, sent))
    # Each multipart body has a boundary of its own.
    old, new = ((media.parameter("boundary") or "").encode() for media in (before, after))
    body = sent.body.replace(new, old) if old and new else sent.body
    is_json = "json" in before.essence
    yield recorded.body.decode("utf-8", "replace"), body.decode("utf-8", "replace"), _from_json if is_json else str
    for name, value in recorded.headers:
        other = sent.headers.get(name)
        if other is not None:
            yield without_base64(value), without_base64(other), str


def _from_json(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _is_token(name: str) -> bool:
    return name.startswith("eyJ")


def _signs_of(name: str) -> Iterator[bytes]:
    """What bytes hold where a placeholder is: its letters, as they are or in a URL, in digits or in base64."""
    placeholder = f"<{name}>".encode()
    yield name.encode()
    if _is_token(name):
        return
    if ":" in name:
        yield quote(name, safe="").encode()
    yield from (name.encode().hex().encode(), name.encode().hex().upper().encode())
    for before in range(3):
        if always := base64.b64encode(bytes(before) + placeholder)[4 if before else 0 : -4]:
            yield always
