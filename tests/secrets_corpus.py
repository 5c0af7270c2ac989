"""Made-up secrets, in every form and every place, and a reader that finds them wherever they were left.

Nothing here shares code with what it tests: the reader takes every text apart by the standard
library, in all the ways that somebody who looks for a key in a repository would try.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import re
import string
import zlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus, unquote_to_bytes
from xml.sax.saxutils import escape, quoteattr

import brotli
import yaml

from undrift.engine import wire
from undrift.model import Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ALNUM: Final = string.ascii_letters + string.digits
SPECIAL: Final = "\"'\\/&<>+=%?#;:@!$ ()*,~äöüßéñ€"


def made_up(number: int, seed: int = 1) -> dict[str, str]:
    """So many secrets by name, of all the kinds that providers hand out and people make up."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    kinds = list(KINDS.values())
    return {f"SECRET_{index:03d}": kinds[index % len(kinds)](chance) for index in range(number)}


def _letters(chance: random.Random, size: int, letters: str = ALNUM) -> str:
    return "".join(chance.choices(letters, k=size))


def _jwt(chance: random.Random) -> str:
    claims = {"sub": _letters(chance, 8), "iss": "https://id.test", "iat": 1700000000, "jti": _letters(chance, 12)}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    parts.append(chance.randbytes(48))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


KINDS: Final[dict[str, Callable[[random.Random], str]]] = {
    "stripe": lambda chance: f"sk_test_{_letters(chance, 24)}",
    "github": lambda chance: f"ghp_{_letters(chance, 36)}",
    "aws": lambda chance: _letters(chance, 38, ALNUM + "+/") + "+/",
    "hex": lambda chance: chance.randbytes(32).hex(),
    "uuid": lambda chance: "-".join(chance.randbytes(size).hex() for size in (4, 2, 2, 2, 6)),
    "jwt": _jwt,
    "slack": lambda chance: f"xoxb-{_letters(chance, 12, string.digits)}-{_letters(chance, 24)}",
    "sendgrid": lambda chance: f"SG.{_letters(chance, 22)}.{_letters(chance, 43, ALNUM + '-_')}",
    "azure": lambda chance: base64.b64encode(chance.randbytes(64)).decode(),
    "password": lambda chance: _letters(chance, 3) + _letters(chance, 12, ALNUM + SPECIAL) + _letters(chance, 2),
    "odd password": lambda chance: "x" + _letters(chance, 14, SPECIAL) + "7",
    "short password": lambda chance: _letters(chance, 8, string.ascii_lowercase + string.digits),
    "phrase": lambda chance: " ".join(_letters(chance, 5, string.ascii_lowercase) for _ in range(4)),
    "unicode": lambda chance: _letters(chance, 10, "жщюяλπ漢字😀é") + _letters(chance, 4),
    "private key": lambda chance: (
        f"-----BEGIN PRIVATE KEY-----\n{_letters(chance, 64)}\n{_letters(chance, 40)}==\n-----END PRIVATE KEY-----\n"
    ),
    "user and password": lambda chance: f"AC{chance.randbytes(16).hex()}:{_letters(chance, 32)}",
}


def _base64(text: str, before: bytes = b"", after: bytes = b"") -> str:
    return base64.b64encode(before + text.encode() + after).decode()


def _folded(text: str, width: int, fold: str) -> str:
    return fold.join(text[start : start + width] for start in range(0, len(text), width))


def _every_letter(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(letter)) for letter in text)


# Ways in which a value is written. Each gives text, which its place escapes once more as it must.
FORMS: Final[dict[str, Callable[[str], str]]] = {
    "plain": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded, lower case": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "percent-encoded, slashes kept": quote,
    "percent-encoded, plus for blank": quote_plus,
    "percent-encoded, every letter": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, Unicode kept": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, safe for HTML": lambda text: re.sub(
        "[<>&']", lambda found: f"\\u{ord(found[0]):04X}", json.dumps(text)[1:-1]
    ),
    "JSON, every letter": lambda text: re.sub("....", r"\\u\g<0>", text.encode("utf-16-be").hex()),
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "HTML": html.escape,
    "XML, every letter in decimals": _every_letter("&#{};"),
    "XML, every letter in hexadecimals": _every_letter("&#x{:X};"),
    "hexadecimal": lambda text: text.encode().hex(),
    "HEXADECIMAL": lambda text: text.encode().hex().upper(),
    "base64": _base64,
    "base64, after one byte": lambda text: _base64(text, b"u", b"!"),
    "base64, after two bytes": lambda text: _base64(text, b"ab", b"\xff\xfe"),
    "base64url": lambda text: base64.urlsafe_b64encode(b"\xff\xef" + text.encode() + b"\xfb\xff").rstrip(b"=").decode(),
    "base64, folded": lambda text: _folded(_base64(text, b"some words before it " * 3, b" and after" * 5), 76, "\n"),
    "base64, folded as in MIME": lambda text: _folded(_base64(text, b"?" * 31, b"!" * 40), 64, "\r\n"),
    "base64, percent-encoded": lambda text: quote(_base64(text, b"\xfb\xff"), safe=""),
    "base64 of JSON": lambda text: _base64(json.dumps({"value": text})),
    "base64 of a form": lambda text: _base64(f"a=b&value={quote_plus(text)}&c=d"),
    "Basic, as the user": lambda text: "Basic " + _base64(text, b"", b":"),
    "Basic, as the password": lambda text: "Basic " + _base64(text, b"ann:"),
    "Basic, as both": lambda text: "Basic " + _base64(f"{text}:{text}"),
    "Bearer": lambda text: f"Bearer {text}",
}

