r"""JSON text in a readable layout, and the way back to the original, byte for byte.

Only white space between tokens is ever changed; strings, numbers, escapes and repeated keys
stay as they are. Every gap between two tokens is of one kind: after a comma in an array,
before a colon, at the end, and so on. A layout says what the gaps of each kind hold, and is
written as a short mark: ``compact``, ``python``, ``indent:2``, or one of these with
exceptions, such as ``compact end="\n"``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Deeper than this, indentation would make a text many times as long, and nobody reads it.
_DEEPEST = 64
_WIDEST_UNIT = 16

_SPACE = " \t\r\n"
_PIECE = re.compile(rf'([{_SPACE}]*)("(?:[^"\\]|\\.)*+"|[{{}}\[\],:]|[^{_SPACE}{{}}\[\],:"]+)')
_REST = re.compile(rf"[{_SPACE}]*")
_EXCEPTION = re.compile(r' ([a-z.]+)=("(?:[^"\\]|\\.)*+")')
_EXCEPTIONS = re.compile(rf"(?:{_EXCEPTION.pattern})*")
_INDENT = re.compile(r"indent:([0-9]{1,2}|tab)")

# In the readable layout, each line break stands in a gap, and may have a key after it.
_LINE_AND_KEY = re.compile(r'\n *(?:("(?:[^"\\]|\\.)*+":) )?')
_LINE_AND_INDENT = re.compile(r"\n *")

_LINE = "\n"  # in a template: a line break, and after the last one the indentation of the depth
_COMPACT: Mapping[str, str] = {}
_PYTHON: Mapping[str, str] = {"object.next": " ", "array.next": " ", "value": " "}
_INDENTED: Mapping[str, str] = {
    **dict.fromkeys(("object.open", "object.next", "object.close"), _LINE),
    **dict.fromkeys(("array.open", "array.next", "array.close"), _LINE),
    "value": " ",
}
_OUTER = frozenset({"start", "end"})
_KINDS = (
    *("start", "object.open", "object.empty", "object.comma", "object.next", "object.close"),
    *("array.open", "array.empty", "array.comma", "array.next", "array.close", "colon", "value", "end"),
)


@dataclass(frozen=True, slots=True)
class Reflowed:
    """JSON text in the readable layout, and the mark that leads back to the original."""

    text: str
    mark: str


class _Gap(NamedTuple):
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
        if _LINE not in template or gap.kind in _OUTER:
            return template
        return template.replace(_LINE, self.newline) + self.unit * gap.depth


_READABLE = _Layout(_INDENTED)


def reflow(text: str) -> Reflowed | None:
    """A JSON object or array in the readable layout.

    None where the text is not one, where nothing would change, or where no mark would lead
    back to it exactly.
    """
    if not text.lstrip(_SPACE).startswith(("{", "[")) or not _is_json(text):
        return None
    gaps = _gaps(text)
    layout = _infer(gaps) if gaps is not None else None
    if gaps is None or layout is None or _render(gaps, layout) != text:
        return None
    readable = _render(gaps, _READABLE)
    return Reflowed(readable, _mark(layout)) if readable != text else None


def restore(text: str, mark: str) -> str:
    """The original of a text in the readable layout.

    Raises ValueError where the mark is unknown, or the text is no JSON.
    """
    name, exceptions = _parse(mark)
    if exceptions.keys() <= {"end"} and name in _SHORTCUTS:
        return _SHORTCUTS[name](text) + exceptions.get("end", "")
    gaps = _gaps(text)
    if gaps is None:
        raise ValueError("The body is not JSON.")
    return _render(gaps, _layout(name, exceptions))


def _on_one_line(text: str) -> str:
    """A text without its line breaks, and without what its lines are indented by."""
    first, *rest = text.split("\n")
    return first + "".join([line.lstrip(" ") for line in rest])


# What most servers write, at a tenth of the time that a look at each token takes.
_SHORTCUTS: Mapping[str, Callable[[str], str]] = {
    "compact": lambda text: _LINE_AND_KEY.sub(r"\1", text),
    "python": lambda text: _on_one_line(text.replace(",\n", ", \n")),
    "indent:2": lambda text: text,
    "indent:4": lambda text: _LINE_AND_INDENT.sub(lambda match: match[0] + match[0][1:], text),
}


def _is_json(text: str) -> bool:
    try:
        # Numbers stay text: Python refuses to convert those of more than 4,300 digits.
        json.loads(text, parse_int=len, parse_float=len, parse_constant=len)
    except (ValueError, RecursionError):
        return False
    return True


def _gaps(text: str) -> list[_Gap] | None:
    """The gaps of a JSON text; None where it is none, or nests too deep."""
    found: list[_Gap] = []
    containers: list[str] = []
    before, position = "", 0
    while (piece := _PIECE.match(text, position)) is not None:
        space, sign = piece.groups()
        if sign in "}]" and containers:
            container = containers.pop()
            kind = f"{container}.{'empty' if before in ('{', '[') else 'close'}"
        else:
            kind = _kind(before, sign, containers[-1] if containers else "")
        found.append(_Gap(kind, len(containers), space, sign))
        if sign in "{[":
            containers.append("object" if sign == "{" else "array")
            if len(containers) > _DEEPEST:
                return None
        before, position = sign, piece.end()
    end = _REST.fullmatch(text, position)
    return None if end is None else [*found, _Gap("end", 0, end[0], "")]


def _kind(before: str, sign: str, container: str) -> str:
    """The kind of a gap by the signs before and after it, where it does not close anything."""
    if not before:
        return "start"
    if sign == ":":
        return "colon"
    if before == ":":
        return "value"
    if sign == ",":
        return f"{container}.comma"
    return f"{container}.{'next' if before == ',' else 'open'}"


def _render(gaps: list[_Gap], layout: _Layout) -> str:
    return "".join([piece for gap in gaps for piece in (layout.fill(gap), gap.token)])


def _infer(gaps: list[_Gap]) -> _Layout | None:
    """The only layout that can give a text: what the first gap of each kind shows."""
    firsts: dict[str, _Gap] = {}
    for gap in gaps:
        firsts.setdefault(gap.kind, gap)
    inner = [gap.space for kind, gap in firsts.items() if kind not in _OUTER]
    newline = "\r\n" if any("\r\n" in space for space in inner) else "\n"
    indented = (gap for gap in gaps if gap.depth and newline in gap.space)
    shown = next(indented, None)
    unit = ""
    if shown is not None:
        indentation = shown.space.rpartition(newline)[2]
        unit = indentation[: len(indentation) // shown.depth]
    if unit.strip(" ") not in {"", "\t"} or len(unit) > _WIDEST_UNIT or " \t" in unit:
        return None
    return _Layout({kind: _template(gap, newline) for kind, gap in firsts.items()}, unit, newline)


def _template(gap: _Gap, newline: str) -> str:
    if gap.kind in _OUTER or newline not in gap.space:
        return gap.space
    before, _, _ = gap.space.partition(newline)
    return before + _LINE * gap.space.count(newline)


def _mark(layout: _Layout) -> str:
    """The mark of a layout: the nearest base, and what differs from it."""
    inner = {kind: template for kind, template in layout.templates.items() if kind not in _OUTER}
    if any(_LINE in template for template in inner.values()):
        name, base = f"indent:{'tab' if layout.unit == chr(9) else len(layout.unit)}", _INDENTED
    elif any(inner.get(kind) == " " for kind in _PYTHON):
        name, base = "python", _PYTHON
    else:
        name, base = "compact", _COMPACT
    shown = layout.templates
    exceptions = [(kind, shown[kind]) for kind in _KINDS if shown.get(kind, base.get(kind, "")) != base.get(kind, "")]
    if layout.newline != "\n":
        exceptions.append(("newline", layout.newline))
    return name + "".join(f" {kind}={json.dumps(space)}" for kind, space in exceptions)


def _parse(mark: str) -> tuple[str, dict[str, str]]:
    """A mark's base and its exceptions."""
    name, blank, rest = mark.partition(" ")
    is_known = name in {"compact", "python"} or _INDENT.fullmatch(name) is not None
    if is_known and _EXCEPTIONS.fullmatch(blank + rest):
        exceptions = {match[1]: json.loads(match[2]) for match in _EXCEPTION.finditer(blank + rest)}
        if exceptions.keys() <= {*_KINDS, "newline"}:
            return name, exceptions
    raise ValueError(f"The layout {mark!r} is unknown.")


def _layout(name: str, exceptions: Mapping[str, str]) -> _Layout:
    templates = {kind: space for kind, space in exceptions.items() if kind != "newline"}
    newline = exceptions.get("newline", "\n")
    indent = _INDENT.fullmatch(name)
    if indent is None:
        return _Layout({**(_PYTHON if name == "python" else _COMPACT), **templates}, newline=newline)
    unit = "\t" if indent[1] == "tab" else " " * int(indent[1])
    return _Layout({**_INDENTED, **templates}, unit, newline)
