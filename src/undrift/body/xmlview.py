"""XML as plain data: safely, for what a server sends is not to be trusted."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat


class _Builder:
    """Collects elements as they open and close; no recursion, however deep they are nested."""

    def __init__(self) -> None:
        # Of each open element: its attributes, its children by name, and its text.
        self.open: list[tuple[dict[str, Any], dict[str, list[Any]], list[str]]] = []
        self.root: dict[str, Any] = {}

    def start(self, _name: str, attributes: dict[str, str]) -> None:
        self.open.append(({f"@{name}": value for name, value in attributes.items()}, {}, []))

    def text(self, text: str) -> None:
        self.open[-1][2].append(text)

    def end(self, name: str) -> None:
        attributes, children, pieces = self.open.pop()
        text = "".join(pieces)
        value: Any = text
        if attributes or children:
            value = {**attributes, **children}
            if text.strip():
                value["#text"] = text.strip() if children else text
        local = name.rpartition(":")[2]
        if self.open:
            self.open[-1][1].setdefault(local, []).append(value)
        else:
            self.root = {local: value}


def parse_xml(content: bytes) -> dict[str, Any]:
    """A document as ``{root: element}``.

    An element that has text alone is that text; any other is an object: its attributes with
    a leading ``@``, its children by name, always as arrays, and its text as ``#text`` where
    it has more than text. Names of elements lose their namespace prefix. Raises ValueError
    where it is no well-formed XML, or declares an entity.
    """
    parser = expat.ParserCreate()
    builder = _Builder()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes no keywords
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return builder.root


def _refuse_entity(*_declaration: object) -> None:
    raise ValueError("the document declares an entity")
