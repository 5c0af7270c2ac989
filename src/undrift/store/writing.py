"""From a scrubbed cassette to the text of its file, proven to read back as the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from undrift.errors import CassetteError, CassetteNotWrittenError
from undrift.model import Cassette, Headers
from undrift.store import layout
from undrift.store.emit import emit, is_block, is_text
from undrift.store.reading import FORMAT, LAYOUT_VERSION, loads
from undrift.store.visible import original_fields, restore_headers, visible_headers, with_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.model import Failure, Interaction, Request, Response
    from undrift.scrub import Scrubbed

_IN_MEMORY = Path("cassette.yaml")
# A header that carries a digest or a signature of the body: other readers may check it.
_DIGESTS = frozenset(
    {
        *("content-digest", "content-md5", "digest", "repr-digest", "x-amz-content-sha256", "x-goog-hash"),
        *("stripe-signature", "x-hub-signature", "x-hub-signature-256", "x-shopify-hmac-sha256", "x-slack-signature"),
    }
)
_DIGEST_FAMILY = "x-amz-checksum-"

# How plainly a body is stored: the most readable first.
_READABLE, _RAW, _BINARY = range(3)


def dumps(scrubbed: Scrubbed, path: Path = _IN_MEMORY) -> str:
    """The text of a cassette's file; the same cassette gives the same text.

    The text is read back and compared before it is given; a body that would not be exact is
    stored raw. Raises CassetteNotWrittenError, naming ``path``, where even so something would
    be lost.
    """
    cassette = scrubbed.cassette
    # One for each interaction, and the last for the failures.
    plainness = [_READABLE] * (len(cassette) + 1)
    for level in (_RAW, _BINARY):
        text = _emit(cassette, plainness, path)
        inexact = _inexact(cassette, text, path)
        if not inexact:
            return text
        for position in inexact:
            plainness[position] = level
    text = _emit(cassette, plainness, path)
    if not _inexact(cassette, text, path):
        return text
    raise CassetteNotWrittenError(
        path,
        f"{_culprit(cassette, path)} would not be read back as it was. Nothing was written. "
        f"Look there for text that is no Unicode, and please report what you find.",
    )


def _culprit(cassette: Cassette, path: Path) -> str:
    for number, interaction in enumerate(cassette.interactions):
        alone = Cassette((interaction,))
        if _inexact(alone, _emit(alone, [_BINARY, _BINARY], path), path):
            return f"The interaction {number}"
    return "A failure, a recorded value or the metadata"


def _emit(cassette: Cassette, plainness: list[int], path: Path) -> str:
    try:
        return emit(_document(cassette, plainness))
    except (TypeError, ValueError) as error:
        raise CassetteNotWrittenError(path, f"{error} Nothing was written; keep plain JSON values in it.") from error


def _inexact(cassette: Cassette, text: str, path: Path) -> set[int]:
    """The positions of the interactions that a text would not give back; -1 for the rest."""
    try:
        again = loads(text, path.with_suffix(".yaml"))
    except CassetteError:
        return set(range(-1, len(cassette)))
    pairs = zip(cassette.interactions, again.interactions, strict=True)
    found = {position for position, (before, after) in enumerate(pairs) if before != after}
    if cassette.failures != again.failures or _rest(cassette) != _rest(again):
        found.add(-1)
    return found


def _rest(cassette: Cassette) -> str:
    """What a cassette holds beside its traffic, as text, in which NaN equals NaN."""
    recorded = list(cassette.recorded_values)
    return emit({"test": cassette.test, "recorded": recorded, "metadata": cassette.metadata})


def _document(cassette: Cassette, plainness: list[int]) -> dict[str, Any]:
    notes: dict[str, Any] = {"format": FORMAT}
    if cassette.test is not None:
        notes["test"] = cassette.test
    if cassette.recorded_values:
        notes["recorded"] = dict(cassette.recorded_values)
    if cassette.failures:
        notes["failures"] = [_failure(failure, plainness[-1]) for failure in cassette.failures]
    document: dict[str, Any] = {"version": LAYOUT_VERSION, "undrift": notes}
    if cassette.metadata is not None:
        document["metadata"] = cassette.metadata
    pairs = zip(cassette.interactions, plainness[:-1], strict=True)
    document["interactions"] = [_interaction(interaction, level) for interaction, level in pairs]
    return document


class _Seconds(float):
    """A duration with all its digits, so that recording again changes no cassette's size."""

    def __repr__(self) -> str:
        return f"{self:.6f}" if round(self, 6) == self else super().__repr__()


