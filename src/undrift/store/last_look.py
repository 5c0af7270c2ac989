"""The last look before a file is replaced: is any secret left, in any form?"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from undrift.body import view
from undrift.errors import LeakError
from undrift.model import Request
from undrift.scrub import leaks, scrub_text
from undrift.scrub.finder import distinct
from undrift.scrub.opening import broken_off, opened
from undrift.scrub.shapes import may_hold_tokens, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from undrift.model import Cassette, Response
    from undrift.scrub import Leak, Secrets


_BATCH = 1_000_000


def refuse_leaks(
    path: Path, cassette: Cassette, content: bytes, secrets: Secrets, not_secret: Iterable[str] = ()
) -> None:
    """Raise LeakError where a secret is left in a cassette, or in the bytes of its file, or what looks like one.

    ``not_secret`` are regular expressions of what only looks so. The message names the file, the
    interaction and the place in it; never the value.
    """
    _refuse_name(path, secrets)
    # Most files are done with a look at their text and at what does not stand in it as text.
    has_values = has_tokens = False
    for data in _contents(cassette, content):
        pieces = distinct(data)
        has_values = has_values or (secrets.search.suspects(data, pieces) and bool(leaks(data, secrets)))
        has_tokens = has_tokens or may_hold_tokens(data, pieces)
    if has_values:
        _refuse_values(path, cassette, content, secrets)
    if has_tokens:
        _refuse_tokens(path, cassette, not_secret)


def _refuse_name(path: Path, secrets: Secrets) -> None:
    for leak in leaks(path.name.encode("utf-8", "surrogateescape"), secrets):
        # A word that a test sends as a password may be its parameter, and is known to whoever reads the test.
        if ":" not in leak.name:
            raise LeakError(
                path.with_name(scrub_text(path.name, secrets).replace("/", "_")),
                f"The cassette was not written, because the secret {leak.name} is left in the name of its file. Give "
                f"the cassette another name, and record again.",
            )


def _refuse_values(path: Path, cassette: Cassette, content: bytes, secrets: Secrets) -> None:
    for spot in places(cassette):
        for leak in leaks(spot.data, secrets):
            raise LeakError(path, _sentence(leak, spot.words))
    for leak in leaks(content, secrets):
        line = content.count(b"\n", 0, leak.offset) + 1
        raise LeakError(path, _sentence(leak, f"line {line}"))


def _refuse_tokens(path: Path, cassette: Cassette, not_secret: Iterable[str]) -> None:
    for spot in places(cassette):
        for token in tokens(spot.data, not_secret=not_secret):
            raise LeakError(path, _shape_sentence(token.kind, spot.words))


def _contents(cassette: Cassette, content: bytes) -> Iterator[bytes]:
    """All that is in the file, and what may stand in it folded, packed or in base64."""
    yield content
    yield _bytes("\0".join(dict.fromkeys(_texts(cassette))))
    # Many small ones at once are looked through in a fraction of the time.
    bodies: list[bytes] = []
    size = 0
    for body in (body for message in _messages(cassette) for body in _of_body(message)):
        bodies.append(body)
        size += len(body)
        if size > _BATCH:
            yield b"\0".join(bodies)
            bodies, size = [], 0
    yield b"\0".join(bodies)


def _texts(cassette: Cassette) -> Iterator[str]:
    """All texts of a cassette that are in no body."""
    yield cassette.test or ""
    for interaction in cassette.interactions:
        yield interaction.response.reason
    for failure in cassette.failures:
        yield failure.message
        if failure.response is not None:
            yield failure.response.reason
    for message in _messages(cassette):
        yield from (message.method, message.url) if isinstance(message, Request) else ()
        yield from chain.from_iterable(message.headers)
    for value in (cassette.metadata, dict(cassette.recorded_values)):
        yield from (data.decode("utf-8", "replace") for _, data in _leaves(value))


def _messages(cassette: Cassette) -> Iterator[Request | Response]:
    for interaction in cassette.interactions:
        yield interaction.request
        yield interaction.response
    for failure in cassette.failures:
        yield failure.request
        if failure.response is not None:
            yield failure.response


def _of_body(message: Request | Response) -> Iterator[bytes]:
    """A body as it is, and what it holds where it is packed or text of wide letters."""
    yield message.body
    inside = opened(message)
    if inside.is_translated:
        yield inside.content
    elif beginning := broken_off(message.body):
        yield beginning


def _shape_sentence(kind: str, place: str) -> str:
    article = "an" if kind[0] in "AEIOUaeiou" else "a"
    return (
        f"The cassette was not written, because what looks like {article} {kind} is in {place}. Name its field under "
        f"redact of its service, or declare it as a credential, and record again. If it is none, add an expression "
        f"that matches it to not_secret in [tool.undrift]."
    )


def _sentence(leak: Leak, place: str) -> str:
    return (
        f"The cassette was not written, because the secret {leak.name} is left in {place} (form: {leak.form}). "
        f"Scrub the cassette with this secret too, and record again."
    )


class Spot(NamedTuple):
    """Some bytes of a cassette, and where they stand: of what, and which part of it.

    ``pointer`` is the JSON Pointer (RFC 6901) of a text in a body, in which ``is_part`` is then
    true: all of the body comes after its texts.
    """

    owner: str
    part: str
    data: bytes
    pointer: str = ""
    is_part: bool = False

    @property
    def words(self) -> str:
        """The place in words."""
        at = f" at {self.pointer}" if self.is_part else ""
        return f"{self.owner}, {self.part}{at}" if self.part else self.owner


def places(cassette: Cassette) -> Iterator[Spot]:
    """What a cassette holds, and where it stands; of a body its texts first, then all of it."""
    for number, interaction in enumerate(cassette.interactions):
        yield from _of_request(f"interaction {number}", interaction.request)
        yield from _of_response(f"interaction {number}", interaction.response)
    for number, failure in enumerate(cassette.failures):
        yield from _of_request(f"failure {number}", failure.request)
        if failure.response is not None:
            yield from _of_response(f"failure {number}", failure.response)
        yield Spot(f"failure {number}", "message", _bytes(failure.message))
    for name, value in cassette.recorded_values:
        yield from (Spot(f"the recorded value {name}{pointer}", "", data) for pointer, data in _leaves(value))
    yield from (Spot(f"the metadata{pointer}", "", data) for pointer, data in _leaves(cassette.metadata))
    yield Spot("the test's name", "", _bytes(cassette.test or ""))


def _of_request(where: str, request: Request) -> Iterator[Spot]:
    owner = f"{where}, request"
    yield Spot(owner, "method", _bytes(request.method))
    yield Spot(owner, "URL", _bytes(request.url))
    yield from _of_message(owner, request)


def _of_response(where: str, response: Response) -> Iterator[Spot]:
    owner = f"{where}, response"
    yield Spot(owner, "reason", _bytes(response.reason))
    yield from _of_message(owner, response)


def _of_message(owner: str, message: Request | Response) -> Iterator[Spot]:
    for name, value in message.headers:
        yield Spot(owner, f"header {name}", _bytes(f"{name}: {value}"))
    value = view(message.headers, opened(message).content).value
    if isinstance(value, (dict, list)):
        yield from (Spot(owner, "body", data, pointer, is_part=True) for pointer, data in _leaves(value))
    yield from (Spot(owner, "body", data) for data in _of_body(message))


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, bytes]]:
    """Each text in plain data with its JSON Pointer (RFC 6901)."""
    # No recursion: what a server sends is nested as deep as it likes.
    stack = [(pointer, value)]
    while stack:
        at, value = stack.pop()
        if isinstance(value, dict):
            names = (str(name).replace("~", "~0").replace("/", "~1") for name in value)
            stack.extend(reversed([(f"{at}/{name}", item) for name, item in zip(names, value.values(), strict=True)]))
        elif isinstance(value, (list, tuple)):
            stack.extend(reversed([(f"{at}/{index}", item) for index, item in enumerate(value)]))
        elif isinstance(value, (str, bytes)):
            yield at, _bytes(value)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
