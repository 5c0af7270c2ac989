"""A deck that asks a cassette of vcrpy's kind: its matchers, its record modes, its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcr.errors import CannotOverwriteExistingCassetteException

from undrift import errors
from undrift.engine.deck import Deck, DeckOptions, Send
from undrift.engine.hooks import response_from_vcr, vcr_request, vcr_response
from undrift.scrub import scrub_request

if TYPE_CHECKING:
    from undrift.engine.vcrapi.cassette import Cassette, Surroundings
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

    def answer(self, request: Request) -> Response | Failure | Send:
        """What vcrpy would do with a request."""
        __tracebackhide__ = True
        cassette = self._vcr_cassette
        asked = vcr_request(self._canonical(request))
        with self._lock:
            if cassette.can_play_response_for(asked):
                return _played(cassette.play_response(asked))
            # What undrift has written was scrubbed, and the request is to be as it was stored.
            scrubbed = vcr_request(scrub_request(self._canonical(request), self.options.secrets))
            if cassette.can_play_response_for(scrubbed):
                return _played(cassette.play_response(scrubbed))
            if cassette.write_protected and cassette.filter_request(asked):
                raise self.refuse(NotInCassetteError(cassette, scrubbed))
        return Send.AND_KEEP

    def keep(self, request: Request, response: Response, *, elapsed: float | None = None) -> None:
        """Hand the cassette what came back."""
        del elapsed
        with self._lock:
            self._vcr_cassette.append(vcr_request(self._canonical(request)), vcr_response(response))

    def keep_failure(self, request: Request, kind: str, message: str) -> None:
        """vcrpy keeps nothing of a request that got no answer."""


def _played(response: dict[str, Any]) -> Response:
    if "status_code" in response:
        # As vcrpy wrote responses to httpx before 6.0, from a persister of the user's own.
        content = response.get("content") or b""
        response = {
            "status": {"code": response["status_code"], "message": None},
            "headers": response["headers"],
            "body": {"string": content},
        }
    return response_from_vcr(response)
