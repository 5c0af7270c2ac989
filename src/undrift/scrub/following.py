"""The secrets that a replay sends, and which of the recorded ones each of them is.

A recording numbers the secrets that no credential names. Whoever replays it sends others, or
the same, or placeholders that were handed out: what a sent secret stands for shows in where it
is sent, and from then on the one is the other, one to one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from undrift.model import Headers, Request
from undrift.scrub.fields import is_worth_following
from undrift.scrub.ledger import Ledger
from undrift.scrub.message import Messages, look_at
from undrift.scrub.names import SecretNames
from undrift.scrub.placeholders import NUMBERED, numbered_in, renamed, without_numbers
from undrift.scrub.whose import in_places

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from undrift.scrub.known import Secrets

_PREFIX: Final = "sent."
_NUMBERED: Final = re.compile(NUMBERED.decode())
# What a client makes anew for each request: that it is another one says nothing.
_MADE_ANEW: Final = frozenset(
    {
        *("assertion", "client_assertion", "code_verifier", "hmac", "jwt", "mfa_token", "nonce", "oauth_signature"),
        *("oauth_verifier", "otp", "sig", "signature", "totp_secret", "x_amz_credential", "x_amz_signature"),
        *("x_goog_credential", "x_goog_signature", "authorization", "cookie", "username"),
    }
)


class Following:
    """Scrubs the requests of one replay as the recording was scrubbed, by its numbers where they are known."""

    def __init__(self, secrets: Secrets) -> None:
        self._ledger = Ledger(secrets, prefix=_PREFIX)
        self._messages = Messages(self._ledger)
        self._values = Messages(Ledger(type(secrets)(secrets.pairs, SecretNames())))
        self._recorded: dict[str, str] = {}

    def request(self, request: Request) -> Request:
        """A request as the recording would have it; what is new in it has a number that no recording has."""
        self._messages.learn(look_at(request))
        scrubbed = self._messages.request(request)
        self._messages.forget()
        return _changed(scrubbed, lambda data: renamed(data, self._recorded)) if self._recorded else scrubbed

    def by_value(self, request: Request) -> Request:
        """A request without the values of credentials, whatever the names in it tell."""
        return self._values.request(request)

    def binds(self, recorded: Request, sent: Request, settled: Collection[str] = ()) -> bool:
        """Whether each secret that was sent may be the recorded one in its place; then they are one from now on.

        ``settled`` are recorded placeholders that were sent as they are.
        """
        return self._binds(zip(numbers(recorded), numbers(sent), strict=False), settled)

    def takes(self, texts: Iterable[tuple[str, str]], settled: Collection[str] = ()) -> bool:
        """As ``binds``, for pairs of a recorded text and a sent one, whose secret nothing told so far."""
        found: list[tuple[str, str]] = []
        for recorded, sent in texts:
            literals = _literals(recorded, sent)
            if not literals:
                return False
            found += literals
        named = {
            literal: f"secret:{_PREFIX}value:{len(self._recorded) + place}" for place, (_, literal) in enumerate(found)
        }
        if not found or not self._binds(
            [(placeholder, f"<{named[literal]}>") for placeholder, literal in found], settled, made_anew=()
        ):
            return False
        for literal, name in named.items():
            self._ledger.follow(name, literal)
        return True

    def _binds(
        self,
        pairs: Iterable[tuple[str, str]],
        settled: Collection[str],
        *,
        made_anew: Collection[str] = _MADE_ANEW,
    ) -> bool:
        known = dict(self._recorded)
        taken = {recorded: sent for sent, recorded in known.items()}
        for recorded, sent in pairs:
            if known.get(sent, sent) == recorded or _label(recorded) in made_anew:
                continue
            if sent in known or not {sent, recorded}.isdisjoint((*settled, *taken)):
                return False
            known[sent], taken[recorded] = recorded, sent
        self._recorded = known
        return True


def bare(request: Request) -> Request:
    """A request with one and the same word for every secret that was numbered."""
    return _changed(request, lambda data: without_numbers(data, b"<secret>"))


def numbers(request: Request) -> list[str]:
    """The numbered placeholders in a request's URL and body, in their order."""
    return numbered_in(request.url.encode("utf-8", "surrogatepass")) + numbered_in(request.body)


def _changed(request: Request, change: Callable[[bytes], bytes]) -> Request:
    def text(old: str) -> str:
        return change(old.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    headers = Headers.of((name, text(value)) for name, value in request.headers)
    return Request(request.method, text(request.url), headers, change(request.body), request.encoding)


def _literals(recorded: str, sent: str) -> list[tuple[str, str]]:
    """What stands in a sent text where a recorded one has placeholders; nothing where they differ in more."""
    # A web token stands for one by itself, and is mostly sent as it was recorded.
    found = {name: text for name, text in (in_places(recorded, sent) or {}).items() if text != name}
    is_known = any(not name.startswith("secret:") or _NUMBERED.search(text) for name, text in found.items())
    if is_known or not all(map(is_worth_following, found.values())):
        return []
    return [(f"<{name}>", text) for name, text in found.items()]


def _label(placeholder: str) -> str:
    return placeholder.split(":")[1]
