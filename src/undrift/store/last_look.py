"""The last look before a file is replaced: is any secret left, in any form?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.body import view
from undrift.errors import LeakError
from undrift.scrub import leaks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from undrift.model import Cassette, Headers, Request, Response
    from undrift.scrub import Leak, Secrets


def refuse_leaks(path: Path, cassette: Cassette, content: bytes, secrets: Secrets) -> None:
    """Raise LeakError where a secret is left in a cassette, or in the bytes of its file.

    The message names the file, the interaction and the place in it; never the value.
    """
    if not secrets:
        return
    for place, data in _places(cassette):
        for leak in leaks(data, secrets):
            raise LeakError(path, _sentence(leak, place))
    for leak in leaks(content, secrets):
        line = content.count(b"\n", 0, leak.offset) + 1
        raise LeakError(path, _sentence(leak, f"line {line}"))


def _sentence(leak: Leak, place: str) -> str:
    return (
        f"The cassette was not written, because the secret {leak.name} is left in {place} (form: {leak.form}). "
        f"Scrub the cassette with this secret too, and record again."
    )


def _places(cassette: Cassette) -> Iterator[tuple[str, bytes]]:
    """What a cassette holds, with words for where it stands."""
    for number, interaction in enumerate(cassette.interactions):
        yield from _of_request(f"interaction {number}", interaction.request)
        where = f"interaction {number}, response"
        yield f"{where}, reason", _bytes(interaction.response.reason)
        yield from _of_message(where, interaction.response)
    for number, failure in enumerate(cassette.failures):
        yield from _of_request(f"failure {number}", failure.request)
        yield f"failure {number}, message", _bytes(failure.message)
    for name, value in cassette.recorded_values:
        yield from ((f"the recorded value {name}{pointer}", data) for pointer, data in _leaves(value))
    yield from ((f"the metadata{pointer}", data) for pointer, data in _leaves(cassette.metadata))
    yield "the test's name", _bytes(cassette.test or "")


def _of_request(where: str, request: Request) -> Iterator[tuple[str, bytes]]:
    yield f"{where}, request, method", _bytes(request.method)
    yield f"{where}, request, URL", _bytes(request.url)
    yield from _of_message(f"{where}, request", request)


def _of_message(where: str, message: Request | Response) -> Iterator[tuple[str, bytes]]:
    for name, value in message.headers:
        yield f"{where}, header {name}", _bytes(f"{name}: {value}")
    yield from ((f"{where}, body{pointer}", data) for pointer, data in _of_body(message.headers, message.body))


def _of_body(headers: Headers, body: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a body, the narrowest first: the values at their JSON Pointers, then all of it."""
    value = view(headers, body).value
    if isinstance(value, (dict, list)):
        yield from ((f" at {pointer}", data) for pointer, data in _leaves(value))
    yield "", body


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, bytes]]:
    """Each text in plain data with its JSON Pointer (RFC 6901)."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    elif isinstance(value, (str, bytes)):
        yield pointer, _bytes(value)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
