"""Documents in Markdown, and running what they show as a reader would."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from markdown_it.token import Token

# Stands for any text in a line, and alone in a line for any lines.
ANYTHING = "…"
_LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Block:
    """A fenced block: what it is of, the paragraph before it, and the heading that it is under."""

    language: str
    content: str
    lead: str
    section: str
    line: int

    @property
    def file(self) -> str:
        """The file that the paragraph before names, if it begins with one."""
        match = re.match(r"`([\w./-]+\.\w+)`[^`]*:$", self.lead)
        return match[1] if match else ""


@dataclass(frozen=True)
class Table:
    """A table: its rows without the header, and the paragraph before it."""

    rows: tuple[tuple[str, ...], ...]
    lead: str
    section: str

    def names(self, column: int = 0) -> list[str]:
        """What stands in backquotes in a column."""
        return [name for row in self.rows for name in re.findall(r"`([^`]+)`", row[column])]


@dataclass(frozen=True)
class Document:
    """One file, taken apart."""

    path: Path
    text: str
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    headings: tuple[str, ...]
    links: tuple[str, ...]

    def table(self, lead: str) -> Table:
        """The table after the paragraph or heading that begins so."""
        found = [table for table in self.tables if (table.lead or table.section).startswith(lead)]
        assert len(found) == 1, f"{len(found)} tables after {lead!r} in {self.path.name}"
        return found[0]


def read(path: Path) -> Document:
    """Take a file of Markdown apart."""
    text = path.read_text("utf-8")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks, tables, headings, links = [], [], [], []
    section = lead = ""
    for number, token in enumerate(tokens):
        links += [str(child.attrs["href"]) for child in token.children or () if child.type == "link_open"]
        if token.type == "inline" and tokens[number - 1].type == "heading_open":
            headings.append(token.content)
            section, lead = token.content, ""
        elif token.type == "inline" and tokens[number - 1].type == "paragraph_open":
            lead = token.content
        elif token.type == "fence":
            line = token.map[0] + 1 if token.map else 0
            blocks.append(Block(token.info, token.content, lead, section, line))
            lead = ""
        elif token.type == "table_open":
            tables.append(Table(tuple(_rows(tokens[number:])), lead, section))
            lead = ""
    return Document(path, text, tuple(blocks), tuple(tables), tuple(headings), tuple(links))


def _rows(tokens: list[Token]) -> Iterator[tuple[str, ...]]:
    end = next(number for number, token in enumerate(tokens) if token.type == "table_close")
    row: list[str] = []
    for number, token in enumerate(tokens[:end]):
        if token.type == "inline" and tokens[number - 1].type == "td_open":
            row.append(token.content)
        elif token.type == "tr_close" and row:
            yield tuple(row)
            row = []


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@dataclass(frozen=True)
class Command:
    """A command at a prompt, and the output that is shown; none shown is none promised."""

    text: str
    shown: tuple[str, ...]


def commands(block: Block) -> list[Command]:
    """The commands of a ``console`` block."""
    found: list[tuple[str, list[str]]] = []
    for line in block.content.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [Command(text, tuple(shown)) for text, shown in found]


def fits(shown: str, real: str) -> bool:
    """Whether a text is the one that is shown, in which an ellipsis stands for anything."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ANYTHING else f"{re.escape(line.rstrip()).replace(ANYTHING, '.*')}[ ]*\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, f"{real.rstrip()}\n") is not None


@dataclass
class Shell:
    """A shell that keeps its variables and its background jobs from one command to the next."""

    folder: Path
    environment: Mapping[str, str]
    _mark: str = field(default_factory=lambda: secrets.token_hex(8))

    def __enter__(self) -> Self:
        # What the shell itself says, such as "Terminated", belongs to no command.
        self._process = subprocess.Popen(
            ["sh"],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._watchdog = threading.Timer(_LONGEST_SECONDS, self._end)
        self._watchdog.daemon = True
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.cancel()
        self._end()
        with self._process:
            pass

    def run(self, command: str) -> tuple[str, int]:
        """Give what a command printed, to both of its streams, and its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        script = f"{{ {command}\n}} </dev/null 2>&1\n_code=$?; echo; echo {self._mark} $_code; (exit $_code)\n"
        self._process.stdin.write(script)
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            if line.startswith(self._mark):
                return "".join(printed).removesuffix("\n"), int(line.split()[1])
            printed.append(line)
        raise AssertionError(f"The shell ended in the middle of {command!r}:\n{''.join(printed)}")

    def _end(self) -> None:
        """End the shell and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
