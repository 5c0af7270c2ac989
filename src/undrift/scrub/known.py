"""What is secret: names and values, and every form in which a value may travel."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from undrift.errors import CredentialError
from undrift.scrub.names import NameReader, SecretNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What stands in place of a secret that no credential names, in the escapes of its places.
_NUMBERED = rb"(?:<|%3[Cc]|&lt;|\\u003[Cc])secret(?::|%3[Aa])[A-Za-z0-9_.-]+(?::|%3[Aa])\d+(?:>|%3[Ee]|&gt;|\\u003[Ee])"
# A shorter value would be found by chance among hexadecimal digits and in base64 text.
_SHORTEST_ENCODED = 4


@dataclass(frozen=True, repr=False, eq=False)
class Secrets:
    """Secret values by name, and the names that tell further secrets.

    Printing it shows how many values there are, and nothing else. One name may have several
    values, such as a live key and its stand-in in replay. ``|`` gives the values and the names
    of both sides; ``len`` and truth are about the values alone.
    """

    # No slots: what is looked for is made once, when first needed, and kept.
    pairs: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    names: SecretNames = field(default_factory=lambda: SecretNames.DEFAULT, compare=False)

    @classmethod
    def named(cls, values: Mapping[str, str], names: SecretNames | None = None) -> Secrets:
        """Secrets from credential names and values; raises CredentialError where a value is empty."""
        for name, value in values.items():
            if not value.strip():
                raise CredentialError(
                    f"The credential {name} is empty. Give it a value, or unset it to skip the tests that need it."
                )
        return cls(tuple(values.items()), SecretNames.DEFAULT if names is None else names)

    def __or__(self, other: Secrets) -> Secrets:
        names = self.names | other.names
        if not other.pairs and names is self.names:
            return self
        return Secrets(tuple(dict.fromkeys((*self.pairs, *other.pairs))), names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and (self.pairs, self.names) == (other.pairs, other.names)

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self)}>"

    @cached_property
    def reader(self) -> NameReader:
        """What says of names whether they are those of secrets."""
        return NameReader(self.names)

    @cached_property
    def probes(self) -> tuple[bytes, ...]:
        """A few pieces of bytes, one of which is in any text that holds a secret in a form but base64."""
        found: dict[bytes, None] = {}
        for _, value in self.pairs:
            # No escape changes letters and digits of ASCII.
            longest = max(re.findall(r"[A-Za-z0-9]+", value), key=len, default="")
            is_telling = len(longest) >= _SHORTEST_ENCODED
            spelled = (longest.encode(),) if is_telling else (needle for _, needle in _spelled_forms(value))
            found.update(dict.fromkeys(spelled))
            found.update(dict.fromkeys(needle for kind, needle in _encoded_forms(value) if kind == "hex"))
        return tuple(found)

    @cached_property
    def base64_needles(self) -> tuple[bytes, ...]:
        """What base64 text holds where a secret is in what it encodes."""
        needles = (needle for _, value in self.pairs for kind, needle in _encoded_forms(value) if kind == "base64")
        return tuple(dict.fromkeys(needles))

    @cached_property
    def spellings(self) -> Spellings:
        """Every form of every secret that can be replaced where it stands."""
        found: dict[bytes, Form] = {}
        for name, value in self.pairs:
            for kind, needle in (*_spelled_forms(value), *_encoded_forms(value)):
                if kind != "base64":
                    found.setdefault(needle, Form(name, kind))
        longest_first = sorted(found, key=lambda needle: (-len(needle), needle))
        needles = b"|".join(map(re.escape, longest_first)) or rb"(?!)"
        return Spellings(found, re.compile(b"(" + self._placeholders() + b")|" + needles))

    def _placeholders(self) -> bytes:
        """A pattern of what is never taken for a secret, so that scrubbing twice is scrubbing once."""
        names = sorted({name for name, _ in self.pairs}, key=len, reverse=True)
        named = (re.escape(text) for name in names for text in _placeholder_spellings(name))
        return b"|".join((_NUMBERED, *named))


@dataclass(frozen=True, slots=True)
class Form:
    """Whose secret a spelling is, and its kind: ``plain``, ``url``, ``json``, ``xml``, ``yaml`` or ``hex``."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, repr=False)
class Spellings:
    """The forms by their bytes, and a pattern of them all; its first group is a placeholder."""

    forms: Mapping[bytes, Form]
    pattern: re.Pattern[bytes]


def _placeholder_spellings(name: str) -> Iterable[bytes]:
    placeholder = f"<{name}>"
    hexadecimal = placeholder.encode().hex()
    spellings = (placeholder, quote(placeholder, safe=""), xml_escape(placeholder), hexadecimal, hexadecimal.upper())
    return dict.fromkeys(spelling.encode() for spelling in spellings)


def _spelled_forms(value: str) -> Iterable[tuple[str, bytes]]:
    """A value as itself and in the escapes of the places where text stands."""
    yield from (("plain", raw) for raw in _bytes_of(value))
    yield from (("url", text.encode()) for text in _url_forms(value))
    escaped = (("json", _json_forms(value)), ("xml", _xml_forms(value)), ("yaml", (value.replace("'", "''"),)))
    yield from ((kind, _utf8(text)) for kind, texts in escaped for text in texts)


def _encoded_forms(value: str) -> Iterable[tuple[str, bytes]]:
    """A value, in each of its spellings, in base64 and as hexadecimal digits."""
    for raw in dict.fromkeys(spelled for kind, spelled in _spelled_forms(value) if kind in {"plain", "url", "json"}):
        if len(raw) >= _SHORTEST_ENCODED:
            yield from (("base64", needle) for needle in _base64_needles(raw))
    for raw in _bytes_of(value):
        if len(raw) >= _SHORTEST_ENCODED:
            yield "hex", raw.hex().encode()
            yield "hex", raw.hex().upper().encode()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _bytes_of(value: str) -> Iterable[bytes]:
    raw = _utf8(value)
    if value.isascii():
        return (raw,)
    # A header is Latin-1 text: there a value may stand so encoded, and UTF-8 reads as other letters.
    latin = value.encode("latin-1") if all(letter <= "\xff" for letter in value) else raw
    return dict.fromkeys((raw, latin, raw.decode("latin-1").encode()))


def _url_forms(value: str) -> Iterable[str]:
    safe_letters = ("", "/", "~", "!*'()", "/:@!$&'()*+,;=~")
    texts = [quote(value, safe=safe, errors="replace") for safe in safe_letters]
    texts.append(quote_plus(value, errors="replace"))
    lower = (re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in texts)
    return dict.fromkeys((*texts, *lower))


def _json_forms(value: str) -> Iterable[str]:
    texts = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]
    # As Go and PHP write them.
    texts += [text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") for text in texts]
    return dict.fromkeys((*texts, *(text.replace("/", "\\/") for text in texts)))


def xml_escape(text: str) -> str:
    """Text as it stands in XML, its quotation marks as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xml_forms(value: str) -> Iterable[str]:
    quotations = (('"', "'"), ('"', "&apos;"), ("&quot;", "'"), ("&quot;", "&#39;"), ("&#34;", "&#x27;"))
    text = xml_escape(value)
    return dict.fromkeys(text.replace('"', double).replace("'", single) for double, single in quotations)


def _base64_needles(raw: bytes) -> Iterable[bytes]:
    """What is always the same of a value's base64 text, at each of the three alignments."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).rstrip(b"=")
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        yield encoded[first:last]
        yield encoded[first:last].translate(bytes.maketrans(b"+/", b"-_"))
