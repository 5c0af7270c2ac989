"""vcrpy's ``VCR`` and its cassettes, played through undrift's interception and kept in undrift's store."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import vcr
from vcr import cassette, matchers
from vcr.cassette import Cassette as VcrCassette
from vcr.cassette import CassetteContextDecorator
from vcr.patch import CassettePatcherBuilder

from undrift.engine.interception import deck_in_use
from undrift.engine.origins import Origins
from undrift.engine.vcrapi.logs import logged_without
from undrift.engine.vcrapi.playing import CassetteDeck
from undrift.engine.vcrapi.storage import Storage
from undrift.scrub import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager


_TRANSPORTS_OF_OURS = {"HTTPTransport", "AsyncHTTPTransport"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the project a cassette must know: what is secret, what only looks so, and which origins are one."""

    secrets: Secrets = field(default_factory=lambda: Secrets.named({}))
    origins: Origins = field(default_factory=Origins)
    not_secret: tuple[str, ...] = ()


class CassetteContext(CassetteContextDecorator):  # type: ignore[misc] # vcrpy has no types
    """vcrpy's context manager and decorator, that opens a deck where vcrpy patches clients."""

    def _patch_generator(self, used: Cassette) -> Iterator[Cassette]:
        surroundings = used.surroundings()
        deck = CassetteDeck(used, surroundings)
        with ExitStack() as stack:
            stack.enter_context(logged_without(surroundings.secrets))
            stack.enter_context(deck_in_use(deck))
            for patcher in _left_to_vcrpy(CassettePatcherBuilder(deck.terms), used):
                stack.enter_context(patcher)
            yield used

    def __exit__(self, *raised: object) -> None:
        try:
            super().__exit__(*raised)
        except BaseException:
            # Saving comes before the end of it all, and may refuse; the deck must be left all the same.
            vars(self)["_CassetteContextDecorator__finish"].close()
            raise


def _left_to_vcrpy(builder: Any, used: Cassette) -> Iterator[AbstractContextManager[Any]]:
    """vcrpy's patches of transports that send nothing themselves, or by other means, and the user's own.

    A cassette of ``VCR`` records what they answer, as vcrpy's does.
    """
    for name, group in (("httpx", builder._httpx), ("httpx2", builder._httpx2)):  # noqa: SLF001 - build() would patch all clients too
        if name not in used.skip_patchers:
            yield from (patcher for patcher in group() if patcher.getter().__name__ not in _TRANSPORTS_OF_OURS)
    # These follow redirects themselves, and vcrpy's users know them by what its stubs keep of that.
    for name, group in (("aiohttp", builder._aiohttp), ("tornado", builder._tornado)):  # noqa: SLF001 - as above
        if name not in used.skip_patchers:
            yield from group()
    yield from builder._build_patchers_from_mock_triples(used.custom_patches)  # noqa: SLF001 - as above


class Cassette(VcrCassette):  # type: ignore[misc] # as above
    """A cassette with all that vcrpy's has, by the same names.

    A request is looked up by an index over what vcrpy's own matchers compare, and only what is
    found there is compared in full.
    """

    _path: str
    _persister: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._index = _Index(self._match_on)

    @classmethod
    def use_arg_getter(cls, arg_getter: Callable[[], dict[str, Any]]) -> CassetteContext:
        """The context manager for arguments that are asked for when it is entered."""
        return CassetteContext(cls, arg_getter)

    @classmethod
    def use(cls, **kwargs: Any) -> CassetteContext:
        """The context manager for these arguments."""
        return CassetteContext(cls, lambda: dict(kwargs))

    def surroundings(self) -> Surroundings:
        """What of the project this cassette must know; of none, unless a subclass knows more."""
        return Surroundings()

    def _responses(self, request: Any) -> Iterator[tuple[int, Any]]:
        """The position and the response of each match, which is what vcrpy asks all else by."""
        asked = self._before_record_request(request)
        for number in self._index.candidates(asked, self.data):
            stored, response = self.data[number]
            if cassette.requests_match(asked, stored, self._match_on):
                yield number, response

    def _load(self) -> None:
        with self._stored_by_undrift():
            super()._load()

    def _persist(self, cassette_dict: dict[str, Any]) -> None:
        with self._stored_by_undrift():
            super()._persist(cassette_dict)

    @contextmanager
    def _stored_by_undrift(self) -> Iterator[None]:
        """Put undrift's storage around the persister, which its owner is to find as it was given."""
        given = self._persister
        surroundings = self.surroundings()
        self._persister = Storage(given, surroundings.secrets, surroundings.not_secret)
        try:
            yield
        finally:
            self._persister = given


class VCR(vcr.VCR):  # type: ignore[misc] # as above
    """All settings of vcrpy's ``VCR``, with its defaults, and its methods."""

    cassette_class: type[Cassette] = Cassette

    def _use_cassette(self, with_current_defaults: bool = False, **kwargs: Any) -> CassetteContext:  # noqa: FBT001, FBT002 - vcrpy's signature
        """Give the context manager; settings changed later count too, unless the current ones are asked for."""
        if with_current_defaults:
            return self.cassette_class.use(**self.get_merged_config(**kwargs))
        return self.cassette_class.use_arg_getter(partial(self.get_merged_config, **kwargs))


class _Index:
    """Stored requests by what vcrpy's matchers compare, so that most need no look."""

    def __init__(self, match_on: Iterable[Callable[[Any, Any], Any]]) -> None:
        # By identity: a matcher of the user's own may be an object that does not like to be hashed.
        self._parts = tuple(part for matcher in match_on for ours, part in _PARTS if ours is matcher)
        self._positions: dict[Hashable, list[int]] = {}
        self._indexed: list[Any] = []
        self._known = 0

    def candidates(self, request: Any, data: list[Any]) -> Sequence[int]:
        """The positions in ``data`` of all that may match; no other can."""
        try:
            wanted = self._key(request)
            self._learn(data)
        except (AttributeError, TypeError, ValueError):
            # No request of vcrpy's, or one whose URL is none: its matchers shall say.
            return range(len(data))
        return self._positions.get(wanted, ())

    def _learn(self, data: list[Any]) -> None:
        if data is not self._indexed or len(data) < self._known:
            self._indexed, self._known, self._positions = data, 0, {}
        for number in range(self._known, len(data)):
            self._positions.setdefault(self._key(data[number][0]), []).append(number)
            self._known = number + 1

    def _key(self, request: Any) -> Hashable:
        return tuple(part(request) for part in self._parts)


def _whole(request: Any) -> Hashable:
    """What is equal for all URLs that vcrpy takes for one: an empty path is the root."""
    url = request.parsed_uri
    return (url.scheme, url.netloc, url.path or "/", url.params, url.query, url.fragment)


_PARTS: tuple[tuple[Any, Callable[[Any], Hashable]], ...] = (
    (matchers.method, lambda request: str(request.method)),
    (matchers.scheme, lambda request: str(request.scheme)),
    (matchers.host, lambda request: str(request.host)),
    (matchers.port, lambda request: str(request.port)),
    (matchers.path, lambda request: request.path or "/"),
    (matchers.query, lambda request: tuple(request.query)),
    (matchers.uri, _whole),
)
