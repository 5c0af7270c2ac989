"""A deck in use, and what becomes of it when its test is over."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from undrift import scrub, store
from undrift.config import Mode
from undrift.engine import Deck, Policy, deck_in_use
from undrift.errors import CassetteNotWrittenError, LeakError, NotSentError, UndriftError
from undrift.model import Cassette

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from undrift.app.session import Session
    from undrift.engine.shelf import Shelf


@dataclass(frozen=True, slots=True)
class DeckSpec:
    """Which deck somebody wants.

    ``owner`` is the pytest node id, or names the fixture. ``options`` are vcrpy's names and
    ours, as given to the marker. ``record_mode`` is one of vcrpy's that has no name here.
    ``record_command`` is anything whose text is the command. ``maker`` is the ``VCR`` object whose
    matchers the options may name, or None.
    """

    owner: str
    path: Path
    mode: Mode
    # A filter names the very text that it hides.
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: tuple[Path, ...] = ()
    record_mode: str = ""
    record_command: object = ""
    maker: Any = None


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of a deck: the take's path if one was kept, and what was done."""

    take: Path | None = None
    digest: str | None = None
    action: str = ""


class OpenDeck:
    """A deck in use, and what to do with it when its test is over."""

    def __init__(
        self, session: Session, spec: DeckSpec, deck: Deck, stored: Cassette | None, shelf: Shelf | None = None
    ) -> None:
        self.spec = spec
        self._shelf = shelf
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

    @property
    def unsent(self) -> str:
        """Why the first request of this deck that was not sent was not; empty where there is none."""
        return next((str(refusal) for refusal in self.deck.refusals if isinstance(refusal, NotSentError)), "")

    def finish(self, *, passed: bool) -> Closed:
        """Store what was recorded, where it belongs.

        A cassette is replaced only after a test that passed; the take of any other test is
        kept beside. Raises CassetteNotWrittenError, and then the old cassette is whole.
        """
        if self.deck.options.policy is Policy.PLAY:
            return Closed()
        if self.spec.mode is Mode.CHECK:
            return Closed(self._write_take(), store.digest(self.spec.path))
        if not passed:
            return Closed(self._write_take(), action="kept" if self.stored is not None else "")
        if not self.deck.has_recorded and (self.stored is None or self.deck.options.policy is Policy.EXTEND):
            return Closed()
        try:
            self._write(self.spec.path, self._renewed_behind, self._shelf)
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
        self._write(path, self._take_behind)
        return path

    def _write(
        self, path: Path, content_behind: Callable[[Cassette | None], Cassette], shelf: Shelf | None = None
    ) -> None:
        """Write a file; what goes into it is told what other tests of this run have left there."""
        session, secrets = self._session, self._session.secrets(self.spec.mode)
        with session.claims.writing(path, self.spec.owner) as is_shared:
            content = content_behind(session.read(path, shelf) if is_shared else None)
            if shelf is not None:
                content = shelf.shaped_to_save(content)
            if shelf is not None and shelf.has_storage:
                shelf.save(path, content, secrets, session.config.not_secret)
                return
            owned = Cassette(
                content.interactions, content.failures, self.spec.owner, content.recorded_values, content.metadata
            )
            store.write(path, scrub.scrub(owned, secrets), secrets, not_secret=session.config.not_secret)

    def _take_behind(self, others: Cassette | None) -> Cassette:
        take = self.deck.take()
        return take if others is None or self.deck.options.policy is Policy.EXTEND else _joined(others, take)

    def _renewed_behind(self, others: Cassette | None) -> Cassette:
        """What the cassette holds from now on."""
        before = self.stored if others is None else others
        take = self.deck.take(drop_unused=bool(self.spec.options.get("drop_unused_requests", False)), behind=before)
        if self.spec.record_mode == "all" and before is not None:
            return _merged(before, take)
        return take if others is None or self.deck.options.policy is Policy.EXTEND else _joined(others, take)


def _joined(before: Cassette, after: Cassette) -> Cassette:
    moved = (replace(failure, position=failure.position + len(before)) for failure in after.failures)
    return replace(
        after,
        interactions=(*before.interactions, *after.interactions),
        failures=(*before.failures, *moved),
        recorded_values=tuple(dict((*before.recorded_values, *after.recorded_values)).items()),
    )


def _merged(before: Cassette, take: Cassette) -> Cassette:
    """As vcrpy's mode ``all`` has it: what was not recorded again stays."""
    again = {(interaction.request.method, interaction.request.url) for interaction in take.interactions}
    kept = [old for old in before.interactions if (old.request.method, old.request.url) not in again]
    return take.with_interactions((*kept, *take.interactions))
