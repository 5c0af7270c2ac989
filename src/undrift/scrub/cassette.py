"""Scrubbing whole cassettes and single requests."""

from __future__ import annotations

import re
from dataclasses import InitVar, dataclass, replace
from typing import TYPE_CHECKING, Any

from undrift.body import media_type
from undrift.errors import UndriftError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub.fields import SENSITIVE_HEADERS, WITH_SCHEME, label, replace_secrets
from undrift.scrub.known import Secrets
from undrift.scrub.replace import Place, may_hold, replace_in_bytes, replace_in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Header fields that hold URLs: a placeholder is escaped there as in a URL.
_URL_HEADERS = frozenset({"content-location", "link", "location", "refresh", "referer"})
# Any name that a credential may have, or a number that was given here.
_PLACEHOLDER = re.compile(r"<(?:[A-Za-z_][A-Za-z0-9_.-]*|secret:[A-Za-z0-9_.-]+:[0-9]+)>")
_NUMBERED = re.compile(r"<secret:([A-Za-z0-9_.-]+):([0-9]{1,9})>")
_NOBODY = Secrets()


class _Maker:
    """What shows that ``scrub`` made something; there is one, and only this module has it."""

    __slots__ = ()


_MAKER = _Maker()


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A cassette that may be written to disk; only ``scrub`` makes one.

    ``replaced`` are the placeholders that stand in it, in alphabetical order. ``found`` are the
    secrets that no credential names, and that are to stand nowhere in the file either.
    """

    cassette: Cassette
    replaced: tuple[str, ...]
    found: Secrets
    maker: InitVar[_Maker]

    def __post_init__(self, maker: _Maker) -> None:
        if maker is not _MAKER:
            raise UndriftError("Only scrub() makes what may be written: call undrift.scrub.scrub(cassette, secrets).")


def scrub(cassette: Cassette, secrets: Secrets) -> Scrubbed:
    """Replace every secret in a cassette with its placeholder; doing it twice changes nothing."""
    ledger = _Ledger(secrets, _all_headers(cassette))
    scrubber = _Scrubber(ledger)
    clean = replace(
        cassette,
        interactions=tuple(scrubber.interaction(interaction) for interaction in cassette.interactions),
        failures=tuple(scrubber.failure(failure) for failure in cassette.failures),
        test=None if cassette.test is None else scrubber.text(cassette.test),
        recorded_values=tuple((scrubber.text(name), scrubber.data(value)) for name, value in cassette.recorded_values),
        metadata=scrubber.data(cassette.metadata),
    )
    return Scrubbed(clean, tuple(sorted(scrubber.used)), ledger.followed, _MAKER)


def scrub_request(request: Request, secrets: Secrets) -> Request:
    """Replace every secret in a live request, as ``scrub`` did in the recorded one."""
    return _Scrubber(_Ledger(secrets, (request.headers,))).request(request)


def scrub_text(text: str, secrets: Secrets) -> str:
    """Replace every secret in a text that people will read: a message, a log, a report."""
    return replace_in_text(text, secrets)[0]


def _all_headers(cassette: Cassette) -> Iterator[Headers]:
    """The headers of all requests and responses, in the order in which they travelled."""
    failed = sorted(cassette.failures, key=lambda failure: failure.position)
    for position, interaction in enumerate(cassette.interactions):
        yield from (failure.request.headers for failure in failed if failure.position == position)
        yield interaction.request.headers
        yield interaction.response.headers
    yield from (failure.request.headers for failure in failed if failure.position >= len(cassette))


class _Ledger:
    """The secrets of one cassette: those that are named, and those found in its headers.

    What is found is numbered by its first appearance, a label at a time.
    """

    def __init__(self, named: Secrets, headers: Iterable[Headers]) -> None:
        self.named = named
        self._numbers: dict[str, dict[str, str]] = {}
        self._last: dict[str, int] = {}
        self._covered: dict[str, str] = {}
        self._followed: list[tuple[str, str]] = []
        fields = [field for fields in headers for field in fields if field[0].lower() in SENSITIVE_HEADERS]
        for name, value in fields:
            if "<" in value or name.lower() in WITH_SCHEME:
                self._note_numbers(name, value)
        for name, value in fields:
            self._number(name, value)
        self.followed = Secrets(tuple(self._followed)) if self._followed else _NOBODY

    def placeholder(self, kind: str, secret: str) -> str:
        """What stands in place of a header's secret."""
        covered = self._cover(secret)
        return covered if _is_placeholder(covered) else self._numbers[kind][secret]

    def _cover(self, secret: str) -> str:
        """A header's secret with the named ones replaced in it."""
        if secret not in self._covered:
            self._covered[secret] = replace_in_text(secret, self.named)[0]
        return self._covered[secret]

    def _note_numbers(self, name: str, value: str) -> None:
        """Learn which numbers are taken, in what was scrubbed before."""

        def note(secret: str, *, is_followed: bool) -> str:
            del is_followed
            for kind, number in _NUMBERED.findall(secret):
                self._last[kind] = max(self._last.get(kind, 0), int(number))
            return secret

        replace_secrets(name, value, note)

    def _number(self, name: str, value: str) -> None:
        kind = label(name)
        numbers = self._numbers.setdefault(kind, {})

        def number(secret: str, *, is_followed: bool) -> str:
            if secret in numbers or _is_placeholder(self._cover(secret)):
                return secret
            self._last[kind] = self._last.get(kind, 0) + 1
            found = f"secret:{kind}:{self._last[kind]}"
            numbers[secret] = f"<{found}>"
            if is_followed:
                self._followed.append((found, secret))
            return secret

        replace_secrets(name, value, number)


