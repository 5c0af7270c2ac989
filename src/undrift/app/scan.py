"""``undrift scan``: secrets that are in files already, by value, by name and by shape."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from undrift.app.credential import known_values
from undrift.app.detector import detector
from undrift.errors import CassetteError, UsageError
from undrift.scrub import leaks, scrub
from undrift.scrub.shapes import is_allowed, is_made_up, tokens
from undrift.store import loads
from undrift.store.last_look import places
from undrift.store.workspace import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from undrift.app.detector import Detected
    from undrift.app.project import Project
    from undrift.model import Cassette
    from undrift.scrub import Secrets

_CASSETTES = {".yaml", ".yml", ".json"}
# Of others, and not of the project that is scanned.
_FOREIGN_FOLDERS = {".git", ".venv", "__pycache__", "node_modules", "venv"}
_PLACEHOLDER = re.compile(r"<(secret:[A-Za-z0-9_.-]+:[0-9]+|[A-Za-z_][A-Za-z0-9_.-]*)>")
_NAMES_A_DIGEST = re.compile(r"integrity|shasum|checksum|digest|etag|md5|sha-?\d+|fingerprint|hash", re.IGNORECASE)
_NO_DETECTOR = (
    "detect-secrets is not installed, so only known values, names of secrets and the tokens that undrift knows by "
    "itself were looked for. Run `pip install 'undrift[scan]'` for more."
)
_AS_LONG_AS_A_TOKEN = 16
_LETTERS_OF_A_FILLER = 2
_A_WORD = re.compile(r"(?:(?:Bearer|Basic|Token) +)?\W*(?:[A-Z]+|[a-z]+)(?:[\s_-](?:[A-Z]+|[a-z]+))*\W*|\W*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret that was found: in which file, where in it first, and what it is; never its value.

    ``more`` is the number of further places of the same file where it stands too.
    """

    file: str
    place: str
    what: str
    more: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan gave. ``remarks`` are sentences about what it could not look for."""

    hits: tuple[Hit, ...]
    files: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for."""

    secrets: Secrets
    not_secret: tuple[str, ...]
    detect: Callable[[str], Iterator[Detected]] | None


class _Found(NamedTuple):
    """A secret at one place; ``identity`` tells tokens of one look from each other."""

    place: str
    what: str
    identity: int = 0


def scan(project: Project, paths: Sequence[Path], *, is_offline: bool = False) -> Scan:
    """Search files, and all files in folders; without any, the cassettes and what undrift keeps of its runs.

    Raises UsageError for a path that does not exist, and a file that cannot be read.
    """
    known, remarks = known_values(project, is_offline=is_offline)
    detect = detector()
    if detect is None:
        remarks += (_NO_DETECTOR,)
    search = _Search(known, project.config.not_secret, detect)
    files = list(_files(paths) if paths else _files(_usual(project)))
    hits = [hit for file in files for hit in _in_file(file, _shown(file, project.root), search)]
    return Scan(tuple(hits), len(files), remarks)


def in_words(done: Scan) -> str:
    """What was found in how many files, and what to do now."""
    files = "1 file" if done.files == 1 else f"{done.files} files"
    if not done.hits:
        return f"No secret was found in {files}."
    number = "1 secret was" if len(done.hits) == 1 else f"{len(done.hits)} secrets were"
    return (
        f"{number} found in {files}. Renew what was committed or sent to anybody. Then declare it as a credential, or "
        f"name its field under redact of its service, and record again."
    )


def _usual(project: Project) -> Iterator[Path]:
    """The folders of cassettes, and undrift's own."""
    own = project.root / FOLDER
    if own.is_dir():
        yield own
    if project.config.is_explicit:
        cassettes = project.root / project.config.cassettes
        if cassettes.is_dir():
            yield cassettes
        return
    for folder, names, _ in os.walk(project.root):
        names[:] = sorted(name for name in names if name not in _FOREIGN_FOLDERS and not name.startswith("."))
        if "cassettes" in names:
            names.remove("cassettes")
            yield Path(folder, "cassettes")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for folder, names, files in os.walk(path):
                names[:] = sorted(name for name in names if name not in _FOREIGN_FOLDERS)
                # A pipe would keep whoever reads it waiting.
                yield from (file for name in sorted(files) if (file := Path(folder, name)).is_file())
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"{path} is no file and no folder. Give some, or nothing for all cassettes.")


def _shown(file: Path, root: Path) -> str:
    path = file.absolute()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file.as_posix()


def _in_file(file: Path, name: str, search: _Search) -> Iterator[Hit]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be scanned: {error.strerror or error}.") from error
    cassette = _cassette(file, content)
    found = list(_in_cassette(cassette, search)) if cassette is not None else []
    # What is in no interaction: comments, notes, and all of a file that is no cassette.
    told = {one.what for one in found}
    in_lines = _in_lines(content, search, has_shapes=cassette is None)
    found += [one for one in in_lines if one.what not in told]
    yield from _hits(name, found)


def _hits(file: str, found: Iterable[_Found]) -> Iterator[Hit]:
    """One for each secret, in the order of their first places."""
    where: dict[_Found, dict[str, None]] = {}
    for one in found:
        where.setdefault(one._replace(place=""), {})[one.place] = None
    for known, spots in where.items():
        yield Hit(file, next(iter(spots)), known.what, len(spots) - 1)


