"""The deck: what a test plays from or records to.

A deck decides and remembers; it never sends. Whoever intercepts a client asks
``answer``, and does what comes back: hands out what was recorded, or sends for real and
tells the deck what came of it with ``keep`` or ``keep_failure``.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from undrift import match
from undrift.engine.kept import Kept
from undrift.engine.lookup import Lookup
from undrift.engine.origins import Origins, StoredUrls
from undrift.engine.sending import SendRules
from undrift.engine.vcr_names import VcrNames
from undrift.errors import PlaybackError
from undrift.model import Cassette, Failure, Interaction, Request, Response
from undrift.scrub import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from undrift.engine.hooks import Hooks
    from undrift.engine.reading import Reading
    from undrift.engine.recognition import Recognition
    from undrift.engine.refusals import Refuser
    from undrift.model import Headers
    from undrift.scrub import Restorer


class Policy(Enum):
    """What a deck does with a request."""

    PLAY = "play"
    """Answer from the cassette, or refuse."""

    RECORD = "record"
    """Send everything, keep everything."""

    EXTEND = "extend"
    """Answer from the cassette where it can, send and keep the rest (vcrpy's ``new_episodes``)."""


class Send(Enum):
    """What to do with a request that is not answered from the cassette."""

    AND_KEEP = "send it and tell the deck"
    UNSEEN = "send it; the deck does not want to know"


@dataclass(frozen=True, slots=True)
class DeckOptions:
    """How a deck plays and records; the text of ``record_command`` is the way out that its errors name.

    ``handed_out`` are the credentials that tests are given, by name.
    """

    policy: Policy = Policy.PLAY
    rules: match.MatchRules = field(default_factory=match.MatchRules)
    origins: Origins = field(default_factory=Origins)
    sending: SendRules = field(default_factory=SendRules)
    secrets: Secrets = field(default_factory=lambda: Secrets.named({}))
    handed_out: Mapping[str, str] = field(default_factory=dict, repr=False)
    hooks: Hooks | None = None
    repeats: bool = False
    guarded: bool = False
    allowed_hosts: tuple[str, ...] = ()
    record_command: object = "undrift record"


@dataclass(frozen=True, slots=True)
class ClientDrift:
    """A recorded request that the code under test changed, or no longer makes.

    ``index`` counts the cassette's interactions from 0. ``sent`` and ``result`` are None
    where the request was not made at all.
    """

    index: int
    recorded: Request
    sent: Request | None = None
    result: match.MatchResult | None = None


class Deck(VcrNames):
    """Plays from a cassette, or records a take; safe to use from many threads.

    ``cassette`` is what to play from, or None where there is none; ``path`` is named in
    errors, and ``file`` is where the cassette lies. Extra cassettes are played after the
    first, and never judged for what they hold unused.
    """

    def __init__(  # noqa: PLR0913 - each is one thing that comes from outside
        self,
        cassette: Cassette | None,
        options: DeckOptions,
        *,
        path: str = "",
        file: str = "",
        extra: tuple[Cassette, ...] = (),
        clock: Callable[[], str] | None = None,
    ) -> None:
        self.options = options
        self.path = path
        self.file = file
        self.cassette = cassette
        self.is_open = True
        # What vcrpy's stubs may ask in vcrpy's own terms; only the deck of a VCR object has that.
        self.terms: Any = None
        self.refusals: list[PlaybackError] = []
        self._clock = clock
        self._lock = threading.RLock()
        self._lookup = Lookup.over(cassette, extra, options)
        self._stored_urls = StoredUrls(options.origins)
        hooks = options.hooks
        self._may_be_ready = (
            options.policy is not Policy.RECORD
            and self._lookup.is_ready
            and not (hooks is not None and hooks.has_filters)
        )
        self._held = options.handed_out
        self._kept = Kept()
        self._changed: list[ClientDrift] = []
        self._values: dict[str, Any] = {}

    # Playing

    @cached_property
    def telling(self) -> frozenset[str]:
        """The header fields, in lower case, that ``ready`` must be given."""
        return self._lookup.counting | {"content-encoding"}

    @cached_property
    def telling_bytes(self) -> frozenset[bytes]:
        """The same for clients whose header fields are bytes."""
        return frozenset(name.encode("latin-1", "replace") for name in self.telling)

    def told(self, headers: Headers) -> list[tuple[str, str]]:
        """The header fields that are ``telling``, as ``ready`` takes them."""
        telling = self.telling
        return [(lower, value) for name, value in headers.fields if (lower := name.lower()) in telling]

    def ready(self, method: str, url: str, fields: Sequence[tuple[str, str]], body: bytes) -> Response | None:
        """The recorded response to a request that stands in the cassette letter for letter.

        The short way of ``answer`` for most requests: it gives what that would give, or None
        where more than a look-up is to be decided, and then nothing is changed. ``fields`` are
        those of the request that are ``telling``, their names in lower case.
        """
        if not self._may_be_ready:
            return None
        stored_url = self._stored_urls.of(url)
        for name, _ in fields:
            if name == "content-encoding" or (name == "host" and stored_url != url):
                return None
        with self._lock:
            found = self._lookup.take_ready(
                method.upper(), stored_url, tuple(fields), body, repeats=self.options.repeats
            )
        return None if found is None else self._restored(found)

    @cached_property
    def _recognition(self) -> Recognition:
        # Imported with the first request that is not recorded letter for letter.
        from undrift.engine.recognition import Recognition  # noqa: PLC0415 - as said

        return Recognition(self._lookup, self.options)

    @cached_property
    def _refuser(self) -> Refuser:
        # Imported with the first refusal: its errors are vcrpy's too, which is long in coming.
        from undrift.engine.refusals import Refuser  # noqa: PLC0415 - as said

        return Refuser(self.path, self.options, self._lookup, is_there=self.cassette is not None)

    def answer(self, request: Request) -> Response | Failure | Send:
        """What to do with a request.

        Raises PlaybackError where it may neither be answered nor sent; the deck remembers
        the refusal, since clients wrap such errors into their own and tests swallow those.
        """
        __tracebackhide__ = True
        at_hand = self.ready(request.method, request.url, self.told(request.headers), request.body)
        if at_hand is not None:
            return at_hand
        shaped = self._recordable(request)
        if shaped is None:
            return Send.UNSEEN if self.options.policy is Policy.PLAY else self._sent(request, Send.UNSEEN)
        if self.options.policy is Policy.RECORD:
            return self._sent(request, Send.AND_KEEP)
        with self._lock:
            try:
                return self._played(shaped)
            except PlaybackError as refusal:
                if self.options.policy is Policy.EXTEND:
                    return self._sent(request, Send.AND_KEEP)
                self.refusals.append(refusal)
                raise

    def refuse(self, refusal: PlaybackError) -> PlaybackError:
        """Remember a refusal that somebody else decided, such as the network guard."""
        with self._lock:
            self.refusals.append(refusal)
        return refusal

    def _sent(self, request: Request, how: Send) -> Send:
        """How a request is sent; raises NotSentError where it may not be."""
        __tracebackhide__ = True
        # Whose a request is matters only for one that is stored.
        origins = self.options.origins if how is Send.AND_KEEP else Origins()
        refusal = self.options.sending.refusal(request, origins)
        if refusal is not None:
            raise self.refuse(refusal)
        return how

    def bind(self, service: str, origin: str) -> None:
        """From now on, take an origin for one of this service's."""
        with self._lock:
            self.options = replace(self.options, origins=self.options.origins.bound(service, origin))

    def _played(self, request: Request) -> Response | Failure:
        __tracebackhide__ = True
        sent = self._recognition.read(request)
        fits = partial(self._recognition.fits, request, self._held)
        found = self._lookup.take_equal(sent, repeats=self.options.repeats, fits=fits)
        if found is None:
            known = self._recognition.recorded(request, sent)
            sent = sent if known is None else known
            found = self._lookup.take_equal(sent, repeats=self.options.repeats, fits=fits)
        if found is None and self._lookup.has_equal(sent):
            raise self._refuser.used_up(sent)
        if found is None:
            found = self._lookup.take_same_target(sent)
            if found is None:
                raise self._refuser.unmatched(sent)
            result = match.match(found.request, sent, self.options.rules)
            self._changed.append(ClientDrift(found.index, found.request, sent, result))
        if not isinstance(found.outcome, Response):
            return found.outcome
        sent_here = self._recognition.sent_in_place(found.request, request)
        if not sent_here.keys() <= self._held.keys():
            self._held = {**sent_here, **self._held}
            self.__dict__.pop("_restorer", None)
            self._may_be_restored = True
        return self._restored(found.outcome)

    def _restored(self, response: Response) -> Response:
        """A recorded answer with the credentials that the test was given, and with the secrets that it sent."""
        return self._restorer.response(response) if self._held and self._may_be_restored else response

    @cached_property
    def _may_be_restored(self) -> bool:
        """Whether anything recorded may be put back: one look at all answers takes less than a look at each."""
        outcomes = (entry.outcome for entry in self._lookup.entries)
        return self._restorer.may_be_in([outcome for outcome in outcomes if isinstance(outcome, Response)])

    @cached_property
    def _restorer(self) -> Restorer:
        # Imported with the first answer that is played where there are secrets at all.
        from undrift.scrub import Restorer  # noqa: PLC0415 - as said

        return Restorer(self._held)

    def recorded_value(self, name: str, make: Callable[[], Any]) -> Any:
        """A value that the test made up: made when recording, the stored one in replay.

        It must be plain JSON data. Raises PlaybackError where replay has none of that name.
        """
        with self._lock:
            if self.options.policy is not Policy.RECORD:
                stored = dict(self.cassette.recorded_values) if self.cassette is not None else {}
                if name in stored:
                    return self._restorer.data(stored[name]) if self._held else stored[name]
            if self.options.policy is Policy.PLAY:
                raise self.refuse(self._refuser.no_value(name))
            return self._values.setdefault(name, make())

    # Recording

    def keep(self, request: Request, response: Response, *, elapsed: float | None = None) -> None:
        """Add what was sent and what came back to the take."""
        kept_request = self._recordable(request)
        if kept_request is None:
            return
        interaction = self._interaction(kept_request, response, self._now(), elapsed)
        if interaction is not None:
            with self._lock:
                self._kept.add(interaction)

    def keep_reading(self, request: Request, reading: Reading, started: float) -> None:
        """Add what was sent, and whatever comes of the answer until somebody asks for the take.

        ``started`` is when it was sent, by ``time.perf_counter``.
        """
        kept_request = self._recordable(request)
        if kept_request is not None:
            with self._lock:
                self._kept.add(partial(self._so_far, request, kept_request, reading, started, self._now()))

    def _so_far(
        self, sent: Request, kept: Request, reading: Reading, started: float, when: str | None
    ) -> Interaction | Failure | None:
        from undrift.engine.failures import kind_of, name_of  # noqa: PLC0415 - for a recording, not for a replay

        outcome = reading.outcome
        if not isinstance(outcome, Response):
            error = outcome.error
            return self._failure(sent, kept, kind_of(error), str(error), name_of(error), came=outcome.came)
        return self._interaction(kept, outcome, when, round(reading.last_came - started, 6))

    def keep_failure(
        self, request: Request, kind: str, message: str, error: str = "", *, came: Response | None = None
    ) -> None:
        """Add a request that got no response to the take, or of which no more came than this."""
        kept_request = self._recordable(request)
        if kept_request is not None:
            failure = self._failure(request, kept_request, kind, message, error, came=came)
            if failure is not None:
                with self._lock:
                    self._kept.add(failure)

    def _now(self) -> str | None:
        return self._clock() if self._clock else None

    def _interaction(
        self, request: Request, response: Response, when: str | None, elapsed: float | None
    ) -> Interaction | None:
        """One that is kept, with the answer as the hooks leave it; None where they drop it."""
        shaped = self.options.hooks.response(response) if self.options.hooks else response
        return None if shaped is None else Interaction(request, shaped, when, elapsed)

    def _failure(  # noqa: PLR0913 - all that is known of a failure
        self, sent: Request, kept: Request, kind: str, message: str, error: str, *, came: Response | None
    ) -> Failure | None:
        """One that is kept, whose place among the interactions is not counted yet; None where the hooks drop it."""
        shaped = self.options.hooks.response(came) if came is not None and self.options.hooks else came
        if shaped is None and came is not None:
            return None
        if self.options.origins.canonical(sent.url) != sent.url:
            # Whoever reads of a refused connection wants to know where nobody answered.
            message = f"{message} (asked at {'://'.join(urlsplit(sent.url)[:2])})"
        return Failure(0, kept, kind, message, error, shaped)

    def take(self, *, drop_unused: bool = False, behind: Cassette | None = None) -> Cassette:
        """What was recorded so far; for ``EXTEND``, behind what was there before, or what of it was played.

        ``behind`` is what is there by now, where others may have added to it.
        """
        with self._lock:
            there = self.cassette if self.cassette is not None else Cassette()
            old = there if behind is None else behind
            if drop_unused and self.options.policy is Policy.EXTEND:
                unused = Counter(there.interactions[entry.index] for entry in self._lookup.unused())
                old = old.with_interactions(_without(old.interactions, unused))
            values = tuple(self._values.items())
            kept, failed = self._kept.so_far()
            if self.options.policy is not Policy.EXTEND:
                return Cassette(kept, failed, recorded_values=values, metadata=old.metadata)
            moved = (replace(failure, position=failure.position + len(old)) for failure in failed)
            return replace(
                old,
                interactions=(*old.interactions, *kept),
                failures=(*old.failures, *moved),
                recorded_values=(*old.recorded_values, *values),
            )

    @property
    def has_recorded(self) -> bool:
        """Whether the take holds anything."""
        return any(self._kept.so_far())

    # Judging

    def client_drift(self) -> tuple[ClientDrift, ...]:
        """What the code under test sent differently, and what it no longer sends."""
        with self._lock:
            if self.options.policy is not Policy.PLAY:
                return ()
            unused = (ClientDrift(entry.index, entry.request) for entry in self._lookup.unused())
            return tuple(sorted((*self._changed, *unused), key=lambda drift: drift.index))

    def __repr__(self) -> str:
        return f"<Deck {self.path or 'without a file'}: {self.options.policy.value}, {len(self)} interactions>"

    def _as_read(self, request: Request) -> Request | None:
        shaped = self._recordable(request)
        return None if shaped is None else self._recognition.read(shaped)

    def _recordable(self, request: Request) -> Request | None:
        shaped = self._canonical(request)
        return self.options.hooks.request(shaped) if self.options.hooks else shaped

    def _canonical(self, request: Request) -> Request:
        """A live request at the origin under which its service is stored."""
        url = self.options.origins.canonical(request.url)
        headers = request.headers
        if url != request.url and "Host" in headers:
            # The stand-in's address is no more part of the request than its port is.
            headers = headers.with_value("Host", urlsplit(url).netloc)
        return Request(request.method.upper(), url, headers, request.body, request.encoding)


def _without(interactions: Sequence[Interaction], unused: Counter[Interaction]) -> Iterator[Interaction]:
    for one in interactions:
        if unused[one]:
            unused[one] -= 1
        else:
            yield one
