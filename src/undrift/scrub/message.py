"""Scrubbing one message after another with what is known of the secrets among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from undrift.model import Headers, Request, Response
from undrift.scrub.consistent import consistent
from undrift.scrub.fields import WITH_SCHEME, replace_secrets
from undrift.scrub.opening import opened
from undrift.scrub.placeholders import numbers_in
from undrift.scrub.replace import Place, replace_in_bytes, replace_in_text
from undrift.scrub.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.body import MediaType
    from undrift.scrub.ledger import Ledger

# Header fields that hold URLs: a placeholder is escaped there as in a URL.
_URL_HEADERS: Final = frozenset({"content-location", "link", "location", "refresh", "referer"})


class Messages:
    """Scrubs the messages of one ledger: first all of them are learned from, then each is scrubbed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._walker = Walker(ledger.named.reader, ledger.substitute)

    def learn(self, message: Request | Response) -> bool:
        """Number the secrets of a message that names tell, and say whether there are any.

        Most messages have none, and need not be walked again when they are scrubbed.
        """
        walker = self._walker
        head = message.url if isinstance(message, Request) else message.reason
        walked = walker.url(head) if isinstance(message, Request) else head
        headers = walker.headers(message.headers)
        body = opened(message)
        content = walker.body(body.content, body.media)
        walker.tokens(_blob(head, message.headers))
        walker.tokens(body.content)
        return not (walked is head and headers is message.headers and content == body.content)

    def request(self, request: Request, *, is_walked: bool = True) -> Request:
        """A request without its secrets."""
        walker = self._walker
        url = walker.url(request.url) if is_walked else request.url
        headers = walker.headers(request.headers) if is_walked else request.headers
        method = request.method
        if self._may_hold(_blob(f"{method}\0{url}", headers)):
            method, url, headers = self.text(method), self.text(url, Place.URL), self._everywhere(headers)
        body = self._body(request, is_walked=is_walked)
        headers = consistent(headers, request.body, body, request.encoding)
        return Request(method, url, headers, body, request.encoding)

    def response(self, response: Response, *, is_walked: bool = True) -> Response:
        """A response without its secrets."""
        headers = self._walker.headers(response.headers) if is_walked else response.headers
        reason = response.reason
        if self._may_hold(_blob(reason, headers)):
            reason, headers = self.text(reason), self._everywhere(headers)
        body = self._body(response, is_walked=is_walked)
        headers = consistent(headers, response.body, body, response.encoding)
        return replace(response, reason=reason, headers=headers, body=body)

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

    def _body(self, message: Request | Response, *, is_walked: bool) -> bytes:
        if not message.body:
            return b""
        body = opened(message)
        content = self._walker.body(body.content, body.media) if is_walked else body.content
        content = self._bytes(content, _place(body.media))
        closed = message.body if content == body.content else body.close(content)
        # It may not be what it says that it is.
        return self._bytes(closed, Place.PLAIN) if body.is_translated else closed

    def _bytes(self, data: bytes, place: Place) -> bytes:
        replaced = replace_in_bytes(data, self._ledger.search, place)
        self._ledger.used.update(f"<{name}>" for name in replaced.names)
        return replaced.data

    def _may_hold(self, data: bytes) -> bool:
        """A quick look at all that is text in a message; most messages are done with it."""
        return self._ledger.search.suspects(data)

    def _everywhere(self, headers: Headers) -> Headers:
        return Headers.of((self.text(name), self.text(value, _header_place(name))) for name, value in headers)


def taken_numbers(messages: Iterable[Request | Response]) -> Iterator[tuple[str, int]]:
    """The labels and numbers that stand in messages which were scrubbed before."""
    for message in messages:
        head = message.url if isinstance(message, Request) else message.reason
        yield from numbers_in(_blob(head, message.headers))
        yield from numbers_in(opened(message).content)
        for name, value in message.headers:
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


def _blob(head: str, headers: Headers) -> bytes:
    texts = (head, *(text for field in headers for text in field))
    return "\0".join(texts).encode("utf-8", "surrogatepass")


def _header_place(name: str) -> Place:
    return Place.URL if name.lower() in _URL_HEADERS else Place.PLAIN


def _place(media: MediaType) -> Place:
    """How a placeholder is escaped in a body."""
    if media.essence == "application/x-www-form-urlencoded":
        return Place.URL
    return Place.XML if media.essence.endswith(("/xml", "+xml", "/html")) else Place.PLAIN
