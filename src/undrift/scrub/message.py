"""Scrubbing one message after another with what is known of the secrets among them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from undrift.body.media import is_form
from undrift.model import Headers, Request, Response
from undrift.scrub.consistent import consistent
from undrift.scrub.fields import WITH_SCHEME, replace_secrets
from undrift.scrub.opening import Opened, opened
from undrift.scrub.placeholders import numbers_in
from undrift.scrub.replace import Place, replace_in_bytes, replace_in_text
from undrift.scrub.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undrift.body import MediaType
    from undrift.scrub.ledger import Ledger

# Header fields that hold URLs: a placeholder is escaped there as in a URL.
_URL_HEADERS: Final = frozenset({"content-location", "link", "location", "refresh", "referer"})


# So many messages are looked through at once.
_BATCH: Final = 64


class Look(NamedTuple):
    """A message, its head as one text and its body unpacked."""

    message: Request | Response
    head: bytes
    body: Opened

    def __repr__(self) -> str:
        """Without what may be a secret."""
        return f"<Look: {self.message}>"


def look_at(message: Request | Response) -> Look:
    """A message, made ready to be looked into."""
    return Look(message, _blob(_first(message), message.headers), opened(message))


class _Walked(NamedTuple):
    """A message, and what is left of it without the secrets that names tell."""

    message: Request | Response
    head: str
    headers: Headers
    blob: bytes
    opened: Opened
    content: bytes

    def __repr__(self) -> str:
        """Without what may be a secret."""
        return f"<Walked: {self.message}>"


class Messages:
    """Scrubs the messages of one ledger: first all of them are learned from, then each is scrubbed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._walker = Walker(ledger.named.reader, ledger.substitute)
        # By the identity of messages, which they keep alive.
        self._walked: dict[int, _Walked] = {}
        self._done: set[int] = set()

    def learn(self, look: Look) -> None:
        """Number the secrets of a message that names tell, and keep the message as it is without them."""
        walker, (message, blob, body) = self._walker, look
        first, fields, whole = _first(message), message.headers, body.content
        if self._ledger.named.torn:
            first, fields, whole = self._untorn(look)
        walked = walker.url(first) if isinstance(message, Request) else first
        headers = walker.headers(fields)
        content = walker.body(whole, body.media)
        walker.tokens(blob)
        walker.tokens(body.content)
        if walked is not _first(message) or headers is not message.headers:
            blob = _blob(walked, headers)
        self._walked[id(message)] = _Walked(message, walked, headers, blob, body, content)

    def _untorn(self, look: Look) -> tuple[str, Headers, bytes]:
        """The parts of a message without the values of credentials.

        A name tells where a secret begins, and the place where it ends. A password with an ``@`` that somebody
        put into a URL as it is would be taken for a shorter one, and the rest of it be left.
        """
        message, _, body = look
        first, headers, content = _first(message), message.headers, body.content
        if self._ledger.named.torn.suspects(look.head):
            first = self._whole(first, Place.URL if isinstance(message, Request) else Place.PLAIN)
            headers = Headers.of((name, self._whole(value, _header_place(name))) for name, value in headers)
        if self._ledger.named.torn.suspects(content):
            content = self._whole_bytes(content, _place(body.media))
        return first, headers, content

    def _whole(self, text: str, place: Place) -> str:
        return self._whole_bytes(text.encode("utf-8", "surrogatepass"), place).decode("utf-8", "surrogatepass")

    def _whole_bytes(self, data: bytes, place: Place) -> bytes:
        replaced = replace_in_bytes(data, self._ledger.named.torn, place, is_raw=True)
        self._ledger.used.update(f"<{name}>" for name in replaced.names)
        return replaced.data

    def settle(self) -> None:
        """Find out which of the messages learned are done with: many at once are looked through faster than each."""
        pending = list(self._walked.values())
        for start in range(0, len(pending), _BATCH):
            batch = pending[start : start + _BATCH]
            if not self._may_hold(b"\0".join(piece for walked in batch for piece in _pieces(walked))):
                self._done.update(id(walked.message) for walked in batch)

    def forget(self) -> None:
        """Let go of the messages learned, and keep what they told."""
        self._walker.forget()
        self._walked.clear()
        self._done.clear()

    def request(self, request: Request) -> Request:
        """A request without its secrets."""
        walked = self._of(request)
        method, url, headers = request.method, walked.head, walked.headers
        if id(request) not in self._done and self._may_hold(_blob(f"{method}\0{url}", headers)):
            method, url, headers = self.text(method), self.text(url, Place.URL), self._everywhere(headers)
        body = self._body(walked)
        headers = consistent(headers, request.body, body, request.encoding)
        return Request(method, url, headers, body, request.encoding)

    def response(self, response: Response) -> Response:
        """A response without its secrets."""
        walked = self._of(response)
        reason, headers = walked.head, walked.headers
        if id(response) not in self._done and self._may_hold(_blob(reason, headers)):
            reason, headers = self.text(reason), self._everywhere(headers)
        body = self._body(walked)
        headers = consistent(headers, response.body, body, response.encoding)
        return replace(response, reason=reason, headers=headers, body=body)

    def _of(self, message: Request | Response) -> _Walked:
        """What was learned of a message; the message as it is, where nothing was."""
        known = self._walked.get(id(message))
        if known is not None:
            return known
        _, blob, body = look_at(message)
        return _Walked(message, _first(message), message.headers, blob, body, body.content)

    def text(self, text: str, place: Place = Place.PLAIN) -> str:
        """A text without the secrets that are known by their values."""
        clean, names = replace_in_text(text, self._ledger.search, place)
        self._ledger.used.update(f"<{name}>" for name in names)
        return clean

    def data(self, value: Any) -> Any:
        """Plain data with its texts scrubbed."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self._bytes(value, Place.PLAIN)
        if isinstance(value, dict):
            return {self.data(key): self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.data(item) for item in value)
        return value

    def _body(self, walked: _Walked) -> bytes:
        before, inside = walked.message.body, walked.opened
        if not before:
            return before
        is_done = id(walked.message) in self._done
        content = walked.content if is_done else self._bytes(walked.content, _place(inside.media))
        closed = before if content == inside.content else inside.close(content)
        # It may not be what it says that it is.
        return self._bytes(closed, Place.PLAIN) if inside.is_translated and not is_done else closed

    def _bytes(self, data: bytes, place: Place) -> bytes:
        replaced = replace_in_bytes(data, self._ledger.search, place)
        self._ledger.used.update(f"<{name}>" for name in replaced.names)
        return replaced.data

    def _may_hold(self, data: bytes) -> bool:
        """A quick look at all that is text in a message; most messages are done with it."""
        return self._ledger.search.suspects(data)

    def _everywhere(self, headers: Headers) -> Headers:
        return Headers.of((self.text(name), self.text(value, _header_place(name))) for name, value in headers)


def taken_numbers(looks: Sequence[Look]) -> Iterator[tuple[str, int]]:
    """The labels and numbers that stand in messages which were scrubbed before."""
    for start in range(0, len(looks), _BATCH):
        batch = looks[start : start + _BATCH]
        heads = b"\0".join(look.head for look in batch)
        yield from numbers_in(heads)
        yield from numbers_in(b"\0".join(look.body.content for look in batch))
        if b"basic " in heads.lower():
            for name, value in (field for look in batch for field in look.message.headers):
                if name.lower() in WITH_SCHEME and value[:6].lower() == "basic ":
                    yield from _in_credentials(name, value)


def _in_credentials(name: str, value: str) -> list[tuple[str, int]]:
    taken: list[tuple[str, int]] = []

    def note(label: str, secret: str, *, is_followed: bool) -> str:
        del label, is_followed
        taken.extend(numbers_in(secret.encode("utf-8", "surrogatepass")))
        return secret

    replace_secrets(name, value, note)
    return taken


def _pieces(walked: _Walked) -> Iterator[bytes]:
    """All that is left of a message."""
    if isinstance(walked.message, Request):
        yield walked.message.method.encode("utf-8", "surrogatepass")
    yield walked.blob
    yield walked.content
    if walked.opened.is_translated:
        yield walked.message.body


def _first(message: Request | Response) -> str:
    """What a message says ahead of its header fields."""
    return message.url if isinstance(message, Request) else message.reason


def _blob(head: str, headers: Headers) -> bytes:
    return "\0".join((head, *chain.from_iterable(headers))).encode("utf-8", "surrogatepass")


def _header_place(name: str) -> Place:
    return Place.URL if name.lower() in _URL_HEADERS else Place.PLAIN


def _place(media: MediaType) -> Place:
    """How a placeholder is escaped in a body."""
    if is_form(media.essence):
        return Place.URL
    return Place.XML if media.essence.endswith(("/xml", "+xml", "/html")) else Place.PLAIN