def _cassette(file: Path, content: bytes) -> Cassette | None:
    if file.suffix not in _CASSETTES:
        return None
    try:
        return loads(content.decode("utf-8-sig"), file)
    except (CassetteError, UnicodeDecodeError):
        return None


def _in_cassette(cassette: Cassette, search: _Search) -> Iterator[_Found]:
    """By value and by name: whatever scrubbing replaces. By shape: what it leaves."""
    scrubbed = scrub(cassette, search.secrets)
    values = dict(scrubbed.found.pairs)
    secrets = search.secrets | scrubbed.found
    before: dict[str, list[bytes]] = {}
    for spot in places(cassette):
        before.setdefault(spot.words, []).append(spot.data)
    in_texts: dict[str, set[_Found]] = {}
    for spot in places(scrubbed.cassette):
        # All of a body comes after its texts, and has what they have once more.
        told = in_texts.get(spot.owner) if spot.part == "body" and not spot.is_part else None
        name = spot.pointer.rpartition("/")[2] or spot.part
        found = list(_tokens(spot.data, spot.words, name, search, is_again=told is not None))
        if spot.data not in before.get(spot.words, ()):
            for old in before.get(spot.words, ()):
                leaked = {leak.name: values.get(leak.name, "") for leak in leaks(old, secrets)}
                names = {**leaked, **_replaced(old, spot.data, {name for name, _ in secrets.pairs})}
                found += (_named(one, spot.words) for one, value in names.items() if not _says_nothing(value))
        if spot.is_part:
            in_texts.setdefault(spot.owner, set()).update(one._replace(place="") for one in found)
        yield from (one for one in found if told is None or one._replace(place="") not in told)


def _named(name: str, place: str) -> _Found:
    _, is_numbered, rest = name.partition("secret:")
    if not is_numbered:
        return _Found(place, f"the credential {name}")
    label = rest.rpartition(":")[0]
    # The one kind of secret that scrubbing knows by its look.
    return _Found(place, "a JSON Web Token" if label == "jwt" else f"a secret by its name, {label}")


def _replaced(old: bytes, clean: bytes, known: set[str]) -> dict[str, str]:
    """The names in the placeholders of some scrubbed bytes, each with what stood there; "" where that is unclear."""
    text, original = _unescaped(clean), _unescaped(old)
    names = _PLACEHOLDER.findall(text)
    between = "(.*?)".join(map(re.escape, _PLACEHOLDER.sub("\0", text).split("\0")))
    stood = re.fullmatch(between, original, re.DOTALL)
    values = stood.groups() if stood is not None else [""] * len(names)
    # An element of XML is written like a placeholder.
    real = (pair for pair in zip(names, values, strict=True) if pair[0] in known or pair[0].startswith("secret:"))
    return {name: value for name, value in real if value != f"<{name}>"}


def _unescaped(data: bytes) -> str:
    return unquote(data.decode("utf-8", "replace")).replace("&lt;", "<").replace("&gt;", ">")


def _says_nothing(value: str) -> bool:
    """Whether a value beside a secret's name is a word in place of one: ``DUMMY``, ``[FILTERED]``, ``***``."""
    is_long = len(value) >= _AS_LONG_AS_A_TOKEN
    is_filler = is_made_up(value.encode()) if is_long else 0 < len(set(value)) <= _LETTERS_OF_A_FILLER
    return is_filler or (bool(value) and _A_WORD.fullmatch(value) is not None)


def _tokens(data: bytes, place: str, name: str, search: _Search, *, is_again: bool = False) -> Iterator[_Found]:
    """What looks like a token, whoever knows that look; of what was seen before only what undrift knows."""
    seen = []
    for token in tokens(data, not_secret=search.not_secret):
        seen.append(token.value)
        yield _Found(place, f"what looks like a token: {token.kind}", hash(token.value))
    if search.detect is None or is_again or _NAMES_A_DIGEST.search(name):
        return
    for line in data.decode("utf-8", "replace").splitlines():
        for one in search.detect(line):
            value = one.value.encode()
            # What scrubbing put in place of a secret stands where a detector looks for one.
            is_told = any(value in known or known in value for known in seen) or _PLACEHOLDER.search(_unescaped(value))
            if not is_told and not is_made_up(value) and not is_allowed(value, search.not_secret):
                yield _Found(place, f"what looks like a token: {one.kind}", hash(value))


def _in_lines(content: bytes, search: _Search, *, has_shapes: bool) -> Iterator[_Found]:
    for leak in leaks(content, search.secrets):
        number = content.count(b"\n", 0, leak.offset) + 1
        yield _Found(f"line {number}", f"the credential {leak.name}")
    if has_shapes:
        # A private key goes over many lines.
        for token in tokens(content, not_secret=search.not_secret):
            if b"\n" in token.value:
                number = content.count(b"\n", 0, token.offset) + 1
                yield _Found(f"line {number}", f"what looks like a token: {token.kind}", hash(token.value))
        for number, line in enumerate(content.split(b"\n"), 1):
            yield from _tokens(line, f"line {number}", "", search)
