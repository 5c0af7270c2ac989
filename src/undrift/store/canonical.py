"""Cassettes in the very layout that undrift writes, read without a YAML parser, in a quarter of its time.

Whatever is not line for line as ``store.writing`` lays it out, such as a comment, another order
or an escape, is left to ``store.reading``, and so is everything that is wrong: nothing is refused
here. What is read here is what the parser would read.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from undrift import body as bodies
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.store import layout
from undrift.store.visible import Original, restore_headers, with_length

if TYPE_CHECKING:
    from collections.abc import Iterator

# All letters that YAML takes as they are, and the one line break that we write. Tabs are not among them.
_OTHER: Final = "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffc\U00010000-\U0010ffff]"
_PLAIN_ASCII: Final = bytes([*range(0x20, 0x7F), 0x0A])

# Scalars on one line: plain ones that no reader takes for more than text, and those in single quotes.
# A quantifier that ends in "+" gives nothing back, so that no file takes more than one look.
_SCALAR: Final = (
    r"(?:(?!(?i:null)\n)[A-Za-z/_(](?:[^\n:# ]++|:(?![ \n])|(?<! )#|\x20(?=[^\n#]))*+|'(?:[^'\n]++|'')*+')\n"
)
_FLOW_SCALAR: Final = r"(?:(?!(?i:null)[,\]])[A-Za-z/_(](?:[^\n:#,\[\]{}? ]++|:(?=[A-Za-z0-9/]))*+|'(?:[^'\n]++|'')*+')"
_NAME: Final = r"(?!(?i:null):)[A-Za-z_][A-Za-z0-9_-]{0,127}+"


def _block(indent: str) -> str:
    """Lines behind ``|``, the first of which says how far all are indented; the last is not empty."""
    return rf"(?:\|-?\n{indent}(?=[^ \n])[^\n]*+\n(?:\n*+{indent}[^\n]*+\n)*+)"


def _binary(indent: str) -> str:
    return rf"(?:!!binary \|\n(?:{indent}[A-Za-z0-9+/=]++\n)++)"


def _fields(indent: str) -> str:
    return rf"(?: \{{\}}\n|\n(?:{indent}{_NAME}:\n(?:{indent}- {_SCALAR})++)++)"


def _side(name: str) -> str:
    """What stands below ``undrift`` of a request or a response."""
    pair = rf"      - \[{_FLOW_SCALAR}, {_FLOW_SCALAR}\]\n"
    triple = rf"      - \[[0-9]{{1,6}}, {_FLOW_SCALAR}, {_FLOW_SCALAR}\]\n"
    return (
        rf"(?:    {name}:\n(?=      )(?:      layout: (?P<{name}_layout>{_SCALAR}))?+"
        rf"(?:      encoding: (?P<{name}_encoding>{_SCALAR}))?+"
        rf"(?:      original:\n(?P<{name}_original>(?:{triple})++))?+"
        rf"(?:      headers:\n(?P<{name}_fields>(?:{pair})++))?+)?+"
    )


_TOP: Final = re.compile(
    rf"version: 1\nundrift:\n  format: 1\n(?:  test: (?P<test>{_SCALAR}))?+interactions:(?: \[\]\n\Z|\n(?=-))"
)
_INTERACTION: Final = re.compile(
    rf"- request:\n    method: (?P<method>{_SCALAR})    uri: (?P<uri>{_SCALAR})"
    rf"    body: (?P<request_body>null\n|{_SCALAR}|{_block('      ')}|{_binary('      ')})"
    rf"    headers:(?P<request_headers>{_fields('      ')})"
    rf"  response:\n    status:\n      code: (?P<code>[1-9][0-9]{{0,8}}+)\n      message: (?P<message>{_SCALAR})"
    rf"    headers:(?P<response_headers>{_fields('      ')})"
    rf"    body:\n      string: (?P<response_body>{_SCALAR}|{_block('        ')}|{_binary('        ')})"
    rf"(?:  undrift:\n(?=    )(?:    recorded_at: (?P<recorded_at>{_SCALAR}))?+"
    rf"(?:    elapsed: (?P<elapsed>[0-9]{{1,9}}\.[0-9]{{1,9}})\n)?+"
    rf"(?:    http_version: (?P<http_version>{_SCALAR}))?+"
    rf"{_side('request')}{_side('response')})?+"
)
_FLOW_ITEM: Final = re.compile(_FLOW_SCALAR)


class _OtherwiseError(Exception):
    """It is not laid out so; or something is wrong with it, which is for the parser to say."""


def read(content: bytes) -> Cassette | None:
    """The cassette in a file's content; None where it takes the parser to read it, or to say what is wrong."""
    # What is no UTF-8 becomes U+FFFD, which is among the others.
    text = content.decode("utf-8", "replace")
    others = content.translate(None, _PLAIN_ASCII) if text.isascii() else re.search(_OTHER, text)
    top = None if others else _TOP.match(text)
    if top is None:
        return None
    try:
        return Cassette(tuple(_interactions(text, top.end())), test=_optional(top["test"]))
    except _OtherwiseError:
        return None


