"""Bytes as they read with their escapes taken off, and the way back to where they stood.

A secret may stand escaped for a URL, JSON, XML or YAML, wholly or in part, and once more for
what is around that. Rather than to know every spelling, one looks for it in the text as each
reader would see it.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Escapes within escapes within escapes: JSON in a text of JSON in a form. Deeper is not met.
_DEEPEST: Final = 3


class Escape(NamedTuple):
    """One way to escape: the sign that a text with escapes has, what they are, on and off."""

    sign: bytes
    pattern: re.Pattern[bytes]
    off: Callable[[re.Match[bytes]], bytes]
    on: Callable[[str], str]


@dataclass(frozen=True, repr=False)
class View:
    """Bytes with escapes taken off; ``escapes`` names them, the outermost first. Printing it shows nothing."""

    # No slots: see the cached properties.
    data: bytes
    escapes: tuple[str, ...] = ()
    outer: View | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of this view stands in the bytes that it is a view of."""
        if self.outer is None:
            return start, end
        return self.outer.span(self._place(start, is_end=False), self._place(end - 1, is_end=True))

    def escaped(self, text: str) -> str:
        """A text with the escapes of this view put on."""
        for name in reversed(self.escapes):
            text = ESCAPES[name].on(text)
        return text

    def _place(self, position: int, *, is_end: bool) -> int:
        """The place of one byte in the outer view: where it begins, or where it ends."""
        starts, ends, outer_starts, outer_ends = self._marks
        number = bisect_right(starts, position) - 1
        if number < 0:
            return position + is_end
        if position < ends[number]:
            return outer_ends[number] if is_end else outer_starts[number]
        return outer_ends[number] + position - ends[number] + is_end

    @cached_property
    def _marks(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """Where each escape stood, here and in the outer view."""
        escape = ESCAPES[self.escapes[-1]]
        starts: list[int] = []
        ends: list[int] = []
        outer_starts: list[int] = []
        outer_ends: list[int] = []
        shift = 0
        for match in escape.pattern.finditer(self.outer.data if self.outer is not None else b""):
            start, end = match.span()
            size = len(escape.off(match))
            starts.append(start - shift)
            ends.append(start - shift + size)
            outer_starts.append(start)
            outer_ends.append(end)
            shift += end - start - size
        return starts, ends, outer_starts, outer_ends


def views(data: bytes) -> Iterator[View]:
    """The bytes as they are, then as they read with one escape taken off, with two, and so on."""
    seen = {data}
    level = [View(data)]
    for _ in range(_DEEPEST):
        yield from level
        inner: list[View] = []
        for view in level:
            for unescaped in _within(view):
                if unescaped.data not in seen:
                    seen.add(unescaped.data)
                    inner.append(unescaped)
        if not inner:
            return
        level = inner
    yield from level


def xml_escape(text: str) -> str:
    """Text as it stands in XML, its quotation marks as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _within(view: View) -> Iterator[View]:
    for name, escape in ESCAPES.items():
        if escape.sign in view.data:
            unescaped = escape.pattern.sub(escape.off, view.data)
            if unescaped != view.data:
                yield View(unescaped, (*view.escapes, name), view)


def _from_json(match: re.Match[bytes]) -> bytes:
    short = _SHORT_ESCAPES.get(match[0][1:2])
    if short is not None:
        return short
    # JavaScript writes \x2F, too.
    letters = match[0].replace(b"\\x", b"\\u00")
    return str(json.loads(b'"' + letters + b'"')).encode("utf-8", "surrogatepass")


def _from_xml(match: re.Match[bytes]) -> bytes:
    return html.unescape(match[0].decode("ascii")).encode("utf-8", "surrogatepass")


_SHORT_ESCAPES: Final[Mapping[bytes, bytes]] = {
    **{bytes([sign]): bytes([sign]) for sign in b'"\\/'},
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
}
ESCAPES: Final[Mapping[str, Escape]] = {
    "url": Escape(
        b"%",
        re.compile(rb"%([0-9A-Fa-f]{2})"),
        lambda match: bytes.fromhex(match[1].decode()),
        lambda text: quote(text, safe="", errors="surrogatepass"),
    ),
    "json": Escape(
        b"\\",
        re.compile(
            rb'\\(?:["\\/bfnrt]|u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})'
        ),
        _from_json,
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    ),
    "xml": Escape(
        b"&",
        re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
        _from_xml,
        lambda text: xml_escape(text).replace("\r", "&#13;").replace("\n", "&#10;"),
    ),
    "yaml": Escape(b"''", re.compile(rb"''"), lambda _: b"'", lambda text: text.replace("'", "''")),
}
