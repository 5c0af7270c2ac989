"""Writing plain data as YAML that people read in pull requests.

PyYAML's own emitters escape emoji, fold long lines, and differ between their C and Python
versions; this one writes the same bytes everywhere. What it writes is the small part of YAML
1.1 that a cassette needs: block mappings and lists, text of several lines as such, and
one-line scalars. Tuples are written on one line.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_STEP = "  "
# YAML allows a key without the explicit "?" up to 1,024 characters.
_LONGEST_SIMPLE_KEY = 800
_BASE64_LINE = 76

# What a reader takes literally, in every version of YAML, and an editor shows: no control
# characters, no line breaks but "\n", no byte order mark. One pattern for all uses: it is large.
_HIDDEN = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_WHITE_SPACE = frozenset("\t\n\r\x85\u2028\u2029\ufeff")
# A line that ends in white space would be changed by editors and hooks that strip it.
_LOOSE_END = re.compile(r"[ \t](?:\n|\Z)")
_PLAIN = re.compile(r"[A-Za-z/_(](?:(?!: | #).)*(?<![: ])")
_PLAIN_IN_FLOW = re.compile(r"[^,\[\]{}?]*")
_WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_QUOTED = re.compile(r'["\\]')
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WIDTHS = ((0xFF, "x", 2), (0xFFFF, "u", 4), (0x10FFFF, "U", 8))


def emit(document: Mapping[str, Any]) -> str:
    """A document as YAML text; raises TypeError for what plain data cannot hold."""
    return "".join(_mapping(document, "")) or "{}\n"


def is_text(text: str) -> bool:
    """Whether a text can be shown as one: no surrogates, and no control characters but white space."""
    return _WHITE_SPACE.issuperset(_HIDDEN.findall(text))


def is_block(text: str) -> bool:
    """Whether a text of several lines stands in a file as it is, line for line."""
    content = text.rstrip("\n")
    return "\n" in content and {"\n", "\t"}.issuperset(_HIDDEN.findall(content)) and not _LOOSE_END.search(content)


def _mapping(mapping: Mapping[Any, Any], indent: str) -> Iterable[str]:
    for key, value in mapping.items():
        name = _inline(key, in_flow=True)
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
    inner = indent + _STEP
    if isinstance(value, dict) and value:
        yield _block("".join(_mapping(value, inner)), inner, is_item=is_item)
    elif isinstance(value, list) and value:
        # A list below a key is not indented, as PyYAML writes it.
        nested = "".join(_sequence(value, inner if is_item else indent))
        yield _block(nested, inner, is_item=is_item)
    elif isinstance(value, bytes) and value:
        yield from _binary(value, inner)
    elif isinstance(value, str) and "\n" in value:
        yield from (_literal(value, inner) if is_block(value) else _folded(value, inner))
    else:
        yield f" {_inline(value)}\n"


def _block(block: str, indent: str, *, is_item: bool) -> str:
    """A block below a key, or beside the dash that it belongs to."""
    return f" {block[len(indent) :]}" if is_item else f"\n{block}"


def _literal(text: str, indent: str) -> Iterable[str]:
    content = text.rstrip("\n")
    breaks = len(text) - len(content)
    # A first line that starts with white space would be taken for deeper indentation.
    indicator = str(len(_STEP)) if text[0] in " \n\t" else ""
    yield f" |{indicator}{('-', '')[breaks] if breaks <= 1 else '+'}\n"
    for line in content.split("\n"):
        yield f"{indent}{line}\n" if line else "\n"
    yield "\n" * (breaks - 1)


def _folded(text: str, indent: str) -> Iterable[str]:
    """Text in quotation marks, each of its lines on one of its own, whatever is in it."""
    first, *rest = re.findall(r"[^\n]*\n|[^\n]+", text)
    yield f' "{_escaped(first)}'
    for line in rest:
        # A space at the start of a line would be taken for indentation.
        guard = "\\" if line[0] == " " else ""
        yield f"\\\n{indent}{guard}{_escaped(line)}"
    yield '"\n'


def _binary(content: bytes, indent: str) -> Iterable[str]:
    encoded = base64.b64encode(content).decode()
    yield " !!binary |\n"
    for start in range(0, len(encoded), _BASE64_LINE):
        yield f"{indent}{encoded[start : start + _BASE64_LINE]}\n"


def _inline(value: Any, *, in_flow: bool = False) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return _text(value, in_flow=in_flow)
    for kind, spell in _SPELLINGS:
        if isinstance(value, kind):
            return spell(value)
    raise TypeError(f"A cassette cannot hold a value of the type {type(value).__name__}.")


def _text(text: str, *, in_flow: bool) -> str:
    if _HIDDEN.search(text):
        return f'"{_escaped(text)}"'
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS_OF_YAML
    if is_plain and (not in_flow or _PLAIN_IN_FLOW.fullmatch(text)):
        return text
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return _HIDDEN.sub(_escape, _QUOTED.sub(r"\\\g<0>", text))


def _escape(match: re.Match[str]) -> str:
    letter = match[0]
    code = ord(letter)
    spelled = (f"\\{kind}{code:0{digits}X}" for last, kind, digits in _WIDTHS if code <= last)
    return _SHORT_ESCAPES.get(letter) or next(spelled)


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 wants a point before the exponent: 1e-05 would be read as text.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _flow_list(items: Iterable[Any]) -> str:
    return "[" + ", ".join(_inline(item, in_flow=True) for item in items) + "]"


def _flow_mapping(mapping: Mapping[Any, Any]) -> str:
    pairs = (f"{_inline(key, in_flow=True)}: {_inline(item, in_flow=True)}" for key, item in mapping.items())
    return "{" + ", ".join(pairs) + "}"


_SPELLINGS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (type(None), lambda _: "null"),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (float, _float),
    (bytes, lambda value: f'!!binary "{base64.b64encode(value).decode()}"'),
    ((dt.datetime, dt.date), lambda value: value.isoformat()),
    ((list, tuple), _flow_list),
    (dict, _flow_mapping),
)