def _is_placeholder(text: str) -> bool:
    return not _PLACEHOLDER.sub("", text).strip()


class _Scrubber:
    """Scrubs the parts of one cassette, and remembers which placeholders it used."""

    def __init__(self, ledger: _Ledger) -> None:
        self.used: set[str] = set()
        self._ledger = ledger
        self._secrets = ledger.named | ledger.followed

    def text(self, text: str, place: Place = Place.PLAIN) -> str:
        clean, names = replace_in_text(text, self._secrets, place)
        self.used.update(f"<{name}>" for name in names)
        return clean

    def data(self, value: Any) -> Any:
        """Plain data with its texts scrubbed."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, dict):
            return {self.data(key): self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.data(item) for item in value)
        return value

    def request(self, request: Request) -> Request:
        headers = self._with_named_fields(request.headers)
        method, url = request.method, request.url
        if self._may_hold(method, url, headers):
            method, url, headers = self.text(method), self.text(url, Place.URL), self._everywhere(headers)
        body = self._bytes(request.body, _place(headers)) if request.body else b""
        return Request(method, url, headers, body, request.encoding)

    def interaction(self, interaction: Interaction) -> Interaction:
        request, response = interaction.request, interaction.response
        return replace(interaction, request=self.request(request), response=self._response(response))

    def failure(self, failure: Failure) -> Failure:
        return replace(failure, request=self.request(failure.request), message=self.text(failure.message))

    def _response(self, response: Response) -> Response:
        headers, reason = self._with_named_fields(response.headers), response.reason
        if self._may_hold(reason, "", headers):
            headers, reason = self._everywhere(headers), self.text(reason)
        body = self._bytes(response.body, _place(headers)) if response.body else b""
        return replace(response, reason=reason, headers=headers, body=body)

    def _may_hold(self, first: str, second: str, headers: Headers) -> bool:
        """A quick look at all that is text in a message; most messages are done with it."""
        texts = "\0".join((first, second, *(text for field in headers for text in field)))
        return may_hold(texts.encode("utf-8", "surrogatepass"), self._secrets)

    def _everywhere(self, headers: Headers) -> Headers:
        return Headers.of((self.text(name), self.text(value, _header_place(name))) for name, value in headers)

    def _with_named_fields(self, headers: Headers) -> Headers:
        """The headers with the secrets replaced in those fields that are known by name to carry some."""
        if not any(name.lower() in SENSITIVE_HEADERS for name, _ in headers):
            return headers
        return Headers.of((name, self._sensitive_value(name, value)) for name, value in headers)

    def _sensitive_value(self, name: str, value: str) -> str:
        if name.lower() not in SENSITIVE_HEADERS:
            return value
        return replace_secrets(name, value, lambda secret, **_: self._placeholder(label(name), secret))

    def _placeholder(self, kind: str, secret: str) -> str:
        placeholder = self._ledger.placeholder(kind, secret)
        if placeholder != secret:
            self.used.update(_PLACEHOLDER.findall(placeholder))
        return placeholder

    def _bytes(self, data: bytes, place: Place = Place.PLAIN) -> bytes:
        replaced = replace_in_bytes(data, self._secrets, place)
        self.used.update(f"<{name}>" for name in replaced.names)
        return replaced.data


def _header_place(name: str) -> Place:
    return Place.URL if name.lower() in _URL_HEADERS else Place.PLAIN


def _place(headers: Headers) -> Place:
    """How a placeholder is escaped in a body."""
    essence = media_type(headers).essence
    if essence == "application/x-www-form-urlencoded":
        return Place.URL
    return Place.XML if essence.endswith(("/xml", "+xml", "/html")) else Place.PLAIN
