"""One run of tests: opens a deck for each, and decides what becomes of it afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shlex
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from undrift import store
from undrift.config import Mode, policy_named
from undrift.credentials import Credentials, find, stand_ins
from undrift.engine import Deck, DeckOptions, Origins, Policy, deck_in_use, hooks_for
from undrift.errors import (
    CassetteNotFoundError,
    CassetteNotWrittenError,
    CredentialError,
    LeakError,
    UndriftError,
    UsageError,
)
from undrift.match import MatchRules
from undrift.model import Cassette
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from undrift.config import Config
    from undrift.store.workspace import Workspace

# The modes of vcrpy and pytest-recording that undrift has by other names.
RECORD_MODES = {"none": Mode.REPLAY, "once": Mode.MISSING, "rewrite": Mode.RECORD}
RECORD_MODES_OF_VCRPY = ("new_episodes", "all")


@dataclass(frozen=True, slots=True)
class DeckSpec:
    """Which deck somebody wants.

    ``owner`` is the pytest node id, or names the fixture. ``options`` are vcrpy's names and
    ours, as given to the marker. ``record_mode`` is one of vcrpy's that has no name here.
    ``maker`` is the ``VCR`` object whose matchers the options may name, or None.
    """

    owner: str
    path: Path
    mode: Mode
    options: Mapping[str, Any] = field(default_factory=dict)
    extra: tuple[Path, ...] = ()
    record_mode: str = ""
    record_command: str = ""
    maker: Any = None


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of a deck: the take's path if one was kept, and what was done."""

    take: Path | None = None
    digest: str | None = None
    action: str = ""


