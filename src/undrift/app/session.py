"""One run of tests: what all its decks share, and how each is opened."""

from __future__ import annotations

import datetime as dt
import os
import shlex
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from undrift import __version__, credentials, scrub, store
from undrift.app.credential import checked_origin, needed_by, providers_of, secret_names, values_at_hand
from undrift.app.open_deck import OpenDeck
from undrift.config import Mode, policy_named
from undrift.engine import (
    Deck,
    DeckOptions,
    Origins,
    Policy,
    SendRules,
    current_deck,
    hooks_for,
    variable_of,
)
from undrift.engine.shelf import shelf_for
from undrift.errors import (
    CassetteNotFoundError,
    CredentialError,
    CredentialMissingError,
    StrayRequestError,
    UsageError,
)
from undrift.match import MatchRules
from undrift.scrub import Secrets
from undrift.store.cache import Cache
from undrift.store.claims import Claims

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from undrift.app.open_deck import DeckSpec
    from undrift.config import Config
    from undrift.credentials import Answered, Credentials, LookUp
    from undrift.engine.shelf import Shelf
    from undrift.model import Cassette
    from undrift.store.workspace import Workspace

# The modes of vcrpy and pytest-recording that undrift has by other names.
RECORD_MODES = {"none": Mode.REPLAY, "once": Mode.MISSING, "rewrite": Mode.RECORD}
RECORD_MODES_OF_VCRPY = ("new_episodes", "all")


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
        read_only: bool = False,
        is_one_of_many: bool = False,
        answered: tuple[Answered, ...] | None = None,
        leave: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        """``leave`` takes what a deck that no test owns left behind, as the data of a ``Note``.

        With ``read_only`` nothing but GET and HEAD is sent, and to read-only origins alone.
        ``is_one_of_many`` says that other processes are of the same run.
        ``answered`` is what remote providers of credentials said to the process that started
        this one; None where nobody asked them.
        """
        self.config = config
        self._rules = _match_rules(config)
        self._sending = _send_rules(config, only_reading=read_only)
        self.mode = mode
        self.is_mode_explicit = is_mode_explicit
        self.leave = leave
        self.workspace = workspace
        self.run = run
        self._clock = clock
        self._guarded = guarded
        self._environment = environment
        self._read_only = read_only
        self._answered = answered
        self._looked: LookUp | None = None
        self._found: dict[bool, Credentials] = {}
        self._secrets: dict[Mode, Secrets] = {}
        self._held: dict[bool, dict[str, str]] = {}
        self._decks: WeakSet[Deck] = WeakSet()
        self._cache = Cache(workspace, __version__)
        self.claims = Claims(workspace.claims_folder(run) if is_one_of_many else None)
        self.origins = origins_of(config)
        for service in config.services:
            variable = variable_of(service.name)
            if environment.get(variable):
                self.bind(service.name, environment[variable], f"The environment variable {variable}")

    def bind(self, service: str, url: str, where: str) -> None:
        """Take an address for one of a service's from now on, in the decks that are open too.

        Raises ConfigError, which says ``where`` it was asked for, for a service or an address
        that is none.
        """
        __tracebackhide__ = True
        address = checked_origin(self.config, service, url, where)
        self.origins = self.origins.bound(service, address)
        for deck in tuple(self._decks):
            deck.bind(service, address)

    def credentials(self, mode: Mode) -> Credentials:
        """The credentials for a mode: the real ones where requests are sent, else stand-ins.

        Raises CredentialError where one that was found may not be used, and where somebody
        who was asked for it failed.
        """
        is_replay = mode is Mode.REPLAY
        if is_replay not in self._found:
            needed = needed_by(self.config, read_only=self._read_only)
            if not is_replay and self._looked is None:
                providers = providers_of(self.config, self._environment, self.workspace.root, asked=self._answered)
                self._looked = credentials.look_up((one.name for one in needed), providers)
            self._found[is_replay] = (
                credentials.stand_ins(needed)
                if self._looked is None or is_replay
                else credentials.judged(needed, self._looked)
            )
        return self._found[is_replay]

    def credential(self, name: str) -> str:
        """A credential for whoever asks here and now: the real one where requests are sent, else a stand-in.

        Raises CredentialError where no service names it or it may not be used, and
        CredentialMissingError where it was not found and the deck in use does not play.
        """
        __tracebackhide__ = True
        policy = self._policy_here()
        sends = policy is not None and policy is not Policy.PLAY
        mode = Mode.RECORD if sends and self.mode is Mode.REPLAY else self.mode
        try:
            return self.credentials(mode).get(name)
        except CredentialMissingError:
            if policy is not Policy.PLAY:
                raise
            return self.credentials(Mode.REPLAY).get(name)

    def _policy_here(self) -> Policy | None:
        try:
            deck = current_deck()
        except StrayRequestError:
            return None
        return None if deck is None else deck.options.policy

    def answers(self) -> tuple[Answered, ...] | None:
        """What the remote providers of credentials said, for the processes that this one starts; None if not asked."""
        if self._looked is None:
            return None
        return tuple(credentials.Answered(name, answer) for name, answer in self._looked.answers)

    def secrets(self, mode: Mode) -> Secrets:
        """All that must never be stored in a mode: values, and the names that tell of further ones."""
        if mode not in self._secrets:
            # Kept: what is looked for is worked out once for each.
            known = self.credentials(mode).secrets() if self.config.has_credentials else Secrets()
            if mode is Mode.REPLAY:
                # Code under test may read the real one by itself: what it sends was recorded without it.
                known |= values_at_hand(self.config, self._environment)
            self._secrets[mode] = known | Secrets(names=secret_names(self.config))
        return self._secrets[mode]

    def refuse_named_after(self, tests: Sequence[str], mode: Mode) -> None:
        """Raise CredentialError where the name of a test holds a credential: it would name files, too."""
        known = self.credentials(mode).secrets()
        for test in tests:
            if leak := next(iter(scrub.leaks(test.encode("utf-8", "surrogatepass"), known)), None):
                raise CredentialError(
                    f"The test {scrub.scrub_text(test, known)} has the value of the credential {leak.name} in its "
                    f"name, which would name its cassette, too. No request was sent; give the parameter an id, or ask "
                    f"the fixture `credentials` for the value."
                )

    def _secrets_of_both(self, mode: Mode) -> Secrets:
        """The secrets of a mode, and the stand-ins of replay."""
        return self.secrets(mode) if mode is Mode.REPLAY else self.secrets(mode) | self.secrets(Mode.REPLAY)

    def _handed_out(self, *, replays: bool) -> dict[str, str]:
        """The credentials that a test is given, by name: the real ones where this run has them, else stand-ins."""
        if not self.config.has_credentials:
            return {}
        if replays not in self._held:
            stand_ins = self.credentials(Mode.REPLAY).secrets().pairs if replays else ()
            self._held[replays] = dict((*stand_ins, *self.credentials(self.mode).secrets().pairs))
        return self._held[replays]

    def open(self, spec: DeckSpec) -> OpenDeck:
        """A deck for a test; raises CassetteError where the cassette is broken.

        A broken cassette is an error in every mode that would read or replace it, and
        before the first request.
        """
        if spec.options.get("client_drift") is not None:
            policy_named(spec.options["client_drift"], f"client_drift of {spec.owner}")
        shelf = shelf_for(spec.options, spec.maker)
        stored = self.read(spec.path, shelf)
        others = (self.read(path, shelf) for path in dict.fromkeys(spec.extra) if path != spec.path)
        extra = tuple(found for found in others if found is not None)
        policy = _policy(spec, exists=stored is not None or bool(extra))
        foreign = policy is not Policy.RECORD and any(not cassette.is_ours for cassette in (stored, *extra) if cassette)
        replays = policy is Policy.PLAY
        options = DeckOptions(
            policy=policy,
            rules=self._rules,
            origins=self.origins,
            sending=self._sending,
            # A test that plays may have been given either, where other tests of its run record.
            secrets=self._secrets_of_both(spec.mode) if replays else self.secrets(spec.mode),
            handed_out=self._handed_out(replays=replays),
            hooks=hooks_for(spec.options, foreign=foreign, maker=spec.maker),
            repeats=bool(spec.options.get("allow_playback_repeats", False)),
            guarded=replays and self._guarded,
            allowed_hosts=self.config.allowed_hosts,
            record_command=spec.record_command or f"undrift record {shlex.quote(spec.owner)}",
        )
        deck = Deck(
            stored,
            options,
            path=self.workspace.relative(spec.path),
            file=str(spec.path),
            extra=extra,
            clock=self._timestamp,
        )
        self._decks.add(deck)
        return OpenDeck(self, spec, deck, stored, shelf)

    def read(self, path: Path, shelf: Shelf | None) -> Cassette | None:
        """What lies there, by the user's own means where there are any; None where there is nothing."""
        try:
            cassette = shelf.load(path) if shelf is not None and shelf.has_storage else store.read(path, self._cache)
        except CassetteNotFoundError:
            return None
        return cassette if shelf is None else shelf.shaped_after_loading(cassette)

    def _timestamp(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")


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
    needed, names = needed_by(config), Secrets(names=secret_names(config))
    try:
        return credentials.find(needed, providers_of(config, os.environ, root)).secrets() | names
    except CredentialError:
        return names


def _policy(spec: DeckSpec, *, exists: bool) -> Policy:
    if spec.record_mode == "new_episodes":
        return Policy.EXTEND
    if spec.record_mode == "all" or spec.mode in {Mode.RECORD, Mode.CHECK}:
        return Policy.RECORD
    if spec.mode is Mode.MISSING and not exists:
        return Policy.RECORD
    return Policy.PLAY


def _match_rules(config: Config) -> MatchRules:
    headers = (name for service in config.services for name in service.match_headers)
    volatile = (place for service in config.services for place in service.volatile)
    return MatchRules(tuple(dict.fromkeys((*config.match_headers, *headers))), tuple(dict.fromkeys(volatile)))


def _send_rules(config: Config, *, only_reading: bool) -> SendRules:
    return SendRules(
        read_only=frozenset(origin for service in config.services for origin in service.read_only),
        writable=frozenset(origin for service in config.services for origin in service.writable),
        forbidden=tuple(dict.fromkeys(pattern for service in config.services for pattern in service.forbidden)),
        only_reading=only_reading,
    )
