"""The places in a message that names tell to be secret: in its URL, its headers and its body.

Nothing is parsed and written anew: what stands between the secrets stays as it is, byte for
byte, so that a body keeps its layout, and one that is half of a body is walked too.
"""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, unquote_plus

from undrift.body.media import is_form, is_html, is_multipart, is_xml, parse_media_type
from undrift.model import Headers
from undrift.scrub.fields import replace_secrets, replace_token, replace_user_and_password
from undrift.scrub.names import innermost, squeezed
from undrift.scrub.placeholders import JWT, is_jwt, is_placeholder, label_of
from undrift.scrub.unescape import xml_escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.body import MediaType
    from undrift.scrub.fields import Substitute
    from undrift.scrub.names import NameReader

# Names in JSON, on their own and as JSON within a text of JSON has them.
# Nothing is tried twice ("+" behind a number of letters): where a text does not end so, it does not end before.
_KEY: Final = re.compile(rb'"([^"\\]{0,128}+(?:\\u[0-9A-Fa-f]{4}[^"\\]{0,128}+)*+)\\*+"\s*+:')
_STRING: Final = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_MEMBER: Final = (
    rb'"(?<!\\")(?P<name>%s)"(?P<colon>\s*:\s*)'
    rb'(?:"(?P<text>' + _STRING + rb')"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<list>\[[^\[\]{}]*\]))'
)
_NESTED_MEMBER: Final = re.compile(
    rb'(?P<before>(?P<quote>\\+")(?P<name>[^"\\]{1,128})(?P=quote)\s*:\s*(?P=quote))'
    rb"(?P<text>.{0,8192}?)(?<!\\)(?P=quote)",
    re.DOTALL,
)
# {"name": "password", "value": "..."}, as lists of settings are written.
_PAIR: Final = re.compile(
    rb'"(?:name|key|field|id)"\s*:\s*"(?P<name>[^"\\]{1,128})"\s*,\s*"value"\s*:\s*"(?P<text>' + _STRING + rb')"',
    re.IGNORECASE | re.DOTALL,
)
_VALUE_NAMES: Final = frozenset({b"value", b"Value"})
_LISTED: Final = re.compile(rb'"(' + _STRING + rb')"', re.DOTALL)
_DIGIT: Final = re.compile(rb"[0-9]")
_SHORTEST_NUMBER: Final = 6
# Names and values behind a question mark, in a URL and wherever URLs stand in a text; JSON may write the
# ampersand as \u0026, and a slash as \/.
_PARAMETER: Final = re.compile(
    rb"(?P<before>[?&#;6](?:(?<!6)|(?<=\\u0026))(?P<name>[A-Za-z0-9_.~%\[\]-]{1,128}+)=)"
    rb"(?P<value>(?:[^&#;\s\"'<>\\]|\\/)*+)"
)
# The user, and maybe the password, in a URL (RFC 3986, section 3.2.1).
_USER_INFO: Final = re.compile(
    rb"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{0,31}:(?:\\?/){2})"
    rb"(?P<user>[^/?#@\s\"'<>\\:]{0,8192})(?::(?P<password>[^/?#@\s\"'<>\\]{0,8192}))?@"
)
_XML_NAME: Final = re.compile(rb"[<\s]([A-Za-z_][\w:.-]{0,127})(?=[\s=>])|[\"']([A-Za-z_][\w:.\[\]-]{0,127})[\"']")
_ELEMENT: Final = re.compile(
    rb"(?P<open><(?P<name>[A-Za-z_][\w:.-]{0,127})(?P<attributes>(?:\s[^<>]*)?)(?<!/)>)"
    rb"(?P<cdata><!\[CDATA\[)?(?P<text>(?(cdata).*?(?=\]\]>)|[^<]*))",
    re.DOTALL,
)
_TAG: Final = re.compile(rb"<[A-Za-z_][^<>]*>")
_ATTRIBUTE: Final = re.compile(
    rb"(?P<before>\s(?P<name>[A-Za-z_][\w:.-]{0,127})\s*=\s*(?P<quote>[\"']))(?P<text>.*?)(?P=quote)", re.DOTALL
)
_NAMING: Final = frozenset({b"name", b"key", b"id", b"property", b"field"})
_VALUING: Final = frozenset({b"value", b"content"})
_FORM_SHAPE: Final = re.compile(rb"[\w.%\[\]+~-]{1,128}=[^&\s\"<>{}]*(?:&[\w.%\[\]+~-]{1,128}=[^&\s\"<>{}]*)*")
_LONGEST_FORM: Final = 65_536
_DISPOSITION: Final = re.compile(
    rb"^content-disposition:[^\r\n]*[;\s]name=(?:\"([^\"\r\n]*)\"|([^;\s]+))", re.IGNORECASE | re.MULTILINE
)
_TYPE: Final = re.compile(rb"^content-type:\s*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LENGTH: Final = re.compile(rb"^(content-length:\s*)[0-9]+", re.IGNORECASE | re.MULTILINE)
_HEAD: Final = re.compile(rb"\r?\n(?:[^\r\n]+\r?\n)*\r?\n")
_DEEPEST_PART: Final = 4
_NO_TEXT: Final = ("image/", "audio/", "video/", "font/")
_WITH_SCHEME: Final = frozenset({"authorization", "authentication", "proxyauthorization"})


class Walker:
    """Puts a substitute in each place that a name tells to be secret, and leaves all else as it is."""

    def __init__(self, reader: NameReader, substitute: Substitute) -> None:
        self._reader = reader
        self._substitute = substitute
        # Most fields come again with each message; a secret has the same substitute each time.
        self._walked: dict[tuple[str, str], tuple[str, str]] = {}
        # So it is with the members of JSON objects: of so many names, which may tell a secret.
        self._telling: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}

    def url(self, url: str) -> str:
        """A URL with its user, its parameters and those of its fragment walked."""
        return self._as_bytes(url, self._in_urls)

    def headers(self, headers: Headers) -> Headers:
        """The header fields with the values of secret ones, and the URLs in all others, walked."""
        fields = [self._walked.get(field) or self._header(field) for field in headers]
        return headers if tuple(fields) == headers.fields else Headers.of(fields)

    def body(self, data: bytes, media: MediaType, depth: int = 0) -> bytes:
        """A decoded body, by its media type and by what it looks like."""
        if is_multipart(media.essence) and depth < _DEEPEST_PART:
            # Some of its parts may be text where others are none.
            return self._multipart(data, (media.parameter("boundary") or "").encode(), depth)
        if not data or media.essence.startswith(_NO_TEXT) or b"\0" in data[:1024]:
            return data
        if is_form(media.essence) and data[:1] not in {b"{", b"["}:
            return self._form(data)
        if b'"' in data and b":" in data:
            data = self._json(data)
        if b"<" in data and (is_xml(media.essence) or is_html(media.essence) or data.lstrip()[:1] == b"<"):
            data = self._xml(data)
        elif b"=" in data and len(data) < _LONGEST_FORM and _FORM_SHAPE.fullmatch(data.strip()):
            # Whoever speaks OAuth 1 sends forms as text.
            return self._form(data)
        return self._in_urls(data)

    def forget(self) -> None:
        """Let go of what was walked: a secret may be another one's by now."""
        self._walked.clear()
        self._telling.clear()

    def tokens(self, data: bytes) -> None:
        """Show every JSON Web Token in some bytes, whatever the name beside it."""
        if b"eyJ" not in data:
            return
        for found in JWT.finditer(data):
            token = found[0].decode()
            if is_jwt(token) and not is_placeholder(token):
                self._substitute("jwt", token, is_followed=True)

    def _as_bytes(self, text: str, walk: Callable[[bytes], bytes]) -> str:
        before = text.encode("utf-8", "surrogatepass")
        after = walk(before)
        return text if after == before else after.decode("utf-8", "surrogatepass")

    def _header(self, field: tuple[str, str]) -> tuple[str, str]:
        name, value = field
        if self._reader.is_header(name, value):
            value = replace_secrets(name, value, self._substitute)
        elif "=" in value or "@" in value:
            value = self._as_bytes(value, self._in_urls)
        self._walked[field] = walked = (name, value)
        return walked

    # URLs, and texts that hold some

    def _in_urls(self, data: bytes) -> bytes:
        if b"@" in data and (b"//" in data or b"\\/" in data):
            data = _USER_INFO.sub(self._user_info, data)
        if b"=" in data and any(mark in data for mark in (b"?", b"#", b"&")):
            return _PARAMETER.sub(self._parameter, data)
        return data

    def _user_info(self, match: re.Match[bytes]) -> bytes:
        user, password = unquote(match["user"].decode("utf-8", "replace")), match["password"]
        if not user and password is None:
            return match[0]
        secret = "" if password is None else unquote(password.decode("utf-8", "replace"))
        if password is None and not any(letter.isdigit() for letter in user):
            return match[0]
        new_user, new_secret = replace_user_and_password(user, secret, self._substitute, keeps_words=True)
        if (new_user, new_secret) == (user, secret):
            return match[0]
        tail = b"" if password is None else b":" + _quoted(new_secret, secret, password)
        return match["scheme"] + _quoted(new_user, user, match["user"]) + tail + b"@"

    def _parameter(self, match: re.Match[bytes]) -> bytes:
        name = unquote(match["name"].decode())
        value = unquote_plus(match["value"].replace(b"\\/", b"/").decode("utf-8", "replace"))
        if not self._reader.is_parameter(name, value):
            return match[0]
        # AWS and Google: the key's id, then date, region and service, which are no secrets.
        secret, slash, scope = value.partition("/") if name.lower().endswith("credential") else (value, "", "")
        new = replace_token(label_of(name), secret, self._substitute)
        return match[0] if new == secret else match["before"] + _quote(f"{new}{slash}{scope}")

    # Forms and parts

    def _form(self, data: bytes) -> bytes:
        return b"&".join(map(self._form_field, data.split(b"&"))) if b"=" in data else data

    def _form_field(self, field: bytes) -> bytes:
        name, equals, raw = field.partition(b"=")
        if not raw.strip():
            return field
        value = unquote_plus(raw.decode("utf-8", "replace"))
        key = unquote_plus(name.strip().decode("utf-8", "replace"))
        if self._reader.is_field(key, value):
            new = self._replaced(key, value)
        elif value[:1] in {"{", "["}:
            new = self._as_bytes(value, self._json)
        elif "://" in value:
            new = self._as_bytes(value, self._in_urls)
        else:
            return field
        return field if new == value else name + equals + _quote(new)

    def _multipart(self, data: bytes, boundary: bytes, depth: int) -> bytes:
        delimiter = b"--" + boundary
        if not boundary or delimiter not in data:
            return data
        first, *parts = data.split(delimiter)
        return delimiter.join((first, *(self._part(part, depth) for part in parts)))

    def _part(self, part: bytes, depth: int) -> bytes:
        head = _HEAD.match(part)
        if head is None:
            return part
        ending = next((end for end in (b"\r\n", b"\n") if part.endswith(end)), b"")
        content = part[head.end() : len(part) - len(ending)]
        found = _DISPOSITION.search(head[0])
        name = ((found[1] or found[2]) if found else b"").decode("utf-8", "replace")
        text = content.decode("utf-8", "replace")
        if name and self._reader.is_field(name, text):
            new = self._replaced(name, text).encode()
        else:
            media = _TYPE.search(head[0])
            new = self.body(content, parse_media_type(media[1].decode("latin-1") if media else ""), depth + 1)
        if new == content:
            return part
        return _LENGTH.sub(rb"\g<1>%d" % len(new), head[0]) + new + ending

    def _replaced(self, name: str, value: str) -> str:
        inner = innermost(name)
        if squeezed(inner) in _WITH_SCHEME:
            return replace_secrets("authorization", value, self._substitute)
        return replace_token(label_of(inner), value, self._substitute)

    # JSON, lines of JSON, events with JSON, and JSON within a text of JSON

    def _json(self, data: bytes) -> bytes:
        names = tuple(_KEY.findall(data))
        telling = self._telling.get(names)
        if telling is None:
            telling = self._telling[names] = tuple(sorted(filter(self._may_tell, set(names))))
        if telling:
            data = _members(telling).sub(self._member, data)
            if any(b'\\"%s\\' % name in data for name in telling):
                data = _NESTED_MEMBER.sub(self._nested_member, data)
        return _PAIR.sub(self._pair, data) if not _VALUE_NAMES.isdisjoint(names) else data

    def _may_tell(self, name: bytes) -> bool:
        return self._reader.field_verdict(_unescaped(name)) is not False

    def _member(self, match: re.Match[bytes]) -> bytes:
        name = _unescaped(match["name"])
        verdict = self._reader.field_verdict(name)
        before = b'"' + match["name"] + b'"' + match["colon"]
        if match["text"] is not None:
            return before + self._string(name, match["text"])
        if match["list"] is not None:
            return before + _LISTED.sub(lambda found: self._string(name, found[1]), match["list"])
        if verdict and len(_DIGIT.findall(match["number"])) >= _SHORTEST_NUMBER:
            return before + b'"' + self._replaced(name, match["number"].decode()).encode() + b'"'
        return match[0]

    def _string(self, name: str, raw: bytes) -> bytes:
        value = _unescaped(raw)
        new = self._replaced(name, value) if self._reader.is_field(name, value) else value
        return b'"' + (raw if new == value else json.dumps(new)[1:-1].encode()) + b'"'

    def _nested_member(self, match: re.Match[bytes]) -> bytes:
        name, value = match["name"].decode("utf-8", "replace"), match["text"]
        # One escape for each level: a backslash, then three, then seven.
        for _ in range(len(match["quote"]).bit_length()):
            value = _unescaped(value).encode("utf-8", "surrogatepass")
        text = value.decode("utf-8", "surrogatepass")
        if not self._reader.is_field(name, text):
            return match[0]
        new = self._replaced(name, text)
        return match[0] if new == text else match["before"] + new.encode() + match["quote"]

    def _pair(self, match: re.Match[bytes]) -> bytes:
        name, raw = match["name"].decode("utf-8", "replace"), match["text"]
        if self._reader.field_verdict(name) is False:
            return match[0]
        return match[0][: -len(raw) - 2] + self._string(name, raw)

    # XML and HTML

    def _xml(self, data: bytes) -> bytes:
        names = {one or other for one, other in _XML_NAME.findall(data)}
        if all(self._reader.field_verdict(name.decode("utf-8", "replace")) is False for name in names):
            return data
        return _ELEMENT.sub(self._element, _TAG.sub(self._tag, data))

    def _element(self, match: re.Match[bytes]) -> bytes:
        attributes = {found["name"].lower(): found["text"] for found in _ATTRIBUTE.finditer(match["attributes"])}
        named = () if _VALUING & attributes.keys() else (attributes[key] for key in _NAMING & attributes.keys())
        value = html.unescape(match["text"].decode("utf-8", "replace"))
        for name in (match["name"], *named):
            text = name.decode("utf-8", "replace")
            if self._reader.is_field(text, value.strip()):
                new = self._replaced(text, value.strip())
                if new == value.strip():
                    break
                escaped = new if match["cdata"] else xml_escape(new)
                return match["open"] + (match["cdata"] or b"") + escaped.encode()
        return match[0]

    def _tag(self, match: re.Match[bytes]) -> bytes:
        attributes = list(_ATTRIBUTE.finditer(match[0]))
        naming = [found["text"].decode("utf-8", "replace") for found in attributes if found["name"].lower() in _NAMING]

        def replaced(found: re.Match[bytes]) -> bytes:
            names = [found["name"].decode("utf-8", "replace")]
            names += naming if found["name"].lower() in _VALUING else []
            value = html.unescape(found["text"].decode("utf-8", "replace"))
            for name in names:
                if self._reader.is_field(name, value):
                    new = self._replaced(name, value)
                    text = found["text"] if new == value else xml_escape(new).encode()
                    return found["before"] + text + found["quote"]
            return found[0]

        return _ATTRIBUTE.sub(replaced, match[0]) if attributes else match[0]


@lru_cache(maxsize=256)
def _members(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Members of JSON objects that have one of these names, with their values where those are no objects."""
    return re.compile(_MEMBER % b"|".join(map(re.escape, names)), re.DOTALL)


def _quote(text: str) -> bytes:
    return quote(text, safe="").encode()


def _quoted(new: str, old: str, raw: bytes) -> bytes:
    return raw if new == old else _quote(new)


def _unescaped(raw: bytes) -> str:
    """The text that stands so in JSON; where it is none, the letters themselves."""
    if b"\\" not in raw:
        return raw.decode("utf-8", "replace")
    try:
        return str(json.loads(b'"' + raw + b'"', strict=False))
    except ValueError:
        return raw.decode("utf-8", "replace")