BOUNDARY: Final = "4b0uNdArY"
_NO_COOKIE: Final = re.compile(r"[^!#$%&'()*+./0-9:<=>?@A-Z\[\]^_`a-z{|}~-]")
_URL: Final = "https://api.test/v1/things"


def _is_field_value(text: str) -> bool:
    """Whether a header can hold a text: it is Latin-1, and on one line."""
    return text.isprintable() and text.strip() == text and all(letter <= "\xff" for letter in text)


def _header_text(text: str) -> str:
    return text if _is_field_value(text) else quote(text, safe=" /:=+")


def _cookie(text: str) -> str:
    return f"pref={_NO_COOKIE.sub(lambda found: quote(found[0]), text)}; theme=dark"


def _lines(text: str) -> str:
    return f'{{"n": 1}}\n{json.dumps({"note": text})}\n'


def _part(text: str) -> bytes:
    head = 'Content-Disposition: form-data; name="note"\r\n'
    return f"--{BOUNDARY}\r\n{head}\r\n{text}\r\n--{BOUNDARY}--\r\n".encode()


# The places of URLs, with the text in them.
URLS: Final[dict[str, Callable[[str], str]]] = {
    "URL path": lambda text: f"{_URL}/{quote(text, safe='')}/items",
    "query": lambda text: f"{_URL}?limit=3&note={quote(text, safe='')}&page=2",
    "user info": lambda text: f"https://ann:{quote(text, safe='')}@api.test/v1/things",
}
FIELDS: Final[dict[str, Callable[[str], str]]] = {"header": _header_text, "cookie": _cookie}
# The places of bodies: media type, content encoding, and the body with the text in it.
BODIES: Final[dict[str, tuple[str, str, Callable[[str], bytes]]]] = {
    "JSON": ("application/json", "", lambda text: json.dumps({"a": [{"note": text}]}).encode()),
    "JSON, raw": ("application/json", "", lambda text: json.dumps({"a": text}, ensure_ascii=False, indent=2).encode()),
    "form": ("application/x-www-form-urlencoded", "", lambda text: f"a=b&note={quote_plus(text)}".encode()),
    "multipart": (f"multipart/form-data; boundary={BOUNDARY}", "", _part),
    "XML": ("application/xml", "", lambda text: f"<a note={quoteattr(text)}><b>{escape(text)}</b></a>".encode()),
    "HTML": ("text/html; charset=utf-8", "", lambda text: f"<p>{html.escape(text)}</p>".encode()),
    "NDJSON": ("application/x-ndjson", "", lambda text: _lines(text).encode()),
    "event stream": (
        "text/event-stream",
        "",
        lambda text: f"event: x\ndata: {json.dumps({'note': text})}\n\n".encode(),
    ),
    "plain text": ("text/plain; charset=utf-8", "", lambda text: f"It is {text} today.".encode()),
    "UTF-16": ("text/plain; charset=utf-16", "", lambda text: f"It is {text} today.".encode("utf-16")),
    "binary": ("application/octet-stream", "", lambda text: b"\x00\x01" + text.encode() + b"\xff\xfe\x00"),
    "gzip": ("application/json", "gzip", lambda text: gzip.compress(json.dumps({"note": text}).encode())),
    "deflate": ("application/json", "deflate", lambda text: zlib.compress(json.dumps({"note": text}).encode())),
    "brotli": ("application/json", "br", lambda text: brotli.compress(json.dumps({"note": text}).encode())),
    "gzip that nobody announced": (
        "application/gzip",
        "",
        lambda text: gzip.compress(json.dumps({"note": text}).encode()),
    ),
    "base64 in JSON": (
        "application/json",
        "",
        lambda text: json.dumps({"data": _base64(json.dumps({"note": text}))}).encode(),
    ),
}
PLACES: Final = (*URLS, *FIELDS, *BODIES)


