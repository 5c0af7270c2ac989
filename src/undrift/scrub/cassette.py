"""Scrubbing whole cassettes and single requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from undrift.body import media_type
from undrift.errors import UndriftError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.scrub.fields import SENSITIVE_HEADERS, label, replace_secrets
from undrift.scrub.known import Secrets
from undrift.scrub.replace import Place, Replacer

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST_TO_FOLLOW = 6
# One plain word, such as "invalid" or "deleted", is left where it stands in other places.
_ONE_WORD = re.compile(r"[A-Za-z]?[a-z]{0,15}|[A-Z]{0,15}")
_ONLY_PLACEHOLDERS = re.compile(r"(?:<[^<>\s]+>|\s)*")
_MADE_HERE = object()


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A cassette that may be written to disk; only ``scrub`` makes one.

    ``replaced`` are the placeholders that stand in it, in order of the alphabet. ``found``
    are the secrets that no credential names and that are to stand nowhere in the file.
    """

    cassette: Cassette
    replaced: tuple[str, ...]
    found: Secrets
    made_by: object

    def __post_init__(self) -> None:
        if self.made_by is not _MADE_HERE:
            raise UndriftError("Only scrub() makes what may be written: call undrift.scrub.scrub(cassette, secrets).")


def scrub(cassette: Cassette, secrets: Secrets) -> Scrubbed:
    """Replace every secret in a cassette with its placeholder; doing it twice changes nothing."""
    ledger = _Ledger(secrets)
    for headers in _all_headers(cassette):
        ledger.learn(headers)
    scrubber = _Scrubber(ledger)
    clean = replace(
        cassette,
        interactions=tuple(scrubber.interaction(interaction) for interaction in cassette.interactions),
        failures=tuple(scrubber.failure(failure) for failure in cassette.failures),
        test=None if cassette.test is None else scrubber.text(cassette.test),
        recorded_values=tuple((scrubber.text(name), scrubber.data(value)) for name, value in cassette.recorded_values),
        metadata=scrubber.data(cassette.metadata),
    )
    return Scrubbed(clean, tuple(sorted(scrubber.used)), ledger.followed, _MADE_HERE)


def scrub_request(request: Request, secrets: Secrets) -> Request:
    """Replace every secret in a live request, as ``scrub`` did in the recorded one."""
    ledger = _Ledger(secrets)
    ledger.learn(request.headers)
    return _Scrubber(ledger).request(request)


def scrub_text(text: str, secrets: Secrets) -> str:
    """Replace every secret in a text that people will read: a message, a log, a report."""
    return Replacer(secrets).text(text)


def _all_headers(cassette: Cassette) -> Iterator[Headers]:
    """The headers of all requests and responses, in the order in which they travelled."""
    failures = iter(sorted(cassette.failures, key=lambda failure: failure.position))
    failure = next(failures, None)
    for position, interaction in enumerate(cassette.interactions):
        while failure is not None and failure.position <= position:
            yield failure.request.headers
            failure = next(failures, None)
        yield interaction.request.headers
        yield interaction.response.headers
    while failure is not None:
        yield failure.request.headers
        failure = next(failures, None)


class _Ledger:
    """The secrets of one cassette: those that are named, and those found in its headers."""

    def __init__(self, named: Secrets) -> None:
        self.named = Replacer(named)
        self.secrets = named
        self.followed = Secrets()
        self._numbers: dict[str, dict[str, str]] = {}

    def learn(self, headers: Headers) -> None:
        """Number the secrets of some headers that no credential covers."""
        for name, value in headers:
            if name.lower() in SENSITIVE_HEADERS:
                replace_secrets(name, value, lambda secret, kind=label(name): self._learn(kind, secret))

    def placeholder(self, kind: str, secret: str) -> str:
        """What stands in place of a header's secret."""
        covered = self.named.text(secret)
        if _ONLY_PLACEHOLDERS.fullmatch(covered):
            return covered
        return self._numbers[kind][secret]

    def _learn(self, kind: str, secret: str) -> str:
        if _ONLY_PLACEHOLDERS.fullmatch(self.named.text(secret)):
            return secret
        numbers = self._numbers.setdefault(kind, {})
        if secret not in numbers:
            name = f"secret:{kind}:{len(numbers) + 1}"
            numbers[secret] = f"<{name}>"
            if _is_followed(kind, secret):
                self.followed |= Secrets(((name, secret),))
        return secret


def _is_followed(kind: str, secret: str) -> bool:
    """Whether a header's secret is looked for elsewhere too: not if it may be a common word."""
    if len(secret) < _SHORTEST_TO_FOLLOW or _ONE_WORD.fullmatch(secret):
        return False
    return kind != "cookie" or any(letter.isdigit() for letter in secret)


class _Scrubber:
    def __init__(self, ledger: _Ledger) -> None:
        self.used: set[str] = set()
        self._ledger = ledger
        self._replacer = Replacer(ledger.secrets | ledger.followed)

    def text(self, text: str, place: Place = Place.PLAIN) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return self.bytes(data, place).decode("utf-8", "surrogatepass")

    def bytes(self, data: bytes, place: Place) -> bytes:
        replaced = self._replacer.replace(data, place)
        self.used.update(f"<{leak.name}>" for leak in replaced.found)
        return replaced.data

    def data(self, value: Any) -> Any:
        """Plain data with its texts scrubbed."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.bytes(value, Place.PLAIN)
        if isinstance(value, dict):
            return {self.data(key): self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.data(item) for item in value)
        return value

    def headers(self, headers: Headers) -> Headers:
        return Headers.of((self.text(name), self._header_value(name, value)) for name, value in headers)

    def request(self, request: Request) -> Request:
        return replace(
            request,
            method=self.text(request.method),
            url=self.text(request.url, Place.URL),
            headers=self.headers(request.headers),
            body=self._body(request),
        )

    def interaction(self, interaction: Interaction) -> Interaction:
        response = interaction.response
        return replace(
            interaction,
            request=self.request(interaction.request),
            response=replace(
                response,
                reason=self.text(response.reason),
                headers=self.headers(response.headers),
                body=self._body(response),
            ),
        )

    def failure(self, failure: Failure) -> Failure:
        return replace(failure, request=self.request(failure.request), message=self.text(failure.message))

    def _header_value(self, name: str, value: str) -> str:
        if name.lower() in SENSITIVE_HEADERS:
            kind = label(name)
            value = replace_secrets(name, value, lambda secret: self._placeholder(kind, secret))
        return self.text(value)

    def _placeholder(self, kind: str, secret: str) -> str:
        placeholder = self._ledger.placeholder(kind, secret)
        if placeholder != secret:
            self.used.update(re.findall(r"<[^<>\s]+>", placeholder))
        return placeholder

    def _body(self, message: Request | Response) -> bytes:
        return self.bytes(message.body, _place(message.headers)) if message.body else message.body


def _place(headers: Headers) -> Place:
    essence = media_type(headers).essence
    if essence == "application/x-www-form-urlencoded":
        return Place.URL
    is_markup = essence.endswith(("/xml", "+xml", "/html"))
    return Place.XML if is_markup else Place.PLAIN
