"""YAML and JSON text as a tree of nodes that know their lines.

The only importer of ``yaml``. Nothing is constructed but plain data: a reader walks the tree
and takes what it expects, so no tag in a file can run anything. Five Python tags are known,
those that vcrpy's own loader builds from plain data; any other is an error.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from undrift.errors import CassetteUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # pragma: no cover - PyYAML without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

_YAML = "tag:yaml.org,2002:"
STR, NULL, BINARY, MERGE = f"{_YAML}str", f"{_YAML}null", f"{_YAML}binary", f"{_YAML}merge"
TUPLE = f"{_YAML}python/tuple"
BYTES_IO = f"{_YAML}python/object/new:_io.BytesIO"
ITERATOR = f"{_YAML}python/object/apply:builtins.iter"
_STRINGS = frozenset({STR, f"{_YAML}python/str", f"{_YAML}python/unicode"})
_PLAIN_TAGS = frozenset(
    f"{_YAML}{name}"
    for name in (
        "null",
        "bool",
        "int",
        "float",
        "binary",
        "timestamp",
        "merge",
        "value",
        "seq",
        "map",
        "set",
        "omap",
        "pairs",
    )
)
_KNOWN_TAGS = _PLAIN_TAGS | _STRINGS | {TUPLE, BYTES_IO, ITERATOR}
# What may be a tag in a file; a file with none but these needs no look at each node.
_TAG = re.compile(r"![^\s,\[\]{}]*|%TAG")
_BEFORE_TAG = frozenset(" \t\r\n[{,:?-")
_COMMON_TAGS = frozenset({"!!binary", "!!python/tuple", "!!python/unicode", "!!python/str"})

# With what a plain scalar begins that is no text: a number, a date, true, no, null, "<<" …
_FIRST_OF_OTHERS = frozenset({"", *"0123456789+-.<=~yYnNtTfFoO"})

# Deeper nesting is no cassette's; libyaml's composer would overflow the C stack.
_DEEPEST = 100
# What aliases may add to a file: this many times its length, or this many letters.
_EXPANSION_FACTOR = 10
_EXPANSION_LETTERS = 10_000_000
# What a node and a pair cost beside their letters: memory and time, and a file spends two letters on a node at least.
_LETTERS_OF_A_NODE = 15
_LETTERS_OF_A_PAIR = 100

_MEND = "Repair the file, restore it from version control, or delete it and record it again."

Node = yaml.Node
_Pair = tuple[yaml.Node, yaml.Node]


class _TooDeepError(Exception):
    """Nesting beyond every cassette; ``line`` counts from 1."""

    def __init__(self, line: int | None) -> None:
        super().__init__()
        self.line = line


class _Loader(_SafeLoader):
    """PyYAML's safe loader, used for its tree alone, with a bound on nesting."""

    depth = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Called by the composer before each node, with the one that it is in."""
        del current_index
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeepError(current_node.start_mark.line + 1)

    def ascend_resolver(self) -> None:
        """Called by the composer after each node."""
        self.depth -= 1

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none: text, for most scalars, at a glance."""
        if kind is yaml.ScalarNode and (not implicit[0] or value[:1] not in _FIRST_OF_OTHERS):
            return STR
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]  # PyYAML's stubs are bare


