"""From a file's text to a cassette: undrift's own, any that vcrpy 1.x or later wrote, Betamax's and cassetter's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift import body
from undrift.errors import BodyError, CassetteTooNewError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response
from undrift.store import foreign, layout
from undrift.store.codec import BINARY, BYTES_IO, ITERATOR, Source
from undrift.store.visible import Original, restore_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from undrift.store.codec import Node

FORMAT = 1
# vcrpy's own, which has been 1 since there was a number.
LAYOUT_VERSION = 1
# Where the content stands in what vcrpy stored of a file-like object and of an iterator.
_WRAPPED = {BYTES_IO: "state", ITERATOR: "args"}
_Notes = dict[str, "Node"]


def loads(text: str, path: Path) -> Cassette:
    """A cassette from the text of its file; ``path`` is for messages, and tells JSON from YAML.

    Raises CassetteUnreadableError and CassetteTooNewError.
    """
    source = Source(text, path)
    try:
        return _Reader(source).cassette(source.root)
    except RecursionError:
        source.fail_for_loop()


class _Reader:
    """Reads one tree. ``ours`` is whether undrift wrote it."""

    __slots__ = ("is_betamax", "ours", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.ours = False
        self.is_betamax = False

    def cassette(self, root: Node) -> Cassette:
        source = self.source
        top = source.mapping(root, "A cassette")
        notes = self._top_notes(top)
        self.is_betamax = foreign.BETAMAX in top and "interactions" not in top
        name = foreign.BETAMAX if self.is_betamax else "interactions"
        interactions = source.items(self._need(top, name, "The cassette", root), f"`{name}`")
        metadata = top.get("metadata")
        return Cassette(
            tuple(self.interaction(node) for node in interactions),
            failures=self._failures(notes),
            test=source.text(notes["test"], "`test`") if "test" in notes else None,
            recorded_values=self._recorded(notes),
            metadata=None if metadata is None else source.plain(metadata, "`metadata`"),
            is_ours=self.ours,
        )

    def interaction(self, node: Node) -> Interaction:
        parts = self.source.mapping(node, "An interaction")
        notes = self._notes(parts)
        request = self.request(self._need(parts, "request", "An interaction", node), self._side(notes, "request"))
        response = self._need(parts, "response", "An interaction", node)
        # Betamax and cassetter write it beside the request.
        recorded_at = (notes if self.ours else parts).get("recorded_at")
        return Interaction(
            request,
            self._response(response, notes),
            recorded_at=None if recorded_at is None else self.source.text(recorded_at, "`recorded_at`"),
            elapsed=self._elapsed(notes),
        )

    def request(self, node: Node, notes: _Notes) -> Request:
        parts = self.source.mapping(node, "A request")
        need = {name: self._need(parts, name, "A request", node) for name in ("method", "uri", "body", "headers")}
        headers = self._headers(need["headers"])
        headers, content, encoding = self._content(headers, need["body"], notes)
        return Request(
            self.source.text(need["method"], "`method`"),
            self.source.text(need["uri"], "`uri`"),
            headers,
            content,
            encoding,
        )

    def _response(self, node: Node, notes: _Notes) -> Response:
        """A response, with the notes of what it belongs to."""
        http_version = self.source.text(notes["http_version"], "`http_version`") if "http_version" in notes else ""
        return self.response(node, self._side(notes, "response"), http_version)

    def response(self, node: Node, notes: _Notes, http_version: str) -> Response:
        parts = self.source.mapping(node, "A response")
        headers = self._headers(self._need(parts, "headers", "A response", node))
        if "status_code" in parts:  # as vcrpy wrote responses to httpx before 6.0
            code, message = parts["status_code"], None
            stored = self._need(parts, "content", "A response", node)
            if "http_version" in parts:
                http_version = self.source.text(parts["http_version"], "`http_version`")
        else:
            code, message = self._status(self._need(parts, "status", "A response", node))
            stored = self._need(parts, "body", "A response", node)
        headers, content, encoding = self._content(headers, stored, notes)
        reason = "" if message is None else self.source.text(message, "`message`")
        return Response(self.source.integer(code, "`code`"), reason, headers, content, encoding, http_version)

    def _status(self, node: Node) -> tuple[Node, Node | None]:
        if isinstance(node.value, str):
            return node, None  # cassetter keeps the number alone
        status = self.source.mapping(node, "`status`")
        return self._need(status, "code", "`status`", node), status.get("message")

    def _content(self, headers: Headers, node: Node, notes: _Notes) -> tuple[Headers, bytes, str]:
        """The original headers, the decoded body, and the encoding that was taken off it."""
        content = self._bytes(node)
        if not self.ours:
            return headers, *_decoded(headers, content)
        if "layout" in notes:
            headers, content = self._restored(headers, content, notes["layout"])
        if "original" in notes:
            headers = self._with_original(headers, notes["original"])
        if "headers" in notes:
            headers = Headers.of(self._pair(item) for item in self.source.items(notes["headers"], "`headers`"))
        if "encoding" not in notes:
            return headers, content, ""
        encoding = self.source.text(notes["encoding"], "`encoding`")
        if not body.is_known(encoding):
            self.source.fail(f"The content encoding {encoding!r} is unknown to undrift", notes["encoding"])
        return headers, content, encoding

    def _with_original(self, headers: Headers, node: Node) -> Headers:
        """The headers with those fields back that were left out, or changed, for other readers."""
        fields = [self.source.items(item, "A field of `original`") for item in self.source.items(node, "`original`")]
        for field in fields:
            if len(field) != len(Original._fields):
                self.source.fail("A field of `original` must be a list of its position, name and value", node)
        found = [
            Original(
                self.source.integer(position, "A position"), *(self.source.text(part, "A header") for part in rest)
            )
            for position, *rest in fields
        ]
        return restore_headers(headers, found)

    def _restored(self, headers: Headers, content: bytes, mark: Node) -> tuple[Headers, bytes]:
        try:
            original = layout.restore(content.decode(), self.source.text(mark, "`layout`")).encode()
        except ValueError as error:
            self.source.fail(f"The body cannot be brought back to its original layout: {str(error).rstrip('.')}", mark)
        if headers.get("Content-Length") is not None:
            # What stands in the file is the length of the readable text.
            headers = headers.with_value("Content-Length", str(len(original)))
        return headers, original

    def _bytes(self, node: Node) -> bytes:
        """A body in any of the forms in which vcrpy has ever stored one, and in those of other tools."""
        source = self.source
        if node.tag in _WRAPPED:
            return self._unwrapped(node, _WRAPPED[node.tag])
        if node.tag == BINARY:
            return source.binary(node, "A body")
        if isinstance(node.value, str):
            return source.text(node, "A body").encode("utf-8", "surrogatepass")
        if source.is_list(node):
            return b"".join(self._chunk(item) for item in source.items(node, "A body"))
        return self._of_parts(node, source.mapping(node, "A body"))

    def _of_parts(self, node: Node, parts: Mapping[str, Node]) -> bytes:
        if self.is_betamax:
            return foreign.betamax_body(self.source, parts)
        if "type" in parts and "string" not in parts:
            return foreign.cassetter_body(self.source, parts)
        if "base64_string" in parts:
            return self.source.binary(parts["base64_string"], "`base64_string`")
        return self._bytes(self._need(parts, "string", "A body", node))

    def _unwrapped(self, node: Node, name: str) -> bytes:
        """The content of a file or of an iterator, of which vcrpy stored how Python rebuilds it."""
        arguments = self.source.mapping(node, "A body").get(name)
        items = [] if arguments is None else self.source.items(arguments, f"`{name}`")
        return self._bytes(items[0]) if items else b""

    def _chunk(self, node: Node) -> bytes:
        if node.tag.endswith(":int"):
            return bytes([self.source.integer(node, "A byte of a body") & 0xFF])
        return self._bytes(node)

    def _headers(self, node: Node) -> Headers:
        fields: list[tuple[str, str]] = []
        for name, values in self._header_lists(node):
            if isinstance(values.value, str):
                fields.append((name, self.source.text(values, f"The header {name}")))
            else:
                items = self.source.items(values, f"The header {name}")
                fields.extend((name, self.source.text(item, f"The header {name}")) for item in items)
        return Headers(tuple(fields))

    def _header_lists(self, node: Node) -> Iterable[tuple[str, Node]]:
        if not self.source.is_list(node):
            return self.source.mapping(node, "`headers`").items()
        # vcrpy's stub for tornado lists each name with its values.
        found = [self.source.items(item, "A header field") for item in self.source.items(node, "`headers`")]
        if any(len(item) != 2 for item in found):  # noqa: PLR2004 - a pair has two parts
            self.source.fail("A header field must be a list of its name and its values", node)
        return [(self.source.text(name, "A header's name"), values) for name, values in found]

    def _pair(self, node: Node) -> tuple[str, str]:
        items = self.source.items(node, "A header field")
        if len(items) != 2:  # noqa: PLR2004 - a pair has two parts
            self.source.fail("A header field must be a list of its name and its value", node)
        return self.source.text(items[0], "A header's name"), self.source.text(items[1], "A header's value")

    def _top_notes(self, top: Mapping[str, Node]) -> _Notes:
        layout_version = self.source.integer(top["version"], "`version`") if "version" in top else LAYOUT_VERSION
        if layout_version > LAYOUT_VERSION:
            raise CassetteTooNewError(
                self.source.path,
                f"It is of version {layout_version}, and undrift reads version {LAYOUT_VERSION} of vcrpy's layout. "
                f"Upgrade undrift, or record the cassette again with this one.",
            )
        if "undrift" not in top:
            return {}
        notes = self.source.mapping(top["undrift"], "`undrift`")
        version = self.source.integer(self._need(notes, "format", "`undrift`", top["undrift"]), "`format`")
        if version > FORMAT:
            raise CassetteTooNewError(
                self.source.path,
                f"It is of format {version}, and this undrift reads formats up to {FORMAT}. "
                f"Upgrade undrift, or record the cassette again with this one.",
            )
        self.ours = True
        return notes

    def _notes(self, parts: Mapping[str, Node]) -> _Notes:
        return self.source.mapping(parts["undrift"], "`undrift`") if self.ours and "undrift" in parts else {}

    def _side(self, notes: Mapping[str, Node], side: str) -> _Notes:
        return self.source.mapping(notes[side], f"`undrift.{side}`") if side in notes else {}

    def _elapsed(self, notes: Mapping[str, Node]) -> float | None:
        if "elapsed" not in notes:
            return None
        value = self.source.plain(notes["elapsed"], "`elapsed`")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.source.fail("`elapsed` must be a number of seconds", notes["elapsed"])
        return float(value)

    def _recorded(self, notes: Mapping[str, Node]) -> tuple[tuple[str, Any], ...]:
        if "recorded" not in notes:
            return ()
        recorded = self.source.mapping(notes["recorded"], "`recorded`")
        return tuple((name, self.source.plain(value, f"`recorded.{name}`")) for name, value in recorded.items())

    def _failures(self, notes: Mapping[str, Node]) -> tuple[Failure, ...]:
        if "failures" not in notes:
            return ()
        return tuple(self._failure(node) for node in self.source.items(notes["failures"], "`failures`"))

    def _failure(self, node: Node) -> Failure:
        parts = self.source.mapping(node, "A failure")
        need = {name: self._need(parts, name, "A failure", node) for name in ("position", "kind", "request")}
        message, error, notes = parts.get("message"), parts.get("error"), self._notes(parts)
        return Failure(
            self.source.integer(need["position"], "`position`"),
            self.request(need["request"], self._side(notes, "request")),
            self.source.text(need["kind"], "`kind`"),
            "" if message is None else self.source.text(message, "`message`"),
            "" if error is None else self.source.text(error, "`error`"),
            self._response(parts["response"], notes) if "response" in parts else None,
        )

    def _need(self, parts: Mapping[str, Node], name: str, what: str, node: Node) -> Node:
        if name not in parts:
            self.source.fail(f"{what} has no `{name}`", node)
        return parts[name]


def _decoded(headers: Headers, content: bytes) -> tuple[bytes, str]:
    """A foreign body decoded, and its encoding.

    vcrpy stores what travelled, or, under some clients, decoded content below the header that
    says otherwise; then the body is taken as it is, and encoded again when it is played.
    """
    encoding = ", ".join(headers.get_all("Content-Encoding"))
    if not content or encoding.strip().lower() in {"", "identity"}:
        return content, ""
    try:
        return body.decode(content, encoding), encoding
    except BodyError:
        pass
    try:
        body.encode(b"", encoding)
    except BodyError:
        return content, ""  # unknown here: it is played as it was stored
    return content, encoding