class Session:
    """What all decks of a run share: configuration, credentials, workspace, clock."""

    def __init__(  # noqa: PLR0913 - each is one thing that comes from outside
        self,
        config: Config,
        workspace: Workspace,
        run: str,
        environment: Mapping[str, str],
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        *,
        mode: Mode,
        is_mode_explicit: bool = False,
        guarded: bool,
        leave: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        """``leave`` takes what a deck that no test owns left behind, as the data of a ``Note``."""
        self.config = config
        self.mode = mode
        self.is_mode_explicit = is_mode_explicit
        self.leave = leave
        self.workspace = workspace
        self.run = run
        self._clock = clock
        self._guarded = guarded
        self._environment = environment
        self._found: dict[bool, Credentials] = {}
        bindings = tuple(
            (service.name, environment[variable])
            for service in config.services
            if (variable := f"UNDRIFT_ORIGIN_{service.name.upper().replace('-', '_')}") in environment
        )
        self.origins = origins_of(config)
        for service, origin in bindings:
            self.origins = self.origins.bound(service, origin)

    def credentials(self, mode: Mode) -> Credentials:
        """The credentials for a mode: the real ones where requests are sent, else stand-ins.

        Raises CredentialError where one that was found may not be used.
        """
        is_replay = mode is Mode.REPLAY
        if is_replay not in self._found:
            needed = [pair for service in self.config.services for pair in service.credentials]
            self._found[is_replay] = (
                stand_ins(needed) if is_replay else find(needed, self._environment, self.workspace.root)
            )
        return self._found[is_replay]

    def secrets(self, mode: Mode) -> Secrets:
        """All that must never be stored in a mode."""
        return self.credentials(mode).secrets()

    def open(self, spec: DeckSpec) -> OpenDeck:
        """A deck for a test; raises CassetteError where the cassette is broken.

        A broken cassette is an error in every mode that would read or replace it, and
        before the first request.
        """
        if spec.options.get("client_drift") is not None:
            policy_named(spec.options["client_drift"], f"client_drift of {spec.owner}")
        stored = _read(spec.path)
        extra = tuple(found for found in map(_read, spec.extra) if found is not None)
        policy = _policy(spec, exists=stored is not None or bool(extra))
        foreign = policy is not Policy.RECORD and any(not cassette.is_ours for cassette in (stored, *extra) if cassette)
        replays = policy is Policy.PLAY
        options = DeckOptions(
            policy=policy,
            rules=MatchRules(match_headers=_match_headers(self.config)),
            origins=self.origins,
            secrets=self.secrets(Mode.REPLAY if replays else spec.mode),
            hooks=hooks_for(spec.options, foreign=foreign, maker=spec.maker),
            repeats=bool(spec.options.get("allow_playback_repeats", False)),
            guarded=replays and self._guarded,
            allowed_hosts=self.config.allowed_hosts,
            record_command=spec.record_command or f"undrift record {shlex.quote(spec.owner)}",
        )
        deck = Deck(stored, options, path=self.workspace.relative(spec.path), extra=extra, clock=self._timestamp)
        return OpenDeck(self, spec, deck, stored)

    def _timestamp(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")


class OpenDeck:
    """A deck in use, and what to do with it when its test is over."""

    def __init__(self, session: Session, spec: DeckSpec, deck: Deck, stored: Cassette | None) -> None:
        self.spec = spec
        self.deck = deck
        self.stored = stored
        self._session = session
        self._stack = ExitStack()

    def __enter__(self) -> Deck:
        return self._stack.enter_context(deck_in_use(self.deck))

    def __exit__(self, *_: object) -> None:
        """Stop playing or recording; nothing is stored by this."""
        self._stack.close()

    @property
    def client_drift_policy(self) -> str:
        """What client drift of this deck does: ``fail``, ``warn`` or ``ignore``."""
        chosen = self.spec.options.get("client_drift") or self._session.config.client_drift
        if chosen is not None:
            return str(chosen)
        return "fail" if self.stored is not None and self.stored.is_ours else "warn"

    def finish(self, *, passed: bool) -> Closed:
        """Store what was recorded, where it belongs.

        A cassette is replaced only after a test that passed; the take of any other test is
        kept beside. Raises CassetteNotWrittenError, and then the old cassette is whole.
        """
        if self.deck.options.policy is Policy.PLAY:
            return Closed()
        if self.spec.mode is Mode.CHECK:
            return Closed(self._write_take(), _digest(self.spec.path))
        if not passed:
            return Closed(self._write_take(), action="kept" if self.stored is not None else "")
        if not self.deck.has_recorded and (self.stored is None or self.deck.options.policy is Policy.EXTEND):
            return Closed()
        try:
            self._write(self.spec.path, _merged(self.spec, self.stored, self.deck.take()))
        except LeakError:
            raise
        except CassetteNotWrittenError as error:
            raise CassetteNotWrittenError(error.path, f"{error.problem}{self._where_the_take_is()}") from error
        return Closed(action="recorded")

    def _where_the_take_is(self) -> str:
        """Keep the take of a cassette that cannot be written; the same disk may refuse that too."""
        with suppress(UndriftError):
            take = self._write_take()
            return "" if take is None else f" What was recorded is in {self._session.workspace.relative(take)}."
        return ""

    def _write_take(self) -> Path | None:
        if not self.deck.has_recorded:
            return None
        self._session.workspace.ensure()
        path = self._session.workspace.take_path(self._session.run, self.spec.path)
        self._write(path, self.deck.take())
        return path

    def _write(self, path: Path, cassette: Cassette) -> None:
        secrets = self._session.secrets(self.spec.mode)
        owned = Cassette(
            cassette.interactions, cassette.failures, self.spec.owner, cassette.recorded_values, cassette.metadata
        )
        store.write(path, scrub(owned, secrets), secrets)


def record_mode_named(word: Any) -> tuple[Mode, str]:
    """The mode that a record mode of vcrpy is, and its own name where it is none of ours.

    Raises UsageError for a word that is no record mode.
    """
    name = str(getattr(word, "value", word))
    if name in RECORD_MODES_OF_VCRPY:
        return Mode.RECORD, name
    if name not in RECORD_MODES:
        valid = ", ".join((*RECORD_MODES, *RECORD_MODES_OF_VCRPY))
        raise UsageError(f"record_mode is {name!r}, which is not valid. Valid are: {valid}.")
    return RECORD_MODES[name], ""


def origins_of(config: Config) -> Origins:
    """The origins that the configured services claim."""
    return Origins(tuple((service.name, service.origins) for service in config.services))


def known_secrets(config: Config, root: Path) -> Secrets:
    """The values of all credentials that can be found; none where they may not be used."""
    needed = [pair for service in config.services for pair in service.credentials]
    try:
        return find(needed, os.environ, root).secrets()
    except CredentialError:
        return Secrets.named({})


def _policy(spec: DeckSpec, *, exists: bool) -> Policy:
    if spec.record_mode == "new_episodes":
        return Policy.EXTEND
    if spec.record_mode == "all" or spec.mode in {Mode.RECORD, Mode.CHECK}:
        return Policy.RECORD
    if spec.mode is Mode.MISSING and not exists:
        return Policy.RECORD
    return Policy.PLAY


def _merged(spec: DeckSpec, stored: Cassette | None, take: Cassette) -> Cassette:
    """For vcrpy's mode ``all``, what was not recorded again stays; else the take is all."""
    if spec.record_mode != "all" or stored is None:
        return take
    again = {(interaction.request.method, interaction.request.url) for interaction in take.interactions}
    kept = [old for old in stored.interactions if (old.request.method, old.request.url) not in again]
    return take.with_interactions((*kept, *take.interactions))


def _match_headers(config: Config) -> tuple[str, ...]:
    names: Iterable[str] = (name for service in config.services for name in service.match_headers)
    return tuple(dict.fromkeys((*config.match_headers, *names)))


def _read(path: Path) -> Cassette | None:
    try:
        return store.read(path)
    except CassetteNotFoundError:
        return None


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