class Source:
    """One file's tree, and typed access to its nodes; every refusal names file and line."""

    __slots__ = ("_letters_left", "path", "root")

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self._letters_left = max(len(text) * _EXPANSION_FACTOR, _EXPANSION_LETTERS)
        if not text.strip():
            self.fail("The file is empty")
        # vcrpy's other serializer writes JSON; undrift's own files never begin so.
        self.root = self._from_json(text) if text.lstrip().startswith("{") else self._from_yaml(text)

    def fail(self, problem: str, node: Node | None = None, *, line: int | None = None) -> NoReturn:
        """Raise CassetteUnreadableError: a problem, without its full stop, at a node or line."""
        if node is not None and node.start_mark is not None:
            line = node.start_mark.line + 1
        raise CassetteUnreadableError(self.path, f"{problem}. {_MEND}", line=line)

    def mapping(self, node: Node, what: str) -> dict[str, Node]:
        """A mapping's nodes by key; ``what`` names it in the error where it is none."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(f"{what} must be a mapping, not {_describe(node)}", node)
        found: dict[str, Node] = {}
        merged, own = self._pairs(node, what)
        for key, value in merged:
            found[self.text(key, f"A key of {what}")] = value
        names = set()
        for key, value in own:
            name = self.text(key, f"A key of {what}")
            if name in names:
                self.fail(f"{what} has the key {name!r} twice", key)
            names.add(name)
            found[name] = value
        return found

    def items(self, node: Node, what: str) -> list[Node]:
        """A list's nodes; a Python tuple is one too."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(f"{what} must be a list, not {_describe(node)}", node)
        return node.value  # type: ignore[no-any-return]  # PyYAML's nodes hold Any

    def text(self, node: Node, what: str) -> str:
        """A scalar's text; a number or a date is taken as it is written."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(f"{what} must be text, not {_describe(node)}", node)
        if node.tag == BINARY:
            return self.binary(node, what).decode("latin-1")
        self._spend(len(node.value), node)
        return "" if node.tag == NULL else node.value

    def integer(self, node: Node, what: str) -> int:
        """A whole number."""
        text = self.text(node, what)
        if node.tag != f"{_YAML}int" or not re.fullmatch(r"-?[0-9]{1,18}", text):
            self.fail(f"{what} must be a whole number, not {_describe(node)}", node)
        return int(text)

    def binary(self, node: Node, what: str) -> bytes:
        """The bytes of a ``!!binary`` scalar or other base64 text."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(f"{what} must be base64 text, not {_describe(node)}", node)
        self._spend(len(node.value), node)
        try:
            return base64.b64decode("".join(node.value.split()), validate=True)
        except (binascii.Error, ValueError):
            self.fail(f"{what} is no valid base64", node)

    def is_list(self, node: Node) -> bool:
        """Whether a node is a list or a Python tuple."""
        return isinstance(node, yaml.SequenceNode)

    def plain(self, node: Node, what: str, depth: int = 0) -> Any:
        """Any plain data: what the user keeps in ``metadata``, or the ``recorded`` fixture kept."""
        self._spend(_LETTERS_OF_A_NODE, node)
        if depth > _DEEPEST:
            self.fail(f"{what} is nested too deeply", node)
        if isinstance(node, yaml.MappingNode):
            return self._plain_mapping(node, what, depth + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, what, depth + 1) for item in node.value]
        return self._plain_scalar(node, what)

    def _plain_scalar(self, node: Node, what: str) -> Any:
        if node.tag == BINARY:
            return self.binary(node, what)
        self._spend(len(node.value), node)
        if node.tag in _STRINGS:
            return node.value
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, ValueError):
            # PyYAML trusts a tag: what is no date breaks it as an attribute of None, and so on.
            self.fail(f"{what} holds {node.value!r}, which is no {node.tag.rpartition(':')[2]}", node)

    def _plain_mapping(self, node: yaml.MappingNode, what: str, depth: int) -> dict[Any, Any]:
        merged, own = self._pairs(node, what)
        found = {}
        for key, value in (*merged, *own):
            if not isinstance(key, yaml.ScalarNode):
                self.fail(f"{what} has a key that is no scalar", key)
            found[self._plain_scalar(key, what)] = self.plain(value, what, depth)
        return found

    def _pairs(self, node: yaml.MappingNode, what: str) -> tuple[list[_Pair], list[_Pair]]:
        """What merge keys (``<<``) bring into a mapping, the first of several last; and its own pairs."""
        merged: list[_Pair] = []
        own: list[_Pair] = []
        for key, value in node.value:
            if key.tag != MERGE:
                own.append((key, value))
                continue
            for part in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
                if not isinstance(part, yaml.MappingNode):
                    self.fail(f"{what} merges {_describe(part)}, which is no mapping", key)
                for pairs in self._pairs(part, what):
                    self._spend(_LETTERS_OF_A_PAIR * len(pairs), part)
                    merged += pairs
        return merged, own

    def fail_for_loop(self) -> NoReturn:
        """Refuse a tree in which an alias leads back to itself, at the node that it is in."""
        self.fail("An alias in it leads back to itself", _in_itself(self.root))

    def _spend(self, letters: int, node: Node) -> None:
        self._letters_left -= letters
        if self._letters_left < 0:
            self.fail("Its aliases expand to far more than the file", node)

    def _from_json(self, text: str) -> Node:
        try:
            return _json_node(json.loads(text, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number))
        except json.JSONDecodeError as error:
            if self.path.suffix != ".json":
                return self._from_yaml(text)
            self.fail(f"It is no valid JSON ({error.msg})", line=error.lineno)
        except RecursionError:
            self.fail("It is nested too deeply for a cassette")

    def _from_yaml(self, text: str) -> Node:
        try:
            root = _compose(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = " ".join(part for part in (error.context, error.problem) if part)
            self.fail(f"It is no valid YAML ({problem})", line=None if mark is None else mark.line + 1)
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self.fail(f"It is no valid YAML (the character {error.character!r} is not allowed)", line=line)
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            self.fail(f"It is no valid YAML ({error})")
        except _TooDeepError as error:
            self.fail("It is nested too deeply for a cassette", line=error.line)
        if root is None:
            self.fail("The file holds nothing but comments")
        if _has_rare_tags(text):
            self._check_tags(root)
        return root

    def _check_tags(self, root: Node) -> None:
        for node in _walk(root):
            if node.tag not in _KNOWN_TAGS:
                tag = node.tag.replace(_YAML, "!!")
                self.fail(f"The tag {tag} is not among those that a cassette may hold; nothing was built from it", node)


def _compose(text: str) -> Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _has_rare_tags(text: str) -> bool:
    """Whether a text holds, or may hold, a tag that is not among the common ones."""
    return any(
        found[0] not in _COMMON_TAGS
        for found in _TAG.finditer(text)
        if found.start() == 0 or text[found.start() - 1] in _BEFORE_TAG
    )


class _Pairs(list[tuple[str, Any]]):
    """A JSON object, with its repeated keys."""


class _Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


def _json_node(value: Any) -> Node:
    if isinstance(value, _Pairs):
        pairs = [(_json_node(key), _json_node(item)) for key, item in value]
        return yaml.MappingNode(f"{_YAML}map", pairs)
    if isinstance(value, list):
        return yaml.SequenceNode(f"{_YAML}seq", [_json_node(item) for item in value])
    if isinstance(value, _Number):
        return yaml.ScalarNode(f"{_YAML}{'int' if value.lstrip('-').isdigit() else 'float'}", str(value))
    if isinstance(value, str):
        return yaml.ScalarNode(STR, value)
    if value is None:
        return yaml.ScalarNode(NULL, "null")
    return yaml.ScalarNode(f"{_YAML}bool", "true" if value is True else "false")


def _walk(root: Node) -> Iterator[Node]:
    """Every node once, however many aliases lead to it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting.extend(_children(node))


def _in_itself(root: Node) -> Node | None:
    """A node that is among those below it; None where there is none."""
    above: set[int] = set()
    done: set[int] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_left = waiting.pop()
        if is_left:
            above.discard(id(node))
            done.add(id(node))
        elif id(node) in above:
            return node
        elif id(node) not in done:
            above.add(id(node))
            waiting.append((node, True))
            waiting.extend((child, False) for child in _children(node))
    return None


def _children(node: Node) -> list[Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _describe(node: Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "null" if node.tag == NULL else f"{node.value[:40]!r}"
