"""Scrubbing whole cassettes, single requests and texts."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, replace
from typing import TYPE_CHECKING

from undrift.errors import UndriftError
from undrift.scrub.ledger import Ledger
from undrift.scrub.message import Messages, look_at, taken_numbers
from undrift.scrub.replace import replace_in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from undrift.model import Cassette, Failure, Request, Response
    from undrift.scrub.known import Secrets


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
    traffic = [look_at(message) for message in _in_order(cassette)]
    ledger = Ledger(secrets, taken_numbers(traffic))
    messages = Messages(ledger)
    # A token is replaced before the place that tells it, too: all are known before the first is replaced.
    for look in traffic:
        messages.learn(look)
    messages.settle()
    clean = replace(
        cassette,
        interactions=tuple(
            replace(
                one,
                request=messages.request(one.request),
                response=messages.response(one.response),
            )
            for one in cassette.interactions
        ),
        failures=tuple(
            replace(
                failure,
                request=messages.request(failure.request),
                message=messages.text(failure.message),
                response=None if failure.response is None else messages.response(failure.response),
            )
            for failure in cassette.failures
        ),
        test=None if cassette.test is None else messages.text(cassette.test),
        recorded_values=tuple((messages.text(name), messages.data(value)) for name, value in cassette.recorded_values),
        metadata=messages.data(cassette.metadata),
    )
    return Scrubbed(clean, tuple(sorted(ledger.used)), ledger.found, _MAKER)


def scrub_request(request: Request, secrets: Secrets) -> Request:
    """Replace every secret in one request, as ``scrub`` does in a cassette that has it alone."""
    look = look_at(request)
    messages = Messages(Ledger(secrets, taken_numbers((look,))))
    messages.learn(look)
    return messages.request(request)


def scrub_text(text: str, secrets: Secrets) -> str:
    """Replace every secret in a text that people will read: a message, a log, a report."""
    return replace_in_text(text, secrets.search)[0]


def _in_order(cassette: Cassette) -> Iterator[Request | Response]:
    """All requests and responses, in the order in which they travelled."""
    failed = sorted(cassette.failures, key=lambda failure: failure.position)
    for position, interaction in enumerate(cassette.interactions):
        yield from _failed(failure for failure in failed if failure.position == position)
        yield interaction.request
        yield interaction.response
    yield from _failed(failure for failure in failed if failure.position >= len(cassette))


def _failed(failures: Iterable[Failure]) -> Iterator[Request | Response]:
    for failure in failures:
        yield failure.request
        if failure.response is not None:
            yield failure.response
