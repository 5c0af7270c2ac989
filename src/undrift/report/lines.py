"""Text for a terminal: pieces that no line break may split, laid out in a width, painted or plain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, groupby, takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from undrift.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MIN_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that no line break may split, and how many spaces stand before it.

    One that is ``glued`` goes to the next line together with the piece before it, if a line
    has room for both.
    """

    text: str
    style: str = ""
    gap: int = 1
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line; where it is too long it goes on two columns to the right of ``indent``."""

    pieces: tuple[Piece, ...] = ()
    indent: int = 0


def paint(lines: Iterable[Line], width: int, *, color: bool) -> str:
    """The lines as plain text, or with the colour codes of ANSI terminals."""
    in_style = _in_color if color else _in_plain
    rows = chain.from_iterable(_lay_out(line, max(width, _MIN_WIDTH)) for line in lines)
    return "".join(f"{in_style(row)}\n" for row in rows)


def prose(text: str, style: str = "", indent: int = 0) -> Line:
    """A line that may be broken between any two words."""
    return Line(tuple(words(text, style)), indent)


def words(text: str, style: str = "") -> Iterator[Piece]:
    """The words of a text, as pieces."""
    return (Piece(word, style) for word in text.split())


def _lay_out(line: Line, width: int) -> Iterator[list[Piece]]:
    """The rows that a line takes; the first gap of each is its indentation."""
    row: list[Piece] = []
    used, hanging = 0, line.indent + 2
    for number, piece in enumerate(line.pieces):
        size, together = _size(piece), _size_together(line.pieces[number:])
        gap = piece.gap if row else line.indent
        needed = together if hanging + together <= width else size
        if row and used + gap + needed > width:
            yield row
            row, used, gap = [], 0, hanging
        row.append(replace(piece, gap=gap))
        used += gap + size
    yield row


def _size(piece: Piece) -> int:
    return cell_len(visible(piece.text))


def _size_together(pieces: tuple[Piece, ...]) -> int:
    """How wide the first piece is with all that is glued to it."""
    first, *others = pieces
    return _size(first) + sum(piece.gap + _size(piece) for piece in takewhile(lambda piece: piece.glued, others))


# Each row passes through one of these two, so that no control character of a provider
# reaches a terminal.
def _in_plain(row: list[Piece]) -> str:
    return "".join(" " * piece.gap + visible(piece.text) for piece in row)


def _in_color(row: list[Piece]) -> str:
    painted = ""
    for style, pieces in groupby(row, key=lambda piece: piece.style):
        run = _in_plain(list(pieces))
        text = run.lstrip(" ")
        painted += " " * (len(run) - len(text)) + Style.parse(style).render(text, color_system=ColorSystem.STANDARD)
    return painted
