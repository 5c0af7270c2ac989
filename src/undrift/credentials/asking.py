"""Asking a provider of credentials: what it answers, and how it says that it cannot."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from undrift.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: the values that it has, by name, and what it says of itself in passing."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    remark: str = ""


class Provider(Protocol):
    """Somewhere where credentials may be."""

    @property
    def name(self) -> str:
        """What people call it, to follow "in"."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether asking it takes time or may fail, so that it is asked only for what is missing."""
        ...

    def ask(self, names: Sequence[str]) -> Answer:
        """Its values for those of the names that it knows.

        Raises UnavailableError where it cannot be asked from this machine, and CredentialError
        where it was asked and failed.
        """
        ...


class UnavailableError(Exception):
    """A provider cannot be asked from this machine; the message says why, to follow "not asked:"."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A provider that was asked before, in another process of the same run."""

    name: str
    answer: Answer
    is_remote: bool = True

    def ask(self, names: Sequence[str]) -> Answer:
        """What it answered then."""
        known = {name: value for name, value in self.answer.values.items() if name in names}
        return Answer(known, self.answer.remark)


def failed(provider: str, names: Sequence[str], why: object, advice: str) -> CredentialError:
    """The error for a provider that was asked and failed; ``why`` may be what a server wrote."""
    shown = " ".join(str(why).split()).encode("unicode_escape").decode()[:_LONGEST_DETAIL].rstrip(". ")
    return CredentialError(
        f"{provider} was asked for {', '.join(names)} and failed: {shown}. No request was sent. "
        f"{advice} Or set {'it' if len(names) == 1 else 'them'} in the environment."
    )


def within(seconds: float, ask: Callable[[], Answer]) -> Answer:
    """What a function gives, waiting no longer for it than this; raises TimeoutError, and what it raises.

    A thread cannot be stopped: one that hangs is left behind, and does not keep the process.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(ask())
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            outcome.append(error)

    thread = threading.Thread(target=run, name="undrift-credentials", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError(f"there was no answer within {seconds:g} seconds")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    answer: Answer = outcome[0]
    return answer
