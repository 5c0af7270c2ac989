"""A deck that asks a cassette of vcrpy's kind: its matchers, its record modes, its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request as VcrRequest

from undrift import errors
from undrift.engine.deck import Deck, DeckOptions, Send
from undrift.engine.hooks import request_from_vcr, response_from_vcr, vcr_response
from undrift.engine.vcrapi.storage import in_vcrpy_s_form
from undrift.scrub import scrub_request

if TYPE_CHECKING:
    from undrift.engine.vcrapi.cassettes import Cassette, Surroundings
    from undrift.model import Failure, Request, Response


class NotInCassetteError(errors.NoMatchError, CannotOverwriteExistingCassetteException):  # type: ignore[misc] # vcrpy has no types
    """vcrpy's own refusal, in its words and with what it carries."""

    def __init__(self, cassette: Cassette, failed_request: Any) -> None:
        CannotOverwriteExistingCassetteException.__init__(self, cassette=cassette, failed_request=failed_request)
        self.request = f"{failed_request.method} {failed_request.uri}"


class CassetteDeck(Deck):
    """The deck of a ``VCR`` object's cassette."""

    def __init__(self, cassette: Cassette, surroundings: Surroundings) -> None:
        options = DeckOptions(secrets=surroundings.secrets, origins=surroundings.origins)
        super().__init__(None, options, path=str(cassette.path))
        self._vcr_cassette = cassette
        self.terms = Terms(self, cassette)

    def answer(self, request: Request) -> Response | Failure | Send:
        """What vcrpy would do with a request."""
        __tracebackhide__ = True
        cassette = self._vcr_cassette
        asked = in_vcrpy_s_form(self._canonical(request))
        with self._lock:
            playable = self.playable(asked)
            if playable is not None:
                return _played(cassette.play_response(playable))
            if cassette.write_protected and cassette.filter_request(asked):
                raise self.refuse(NotInCassetteError(cassette, self._scrubbed(asked)))
        return Send.AND_KEEP

    def playable(self, asked: Any) -> Any:
        """A vcrpy request in that form in which the cassette has an answer to it; None where it has none."""
        if self._vcr_cassette.can_play_response_for(asked):
            return asked
        # What undrift has written was scrubbed, and the request is to be as it was stored.
        scrubbed = self._scrubbed(asked)
        return scrubbed if self._vcr_cassette.can_play_response_for(scrubbed) else None

    def _scrubbed(self, asked: Any) -> Any:
        try:
            request = request_from_vcr(asked)
        except (AttributeError, TypeError):
            # Some of vcrpy's stubs keep what the client was given, which is no content yet.
            return asked
        return in_vcrpy_s_form(scrub_request(self._canonical(request), self.options.secrets))

    def keep(self, request: Request, response: Response, *, elapsed: float | None = None) -> None:
        """Hand the cassette what came back."""
        del elapsed
        with self._lock:
            self._vcr_cassette.append(in_vcrpy_s_form(self._canonical(request)), vcr_response(response))

    def keep_failure(
        self, request: Request, kind: str, message: str, error: str = "", *, came: Response | None = None
    ) -> None:
        """vcrpy keeps nothing of a request that got no answer."""


class Terms:
    """A cassette for vcrpy's own stubs, in whose terms nothing need be translated.

    All that is not said here is the cassette's.
    """

    def __init__(self, deck: CassetteDeck, cassette: Cassette) -> None:
        self._deck = deck
        self._cassette = cassette

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cassette, name)

    def __len__(self) -> int:
        return len(self._cassette)

    def __deepcopy__(self, _memo: object) -> Terms:
        # vcrpy copies a request with all that hangs on it.
        return self

    def can_play_response_for(self, request: Any) -> bool:
        """Whether there is an answer to the request, as it is or as it was stored."""
        return self._deck.playable(self._at_home(request)) is not None

    def play_response(self, request: Any) -> Any:
        """The answer; vcrpy's UnhandledHTTPRequestError where there is none."""
        asked = self._at_home(request)
        return self._cassette.play_response(self._deck.playable(asked) or asked)

    def append(self, request: Any, response: Any) -> None:
        """Keep a request and what came back."""
        self._cassette.append(self._at_home(request), response)

    def _at_home(self, request: Any) -> Any:
        """The request at the origin under which its service is stored."""
        url = self._deck.options.origins.canonical(request.uri)
        if url == request.uri:
            return request
        return VcrRequest(request.method, url, request.body, request.headers)


def _played(response: dict[str, Any]) -> Response:
    if "status_code" not in response:
        return response_from_vcr(response)
    # As vcrpy wrote responses to httpx before 6.0: their content decoded, below the header that says otherwise.
    now = {
        "status": {"code": response["status_code"], "message": None},
        "headers": response["headers"],
        "body": {"string": response.get("content") or b""},
    }
    return response_from_vcr(now, is_decoded=True)