def _interaction(interaction: Interaction, level: int) -> dict[str, Any]:
    response = interaction.response
    stored_request, request_notes = _message(interaction.request, level)
    stored_response, response_notes = _message(response, level)
    notes = {
        "recorded_at": interaction.recorded_at,
        "elapsed": None if interaction.elapsed is None else _Seconds(interaction.elapsed),
        "http_version": response.http_version or None,
        "request": request_notes or None,
        "response": response_notes or None,
    }
    return {
        "request": _request(interaction.request, stored_request),
        "response": _response(response, stored_response),
        **_under_undrift(notes),
    }


def _failure(failure: Failure, level: int) -> dict[str, Any]:
    stored, notes = _message(failure.request, level)
    broken_off = failure.response
    came, came_notes = ({}, {}) if broken_off is None else _message(broken_off, level)
    return {
        "position": failure.position,
        "kind": failure.kind,
        "message": failure.message,
        **({"error": failure.error} if failure.error else {}),
        "request": _request(failure.request, stored),
        **({} if broken_off is None else {"response": _response(broken_off, came)}),
        **_under_undrift(
            {
                "http_version": None if broken_off is None else broken_off.http_version or None,
                "request": notes or None,
                "response": came_notes or None,
            }
        ),
    }


def _request(request: Request, stored: Mapping[str, Any]) -> dict[str, Any]:
    body = stored["body"] or None
    return {"method": request.method, "uri": request.url, "body": body, "headers": stored["headers"]}


def _response(response: Response, stored: Mapping[str, Any]) -> dict[str, Any]:
    status = {"code": response.status, "message": response.reason}
    return {"status": status, "headers": stored["headers"], "body": {"string": stored["body"]}}


def _under_undrift(notes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in notes.items() if value is not None}
    return {"undrift": kept} if kept else {}


def _message(message: Request | Response, level: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a message stands where every reader sees it, and what stands in our notes."""
    body, mark = _body(message, level)
    notes: dict[str, Any] = {}
    if mark:
        notes["layout"] = mark
    if message.encoding:
        notes["encoding"] = message.encoding
    headers = message.headers
    visible = visible_headers(headers, body, is_encoded=bool(message.encoding)) if message.body else headers
    mapping = _by_name(visible)
    flat = Headers.from_lists(mapping)
    # A reader knows the original length from the mark; only what it cannot know is written down.
    known = with_length(flat, len(message.body)) if mark else flat
    if known != headers:
        original = tuple(original_fields(headers, flat))
        can_restore = restore_headers(flat, original) == headers
        notes.update({"original": list(original)} if can_restore else {"headers": list(headers)})
    return {"headers": mapping, "body": body}, notes


def _body(message: Request | Response, level: int) -> tuple[str | bytes, str]:
    """A body as it is stored, and the mark of its layout."""
    try:
        text = message.body.decode()
    except UnicodeDecodeError:
        return message.body, ""
    if level == _BINARY or not is_text(text):
        return message.body, ""
    if level == _READABLE and not _has_digest(message.headers):
        reflowed = layout.reflow(text)
        if reflowed is not None and is_block(reflowed.text):
            return reflowed.text, reflowed.mark
    return text, ""


def _has_digest(headers: Headers) -> bool:
    names = {name.lower() for name, _ in headers}
    return not names.isdisjoint(_DIGESTS) or any(name.startswith(_DIGEST_FAMILY) for name in names)


def _by_name(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found
