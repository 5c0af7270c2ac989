"""Writing plain data as YAML that people read in pull requests.

PyYAML's own emitters escape emoji, fold long lines, and differ between their C and Python
versions; this one writes the same bytes everywhere. What it writes is the small part of YAML
1.1 that a cassette needs: block mappings and lists, literal blocks for text of several
lines, and one-line scalars. Tuples are written on one line.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STEP = "  "
# YAML allows a key without the explicit "?" up to 1,024 characters.
_LONGEST_SIMPLE_KEY = 800
_BASE64_LINE = 76

# What a reader takes literally, in every version of YAML, and an editor shows: no control
# characters, no line breaks but "\n", no byte order mark.
_SHOWN = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_ONE_LINE = re.compile(f"[{_SHOWN}]*")
_TEXT = re.compile(f"[\t\n\r\x85\u2028\u2029\ufeff{_SHOWN}]*")
# Several lines, none of them ending in white space, which editors and hooks strip.
_LITERAL = re.compile(f"(?:[\t{_SHOWN}]*(?<![\t ])\n)*[\t{_SHOWN}]*(?<![\t ])\n*")
_PLAIN = re.compile(f"[A-Za-z/_(](?:(?!: | #)[{_SHOWN}])*(?<![: ])")
_PLAIN_IN_FLOW = re.compile(r"[^,\[\]{}?]*")
_WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_TO_ESCAPE = re.compile(f'[^{_SHOWN}]|["\\\\]')
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def emit(document: Mapping[str, Any]) -> str:
    """A document as YAML text; raises TypeError for what plain data cannot hold."""
    return "".join(_mapping(document, ""))


def is_text(text: str) -> bool:
    """Whether a text can be shown as one: no surrogates, and no control characters but white space."""
    return _TEXT.fullmatch(text) is not None


def _mapping(mapping: Mapping[Any, Any], indent: str) -> Iterable[str]:
    for key, value in mapping.items():
        name = _inline(key, is_key=True)
        if len(name) > _LONGEST_SIMPLE_KEY:
            yield f"{indent}? {name}\n{indent}:"
        else:
            yield f"{indent}{name}:"
        yield from _value(value, indent, is_item=False)


def _sequence(items: Iterable[Any], indent: str) -> Iterable[str]:
    for item in items:
        yield f"{indent}-"
        yield from _value(item, indent, is_item=True)


def _value(value: Any, indent: str, *, is_item: bool) -> Iterable[str]:
    """What follows a key's colon or an item's dash, up to the end of the line or block."""
    if isinstance(value, dict) and value:
        block = "".join(_mapping(value, indent + _STEP))
        yield " " + block[len(indent) + 2 :] if is_item else "\n" + block
    elif isinstance(value, list) and value:
        inner = indent + _STEP if is_item else indent
        block = "".join(_sequence(value, inner))
        yield " " + block[len(indent) + 2 :] if is_item else "\n" + block
    elif isinstance(value, str) and "\n" in value and _LITERAL.fullmatch(value) and value.strip("\n"):
        yield from _literal(value, indent + _STEP)
    elif isinstance(value, bytes) and value:
        yield from _binary(value, indent + _STEP)
    else:
        yield f" {_inline(value)}\n"


def _literal(text: str, indent: str) -> Iterable[str]:
    content = text.rstrip("\n")
    breaks = len(text) - len(content)
    # A first line that starts with white space would be taken for deeper indentation.
    indicator = "2" if text[0] in " \n\t" else ""
    yield f" |{indicator}{'-' if breaks == 0 else '' if breaks == 1 else '+'}\n"
    for line in content.split("\n"):
        yield f"{indent}{line}\n" if line else "\n"
    yield "\n" * (breaks - 1)


def _binary(content: bytes, indent: str) -> Iterable[str]:
    encoded = base64.b64encode(content).decode()
    yield " !!binary |\n"
    for start in range(0, len(encoded), _BASE64_LINE):
        yield f"{indent}{encoded[start : start + _BASE64_LINE]}\n"


def _inline(value: Any, *, is_key: bool = False, in_flow: bool = False) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return _text(value, in_flow=in_flow or is_key)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, bytes):
        return f'!!binary "{base64.b64encode(value).decode()}"'
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_inline(item, in_flow=True) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{_inline(key, in_flow=True)}: {_inline(item, in_flow=True)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise TypeError(f"A cassette cannot hold a value of the type {type(value).__name__}.")


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 wants a point before the exponent: 1e-05 would be read as text.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _text(text: str, *, in_flow: bool) -> str:
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS_OF_YAML
    if is_plain and (not in_flow or _PLAIN_IN_FLOW.fullmatch(text)):
        return text
    if _ONE_LINE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _TO_ESCAPE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    letter = match[0]
    code = ord(letter)
    if letter in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[letter]
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
