"""What is secret: names and values, and every form in which a value may travel."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as xml_escape

from undrift.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What undrift itself writes in place of a secret, in the escapes of the places where it
# stands. None of it is ever taken for a secret: scrubbing twice is scrubbing once.
_NUMBERED = rb"(?:<|%3C|&lt;|\\u003c)secret(?::|%3A)[A-Za-z0-9_.-]+(?::|%3A)\d+(?:>|%3E|&gt;|\\u003e)"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Secret values by name. Printing it shows how many there are, and nothing else.

    One name may have several values, such as a live key and its stand-in in replay.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def named(cls, values: Mapping[str, str]) -> Secrets:
        """Secrets from credential names and values; raises CredentialError where a value is empty."""
        for name, value in values.items():
            if not value.strip():
                raise CredentialError(
                    f"The credential {name} is empty. Give it a value, or unset it to run without the tests that need it."
                )
        return cls(tuple(values.items()))

    def __or__(self, other: Secrets) -> Secrets:
        return Secrets(tuple(dict.fromkeys((*self.pairs, *other.pairs))))

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self)}>"


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """One secret in one form: the bytes to look for.

    ``kind`` is ``plain``, ``url``, ``json``, ``xml``, ``hex`` or ``base64``.
    """

    name: str
    kind: str
    needle: bytes


def forms(secrets: Secrets) -> tuple[Form, ...]:
    """Every form of every secret, the longest first, each needle once."""
    found: dict[bytes, Form] = {}
    for name, value in secrets.pairs:
        for kind, needle in _forms_of(value):
            found.setdefault(needle, Form(name, kind, needle))
    return tuple(sorted(found.values(), key=lambda form: (-len(form.needle), form.needle)))


def placeholder_pattern(secrets: Secrets) -> bytes:
    """A regular expression for what stands in place of these secrets, and of numbered ones."""
    names = sorted({name for name, _ in secrets.pairs}, key=len, reverse=True)
    named = (re.escape(text) for name in names for text in _placeholder_spellings(name))
    return b"|".join((_NUMBERED, *named))


def _placeholder_spellings(name: str) -> Iterable[bytes]:
    placeholder = f"<{name}>"
    spellings = (placeholder, quote(placeholder, safe=""), xml_escape(placeholder), placeholder.encode().hex())
    return dict.fromkeys(spelling.encode() for spelling in spellings)


def _forms_of(value: str) -> Iterable[tuple[str, bytes]]:
    spelled = {
        "plain": _encodings(value),
        "url": _url_forms(value),
        "json": [text.encode("utf-8", "surrogatepass") for text in _json_forms(value)],
        "xml": [text.encode("utf-8", "surrogatepass") for text in _xml_forms(value)],
    }
    for kind, needles in spelled.items():
        for needle in needles:
            yield kind, needle
    for raw in dict.fromkeys((*spelled["plain"], *spelled["url"], *spelled["json"])):
        for needle in _base64_needles(raw):
            yield "base64", needle
    for raw in spelled["plain"]:
        yield "hex", raw.hex().encode()
        yield "hex", raw.hex().upper().encode()


def _encodings(value: str) -> list[bytes]:
    found = [value.encode("utf-8", "surrogatepass")]
    if not value.isascii():
        # A header is Latin-1 text, and UTF-8 in a header reads as two such letters.
        found += [value.encode("latin-1", "ignore"), found[0].decode("latin-1").encode()]
    return [raw for raw in dict.fromkeys(found) if raw]


def _url_forms(value: str) -> list[bytes]:
    texts = [quote(value, safe=safe, errors="replace") for safe in ("", "/", "~", "!*'()", "/:@!$&'()*+,;=~")]
    texts.append(quote_plus(value, errors="replace"))
    lower = [re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in texts]
    return [text.encode() for text in dict.fromkeys(texts + lower)]


def _json_forms(value: str) -> list[str]:
    texts = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]
    html_safe = [text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") for text in texts]
    return list(dict.fromkeys(texts + html_safe + [text.replace("/", "\\/") for text in texts]))


def _xml_forms(value: str) -> list[str]:
    quoted = {'"': "&quot;", "'": "&#39;"}
    return list(dict.fromkeys((xml_escape(value), xml_escape(value, quoted), xml_escape(value, {"'": "&apos;"}))))


def _base64_needles(raw: bytes) -> Iterable[bytes]:
    """What is always the same of a value's base64 text, at each of the three alignments."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).rstrip(b"=")
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        needle = encoded[first:last]
        if needle:
            yield needle
            yield needle.translate(bytes.maketrans(b"+/", b"-_"))