def messages(text: str, place: str) -> Interaction:
    """An exchange with a text in one place of its request and of its response."""
    if place in URLS:
        url = URLS[place](text)
        fields = [("Location", url), ("Link", f'<{url}>; rel="next"')]
        return Interaction(Request("GET", url), Response(302, "Found", Headers.of(fields)))
    if place in FIELDS:
        value = FIELDS[place](text)
        name, answer = ("Cookie", "Set-Cookie") if place == "cookie" else ("X-Note", "X-Note")
        return Interaction(
            Request("GET", _URL, Headers.of([(name, value)])), Response(200, "OK", Headers.of([(answer, value)]))
        )
    media, encoding, write = BODIES[place]
    content = write(text)
    fields = [("Content-Type", media), ("Content-Length", str(len(content)))]
    fields += [("Content-Encoding", encoding)] if encoding else []
    headers = Headers.of(fields)
    return Interaction(
        wire.request_from_wire("POST", _URL, headers, content),
        wire.response_from_wire(200, "OK", headers, content, "HTTP/1.1"),
    )


def survivors(content: bytes, secrets: Iterable[str]) -> set[str]:
    """The secrets that somebody who tries can read in a file."""
    found: set[str] = set()
    wanted = {secret: _spellings(secret) for secret in secrets}
    for text in _readings(content):
        found |= {secret for secret, spellings in wanted.items() if any(one in text for one in spellings)}
    return found


def _spellings(secret: str) -> tuple[bytes, ...]:
    raw = secret.encode()
    latin = secret.encode("latin-1", "ignore")
    plus = raw.replace(b" ", b"+")
    spelled = {raw, raw.decode("latin-1").encode(), plus, secret.encode("utf-16-le"), raw.replace(b"\n", b"\r\n")}
    if latin.decode("latin-1") == secret:
        spelled.add(latin)
    return tuple(spelled)


def _readings(content: bytes) -> Iterator[bytes]:
    """A file, all texts in it, and what they become when decoded in every order."""
    seen: set[bytes] = set()
    runs: set[bytes] = set()
    level = [content, *_leaves_of(content)]
    for _ in range(5):
        level = [text for text in dict.fromkeys(level) if text and text not in seen]
        seen.update(level)
        yield from level
        level = [decoded for text in level for decoded in _decoded(text, runs)]


def _leaves_of(content: bytes) -> list[bytes]:
    try:
        document = yaml.load(content, yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        return []
    return [b"\n".join(_leaves(document))]


def _leaves(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(key)
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, (str, bytes)):
        text = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        yield text
        yield from _unpacked(text)


_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_RUN_WITHOUT_SLASH: Final = re.compile(rb"[A-Za-z0-9+_-]{8,}")
_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}){4,}")
_JSON: Final = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}(?:\\u[dD][c-fC-F][0-9A-Fa-f]{2})?|.)", re.DOTALL)
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


def _decoded(text: bytes, seen: set[bytes]) -> Iterator[bytes]:
    """What a text is without one kind of escapes, and what its runs of letters encode if they were not ``seen``."""
    if b"%" in text:
        yield unquote_to_bytes(text)
    if b"\\" in text:
        yield _JSON.sub(_from_json, text)
    if b"&" in text:
        yield html.unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass")
    if b"\0" in text:
        yield text.replace(b"\0", b"")
    if b"\n" in text:
        yield re.sub(rb"\r?\n[ \t]*", b"", text)
    runs = {*_RUN.findall(text), *_RUN_WITHOUT_SLASH.findall(text)} - seen
    seen |= runs
    yield b"\n".join(bytes.fromhex(digits.decode()) for run in runs for digits in _HEX.findall(run))
    for skipped in range(4):
        yield b"\n".join(_from_base64(run[skipped:]) for run in runs)


def _from_json(found: re.Match[bytes]) -> bytes:
    try:
        return str(json.loads(b'"' + found[0] + b'"')).encode("utf-8", "surrogatepass")
    except ValueError:
        return found[0]


def _from_base64(run: bytes) -> bytes:
    letters = run.translate(_TO_STANDARD)
    letters = letters[: len(letters) // 4 * 4 + (len(letters) % 4 if len(letters) % 4 > 1 else 0)]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        yield data.decode("utf-16").encode()
