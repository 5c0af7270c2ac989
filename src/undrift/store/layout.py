"""JSON text in a readable layout, and the way back to the original, byte for byte.

Only white space between tokens is ever changed; strings, numbers, escapes and repeated keys
stay as they are. Every gap between two tokens is of one kind: after a comma in an array,
before the colon, at the end, and so on. A layout says what each kind of gap holds, and is
written as a short mark: ``compact``, ``python``, ``indent:2``, or one of these with
exceptions, such as ``compact end="\\n"``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Deeper than this, indentation would make a text many times as long, and nobody reads it.
_DEEPEST = 64
_PIECE = re.compile(r'([ \t\r\n]*)("(?:[^"\\]|\\.)*"|[{}\[\],:]|[^ \t\r\n{}\[\],:"]+)')
_GAP = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"indent:(\d{1,2}|tab)")
_EXCEPTION = re.compile(r' ([a-z.]+)=("(?:[^"\\]|\\.)*")')

_LINE = "\n"  # in a template: a line break, and the indentation of the depth after the last one
_COMPACT: Mapping[str, str] = {}
_PYTHON: Mapping[str, str] = {"object.next": " ", "array.next": " ", "value": " "}
_INDENTED: Mapping[str, str] = {
    "object.open": _LINE,
    "object.next": _LINE,
    "object.close": _LINE,
    "array.open": _LINE,
    "array.next": _LINE,
    "array.close": _LINE,
    "value": " ",
}
_KINDS = (
    *("start", "object.open", "object.empty", "object.comma", "object.next", "object.close"),
    *("array.open", "array.empty", "array.comma", "array.next", "array.close", "colon", "value", "end"),
)


@dataclass(frozen=True, slots=True)
class Reflowed:
    """JSON text in the readable layout, and the mark that leads back to the original."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class _Gap:
    """The white space before a token, or at the end: its kind, and how deep it stands."""

    kind: str
    depth: int
    space: str
    token: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each kind of gap holds; ``unit`` is one step of indentation."""

    templates: Mapping[str, str]
    unit: str = "  "
    newline: str = "\n"

    def fill(self, gap: _Gap) -> str:
        """The white space of this layout for one gap."""
        template = self.templates.get(gap.kind, "")
        if _LINE not in template:
            return template
        if gap.kind in {"start", "end"}:
            return template
        return template.replace(_LINE, self.newline) + self.unit * gap.depth


_READABLE = _Layout(_INDENTED)


def reflow(text: str) -> Reflowed | None:
    """A JSON object or array in the readable layout.

    None where the text is not one, where nothing would change, or where no mark would lead
    back to it exactly.
    """
    if not text.lstrip(" \t\r\n").startswith(("{", "[")) or not _is_json(text):
        return None
    gaps = _gaps(text)
    if gaps is None:
        return None
    layout = _infer(gaps)
    if layout is None or _render(gaps, layout) != text:
        return None
    mark, readable = _mark(layout), _render(gaps, _READABLE)
    return Reflowed(readable, mark) if readable != text else None


def restore(text: str, mark: str) -> str:
    """The original of a reflowed text; raises ValueError where text or mark are broken."""
    layout = _parse_mark(mark)
    gaps = _gaps(text)
    if gaps is None:
        raise ValueError("The body is no JSON text that this layout could be applied to.")
    return _render(gaps, layout)


def _is_json(text: str) -> bool:
    try:
        # Numbers stay text: Python refuses to convert those of more than 4,300 digits.
        json.loads(text, parse_int=len, parse_float=len, parse_constant=len)
    except (ValueError, RecursionError):
        return False
    return True


def _gaps(text: str) -> list[_Gap] | None:
    """The gaps of a JSON text, each with the token after it; None where it nests too deep."""
    found: list[_Gap] = []
    open_containers: list[str] = []
    previous, position = "", 0
    while (piece := _PIECE.match(text, position)) is not None:
        space, token = piece.groups()
        if token in {"}", "]"} and open_containers:
            container = open_containers.pop()
            kind = f"{container}.{'empty' if previous in {'{', '['} else 'close'}"
        else:
            kind = _kind(previous, token, open_containers[-1] if open_containers else "")
        found.append(_Gap(kind, len(open_containers), space, token))
        if token in {"{", "["}:
            open_containers.append("object" if token == "{" else "array")
            if len(open_containers) > _DEEPEST:
                return None
        previous, position = token, piece.end()
    end = _GAP.match(text, position)
    if end is None or end.end() != len(text):
        return None
    found.append(_Gap("end", 0, end[0], ""))
    return found


def _kind(previous: str, token: str, container: str) -> str:
    if not previous:
        return "start"
    if token == ":":
        return "colon"
    if token == ",":
        return f"{container}.comma"
    if previous == ":":
        return "value"
    return f"{container}.{'next' if previous == ',' else 'open'}"


def _render(gaps: list[_Gap], layout: _Layout) -> str:
    return "".join(piece for gap in gaps for piece in (layout.fill(gap), gap.token))


def _infer(gaps: list[_Gap]) -> _Layout | None:
    """The only layout that can give this text: what the first gap of each kind shows."""
    firsts: dict[str, _Gap] = {}
    for gap in gaps:
        firsts.setdefault(gap.kind, gap)
    inner = [gap for kind, gap in firsts.items() if kind not in {"start", "end"}]
    newline = "\r\n" if any("\r\n" in gap.space for gap in inner) else "\n"
    indented = (gap for gap in gaps if gap.depth and gap.kind != "end" and newline in gap.space)
    deepest = next(indented, None)
    unit = ""
    if deepest is not None:
        indentation = deepest.space.rpartition(newline)[2]
        unit = indentation[: len(indentation) // deepest.depth]
    templates = {kind: _template(gap, newline) for kind, gap in firsts.items()}
    is_known = unit in {"", "\t"} or (len(unit) < 100 and not unit.strip(" "))
    return _Layout(templates, unit, newline) if is_known else None


def _template(gap: _Gap, newline: str) -> str:
    if gap.kind in {"start", "end"} or newline not in gap.space:
        return gap.space
    return _LINE * gap.space.count(newline)


def _mark(layout: _Layout) -> str:
    """The mark of a layout: the nearest base, and what differs from it."""
    templates = layout.templates
    if any(_LINE in template for kind, template in templates.items() if kind not in {"start", "end"}):
        name, base = f"indent:{'tab' if layout.unit == chr(9) else len(layout.unit)}", _INDENTED
    elif " " in {templates.get("value"), templates.get("object.next"), templates.get("array.next")}:
        name, base = "python", _PYTHON
    else:
        name, base = "compact", _COMPACT
    exceptions = [
        (kind, templates[kind]) for kind in _KINDS if kind in templates and templates[kind] != base.get(kind, "")
    ]
    if layout.newline != "\n":
        exceptions.append(("newline", layout.newline))
    return name + "".join(f" {kind}={json.dumps(space)}" for kind, space in exceptions)


def _parse_mark(mark: str) -> _Layout:
    name, blank, rest = mark.partition(" ")
    exceptions = {match[1]: json.loads(match[2]) for match in _EXCEPTION.finditer(blank + rest)}
    is_whole = "".join(match[0] for match in _EXCEPTION.finditer(blank + rest)) == blank + rest
    newline = exceptions.pop("newline", "\n")
    indent = _INDENT.fullmatch(name)
    bases = {"compact": _COMPACT, "python": _PYTHON}
    if not is_whole or not exceptions.keys() <= set(_KINDS) or (indent is None and name not in bases):
        raise ValueError(f"The layout {mark!r} is unknown.")
    if indent is None:
        return _Layout({**bases[name], **exceptions}, newline=newline)
    unit = "\t" if indent[1] == "tab" else " " * int(indent[1])
    return _Layout({**_INDENTED, **exceptions}, unit, newline)
