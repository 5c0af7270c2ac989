"""Looking credentials up: one provider after the other, and judging what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from undrift.credentials.asking import Answer, UnavailableError
from undrift.credentials.standin import stand_in
from undrift.errors import CredentialError, CredentialMissingError
from undrift.scrub import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from undrift.credentials.asking import Provider

SHORTEST = 8
# Words that stand in texts where no secret is; shorter ones are refused for their length.
_COMMON = frozenset(
    word
    for line in (
        # What people put where a key belongs.
        "00000000 11111111 12345678 123456789 1234567890 changeit changeme development disabled dummy-key",
        "dummy_key dummykey dummytoken example examples fake-key fake_key fakekey1 invalid_key letmein1 localhost",
        "passw0rd password password1 password123 placeholder production readonly replaceme sandbox1 secret-key",
        "secret_key secretkey something standard test-key test-token test_key test_token testing1 testtest",
        "testtoken undefined unittest username xxxxxxxx your-api-key your_api_key yourapikey",
        # What names, media types and answers of APIs are made of.
        "accounts activate activated anonymous application approved attachment attributes authenticated",
        "authentication authorization authorized available calendar campaign canceled cancelled categories",
        "category checkout children comments companies complete completed configuration confirmed connection",
        "contacts container contents continue countries currency customer customers database datetime delivered",
        "deployment description destination director discount document documents download encoding endpoint",
        "environment exception external fallback features firstname forbidden frontend identity incomplete",
        "instance integration internal inventory keep-alive language lastname location metadata multipart",
        "newsletter no-cache notification operation organization parameter parameters payments permission",
        "permissions platform position primary_key priority products projects properties property provider",
        "published quantity redirect reference register registered repository reservation resource resources",
        "response restricted schedule security sequence services settings shipping standing statistics submitted",
        "subscriber subscription succeeded successful supplier template temporary timestamp timezone transaction",
        "transfer unauthorized universal unlimited verified webhooks websites workflow workspace",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Needed:
    """A credential that services need.

    Its whole value must match one of ``patterns``, and no part of it any of ``forbidden``,
    which are live keys. With ``may_be_live`` it may be one of those instead.
    """

    name: str
    patterns: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    may_be_live: bool = False
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it was found."""

    value: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """What looking gave.

    ``found`` are the values by name. ``looked_in`` names each provider, perhaps with a remark.
    ``answers`` are those of the remote ones, for other processes of the same run.
    """

    found: Mapping[str, Found] = field(default_factory=dict, repr=False)
    looked_in: tuple[str, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a run, by name; its ``repr`` shows nothing of them."""

    _values: Mapping[str, str]
    _known: tuple[str, ...]
    _looked_in: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Credentials: {len(self._values)} of {len(self._known)} found>"

    def get(self, name: str) -> str:
        """The value of a credential.

        Raises CredentialError where no service names it, and CredentialMissingError where
        it was found nowhere.
        """
        __tracebackhide__ = True
        if name not in self._known:
            known = ", ".join(self._known) or "none"
            raise CredentialError(
                f"No service in [tool.undrift.services] names the credential {name}. Known are: {known}."
            )
        if name not in self._values:
            raise CredentialMissingError(name, self._looked_in)
        return self._values[name]

    def secrets(self) -> Secrets:
        """What must never reach a file."""
        return Secrets.named(self._values)


def look_up(
    names: Iterable[str],
    providers: Sequence[Provider],
    *,
    on_failure: Callable[[CredentialError], None] | None = None,
) -> LookUp:
    """Ask each provider in turn for what is still missing, the remote ones only if something is.

    Raises CredentialError where one was asked and failed; ``on_failure`` takes it instead, and
    then the next is asked.
    """
    wanted = tuple(names)
    found: dict[str, Found] = {}
    looked_in: list[str] = []
    answers: list[tuple[str, Answer]] = []
    for provider in providers:
        missing = [name for name in wanted if name not in found]
        # A file that git tracks is refused whether it is needed or not.
        if not missing and (provider.is_remote or not wanted):
            continue
        try:
            answer = provider.ask(missing)
        except UnavailableError as error:
            answer = Answer(remark=f"not asked: {error}")
        except CredentialError as error:
            if on_failure is None:
                raise
            on_failure(error)
            answer = Answer(remark="failed")
        looked_in.append(f"{provider.name} ({answer.remark})" if answer.remark else provider.name)
        found.update((name, Found(value, provider.name)) for name, value in answer.values.items())
        if provider.is_remote:
            answers.append((provider.name, answer))
    return LookUp(found, tuple(looked_in), tuple(answers))


def judged(needed: Iterable[Needed], looked: LookUp) -> Credentials:
    """The credentials from what was found; raises CredentialError for a value that may not be used."""
    every = tuple(needed)
    values = {}
    for one in every:
        found = looked.found.get(one.name)
        if found is not None:
            problem = problem_of(one, found)
            if problem:
                raise CredentialError(problem)
            values[one.name] = found.value
    return Credentials(values, tuple(one.name for one in every), looked.looked_in)


def find(needed: Iterable[Needed], providers: Sequence[Provider]) -> Credentials:
    """Look up each credential, and judge it.

    Raises CredentialError for a value that may not be used, and where a provider failed:
    both before any request is sent.
    """
    every = tuple(needed)
    return judged(every, look_up((one.name for one in every), providers))


def stand_ins(needed: Iterable[Needed]) -> Credentials:
    """Stand-ins for all of them, as replay uses: two that were recorded as two stay two."""
    made: dict[str, str] = {}
    for one in needed:
        made[one.name] = stand_in(one.name, one.patterns[0], made.values())
    return Credentials(made, tuple(made))


def problem_of(needed: Needed, found: Found) -> str:
    """Why a value may not be used, in words that show nothing of it; empty where it may."""
    subject = f"The credential {needed.name}, found in {found.source},"
    end = "No request was sent; set a key of the sandbox instead."
    live = next((pattern for pattern in needed.forbidden if re.search(pattern, found.value)), None)
    if live is not None and not needed.may_be_live:
        return f"{subject} is a live key: it matches {live}, which is forbidden. {end}"
    if live is None and not any(re.fullmatch(pattern, found.value) for pattern in needed.patterns):
        patterns = " nor ".join(needed.patterns)
        return f"{subject} does not match its pattern {patterns}. It may be a live key. {end}"
    if len(found.value) < SHORTEST:
        return (
            f"{subject} is shorter than {SHORTEST} characters, and would be found by chance where no secret is. {end}"
        )
    if not can_be_told(found.value):
        return f"{subject} is a common word, and would be found in texts where no secret is. {end}"
    return ""


def can_be_told(value: str) -> bool:
    """Whether a value stands in a text only where it is meant: it is no common word, and not short."""
    return len(value) >= SHORTEST and value.lower() not in _COMMON and len(set(value)) > 1