def _interactions(text: str, position: int) -> Iterator[Interaction]:
    while position < len(text):
        found = _INTERACTION.match(text, position)
        if found is None:
            raise _OtherwiseError
        position = found.end()
        elapsed = found["elapsed"]
        yield Interaction(
            _request(found),
            _response(found),
            recorded_at=_optional(found["recorded_at"]),
            elapsed=None if elapsed is None else float(elapsed),
        )


def _request(found: re.Match[str]) -> Request:
    stored = found["request_body"]
    body = b"" if stored == "null\n" else _body(stored, 6)
    return Request(_scalar(found["method"]), _scalar(found["uri"]), *_content(found, "request", body))


def _response(found: re.Match[str]) -> Response:
    content = _content(found, "response", _body(found["response_body"], 8))
    return Response(int(found["code"]), _scalar(found["message"]), *content, _optional(found["http_version"]) or "")


def _content(found: re.Match[str], side: str, body: bytes) -> tuple[Headers, bytes, str]:
    """The original headers, the decoded body, and the encoding that was taken off it."""
    headers = _headers(found[f"{side}_headers"])
    mark = found[f"{side}_layout"]
    if mark is not None:
        try:
            body = layout.restore(body.decode(), _scalar(mark)).encode()
        except ValueError as error:
            raise _OtherwiseError from error
        # What stands in the file is the length of the readable text.
        headers = with_length(headers, len(body))
    original, fields = found[f"{side}_original"], found[f"{side}_fields"]
    if original is not None:
        headers = restore_headers(headers, [_original(line) for line in original.splitlines()])
    if fields is not None:
        headers = Headers.of((name, value) for name, value in map(_flow, fields.splitlines()))
    encoding = _optional(found[f"{side}_encoding"]) or ""
    if encoding and not bodies.is_known(encoding):
        raise _OtherwiseError
    return headers, body, encoding


def _headers(stored: str) -> Headers:
    fields: list[tuple[str, str]] = []
    names: list[str] = []
    # What comes first is the end of the line of `headers:`; each other line is a name, or a dash and a value.
    for line in stored[:-1].split("\n")[1:]:
        if line[6] == "-":
            fields.append((names[-1], _scalar(line[8:])))
        else:
            names.append(line[6:-1])
    if len(set(names)) < len(names):
        raise _OtherwiseError
    return Headers(tuple(fields))


def _original(line: str) -> Original:
    position, rest = line[len("      - [") :].split(",", 1)
    name, value = _flow(rest)
    return Original(int(position), name, value)


def _flow(line: str) -> list[str]:
    return [_scalar(item) for item in _FLOW_ITEM.findall(line)]


def _body(stored: str, indent: int) -> bytes:
    if stored.startswith("!!binary"):
        try:
            return base64.b64decode("".join(stored.split()[2:]), validate=True)
        except (binascii.Error, ValueError) as error:
            raise _OtherwiseError from error
    if not stored.startswith("|"):
        return _scalar(stored).encode()
    first = stored.index("\n") + 1
    text = stored[first + indent :].replace("\n" + " " * indent, "\n")
    return (text[:-1] if stored.startswith("|-") else text).encode()


def _optional(stored: str | None) -> str | None:
    return None if stored is None else _scalar(stored)


def _scalar(stored: str) -> str:
    """A scalar on one line, with its line break or without."""
    text = stored.removesuffix("\n")
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
