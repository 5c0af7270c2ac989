"""The forms of a secret value that no taking off of escapes leads to: other letters, digits, base64."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from undrift.scrub.unescape import xml_escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A shorter value would be found by chance among hexadecimal digits and in base64 text.
_SHORTEST_ENCODED: Final = 4
# So long a piece of a value stands for all of it where one but wants to know where to look.
_LONG_ENOUGH: Final = 5
_LONG_START: Final = 16
# Text of two bytes a letter, without a mark that says so.
WIDE: Final = ("utf-16-le", "utf-16-be")
_FOR_URLS: Final = bytes.maketrans(b"+/", b"-_")
_LETTERS: Final = re.compile(r"[A-Za-z0-9]+")


class Target:
    """One secret to be looked for: its name, what replaces it, and its forms.

    The forms are worked out when first needed, since most secrets never show again.
    """

    # No slots: see the cached properties. No ``repr`` shows the value.
    def __init__(self, name: str, value: str, replacement: str) -> None:
        self.name = name
        self.value = value
        self.replacement = replacement
        # There may be thousands of those that were found: no form is worked out for them that nobody saw.
        self._is_named = ":" not in name

    @cached_property
    def spelled(self) -> tuple[tuple[bytes, str], ...]:
        """The forms that are replaced where they stand, each with its kind: ``plain``, ``url``, ``hex`` or a UTF-16."""
        raws = _bytes_of(self.value)
        found = [(raw, "plain") for raw in raws]
        if " " in self.value:
            # As forms have it; what else they escape is taken off before.
            found += [(raw.replace(b" ", b"+"), "url") for raw in raws]
        for raw in raws:
            if len(raw) >= _SHORTEST_ENCODED and self._is_named:
                found += [(raw.hex().encode(), "hex"), (raw.hex().upper().encode(), "hex")]
        if len(raws[0]) >= _SHORTEST_ENCODED and self._is_named:
            found += [(self.value.encode(wide, "surrogatepass"), wide) for wide in WIDE]
        return tuple(found)

    @cached_property
    def base64(self) -> tuple[bytes, ...]:
        """What base64 text holds where the secret is in what it encodes, in whatever form."""
        return tuple(dict.fromkeys(self._in_base64()))

    @cached_property
    def fewest_in_base64(self) -> int:
        """So many letters each of these has at least; without working them out, where one need not."""
        size = len(_longest_piece(self.value))
        if self._is_named or size < _LONG_ENOUGH:
            return min(map(len, self.base64), default=0)
        # Four letters for three bytes; those at both ends may be made of other bytes, too.
        return size * 4 // 3 - 2

    def _in_base64(self) -> Iterator[bytes]:
        letters = [_longest_piece(self.value)]
        if len(letters[0]) < _LONG_ENOUGH:
            letters = [raw for raw in self._escaped() if len(raw) >= _SHORTEST_ENCODED]
        plain = [needle for raw in letters for needle in _base64_needles(raw)]
        yield from plain
        if not self._is_named:
            return
        # Once more, of base64 text; and what no letter of the value shows in. A start of each will do.
        twice = (_longest_piece(needle.decode()) for needle in plain)
        starts = (
            *(text[:_LONG_START] for text in self._in_digits()),
            *(half for text in twice if len(text) >= _LONG_ENOUGH for half in _halves(text)),
        )
        for start in dict.fromkeys(starts):
            yield from _base64_needles(start)

    def _in_digits(self) -> Iterator[bytes]:
        raw = self.value[:_LONG_START].encode("utf-8", "surrogatepass")
        if len(self.value) < _SHORTEST_ENCODED:
            return
        digits = raw.hex()
        yield from (digits.encode(), digits.upper().encode())
        # As Windows has its texts, and PowerShell the commands that it is handed.
        yield from (self.value[: _LONG_START // 2].encode(wide, "surrogatepass") for wide in WIDE)
        yield from ("".join(f"%{byte:{form}}" for byte in raw).encode() for form in ("02x", "02X"))
        start = self.value[:_LONG_START]
        for form in ("&#{:d};", "&#x{:x};", "&#x{:X};"):
            yield "".join(form.format(ord(letter)) for letter in start).encode()
        # JSON writes a letter beyond the first 65,536 as two, and doubles backslashes for each JSON around it.
        units = start.encode("utf-16-be", "surrogatepass")
        codes = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
        for slashes in ("\\", "\\\\", "\\\\\\\\"):
            for spelled in (codes, [code.upper() for code in codes]):
                yield "".join(f"{slashes}u{code}" for code in spelled).encode()

    def _escaped(self) -> Iterable[bytes]:
        """The value in its usual escapes, and in those of JSON and of URLs around these."""
        once = dict.fromkeys((self.value, *_escapes_of(self.value)))
        in_json = dict.fromkeys(json.dumps(text)[1:-1] for text in once)
        in_urls = dict.fromkeys(quote(text, safe="", errors="surrogatepass") for text in once)
        twice = (*in_json, *in_urls, *(json.dumps(text)[1:-1] for text in in_json))
        texts = (text.encode("utf-8", "surrogatepass") for text in (*once, *twice))
        return dict.fromkeys((*_bytes_of(self.value), *texts))


def _escapes_of(value: str) -> Iterator[str]:
    urls = [quote(value, safe=safe, errors="surrogatepass") for safe in ("", "/", "!*'()", "/:@!$&'()*+,;=")]
    yield from urls
    yield from (text.replace("%20", "+") for text in urls)
    yield re.sub("%..", lambda found: found[0].lower(), urls[0])
    for text in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield from (text, text.replace("/", "\\/"))
        yield re.sub("[<>&']", lambda found: f"\\u{ord(found[0]):04x}", text)
        yield re.sub("[<>&']", lambda found: f"\\u{ord(found[0]):04X}", text)
    yield from (xml_escape(value), html.escape(value), xml_escape(value).replace('"', "&quot;"))


def _bytes_of(value: str) -> tuple[bytes, ...]:
    raw = value.encode("utf-8", "surrogatepass")
    if value.isascii():
        return (raw,)
    # A header is Latin-1 text: there a value may stand so encoded, and UTF-8 reads as other letters.
    latin = value.encode("latin-1") if all(letter <= "\xff" for letter in value) else raw
    return tuple(dict.fromkeys((raw, latin, raw.decode("latin-1").encode())))


def _longest_piece(text: str) -> bytes:
    """The longest run of letters and digits: no escape that is in use changes those."""
    return max(_LETTERS.findall(text), key=len, default="").encode()


def _halves(text: bytes) -> tuple[bytes, ...]:
    """Two pieces of base64 text, one of which is whole wherever a line breaks in it; one of what is too short."""
    size = min(len(text) // 2, _LONG_START)
    return (text[:size], text[size : 2 * size]) if size >= _LONG_ENOUGH else (text,)


def _base64_needles(raw: bytes) -> Iterable[bytes]:
    """What is always the same of a value's base64 text, at each of the three alignments."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).rstrip(b"=")
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        needle = encoded[first:last]
        yield needle
        if b"+" in needle or b"/" in needle:
            yield needle.translate(_FOR_URLS)
