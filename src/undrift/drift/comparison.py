"""What a comparison of two cassettes takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from undrift.drift.declared import Declared
from undrift.drift.results import RulesUsed, Verdict, judge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from undrift.drift.results import CouldNotCheck, Finding, Noise
    from undrift.drift.rules import IgnoreRule
    from undrift.drift.shape import Facts, Group, Place
    from undrift.drift.verdict import ShapeChange


_NOTHING = Declared()


def _no_service(_url: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the caller knows about one pair of cassettes.

    ``cassette`` is its path, for occurrences. ``service_of`` gives the name of the service
    that a URL belongs to, or an empty text. ``test_outcome`` is pytest's word (``passed``,
    ``failed``, ``error``, ``skipped``), or ``compared`` where no test ran. ``client_drift``
    is ``fail``, ``warn`` or ``ignore``: request findings are then breaking, info or left out.
    ``noise`` are for each service the places of its answers that are new each time, and
    ``volatile`` those of requests to it: JSON Pointers (RFC 6901) into a body, in which ``*``
    stands for any index or member, and names of form fields and query parameters.
    """

    cassette: str
    service_of: Callable[[str], str] = _no_service
    test: str | None = None
    test_outcome: str = "compared"
    client_drift: str = "fail"
    rules: tuple[IgnoreRule, ...] = ()
    today: dt.date | None = None
    noise: Mapping[str, frozenset[str]] = field(default_factory=dict)
    volatile: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def declared_of(self, url: str) -> Declared:
        """The places that are new each time with whoever a URL belongs to."""
        if not (self.noise or self.volatile):
            return _NOTHING
        service = self.service_of(url)
        return Declared(self.noise.get(service, frozenset()), self.volatile.get(service, frozenset()))


@dataclass(frozen=True, slots=True)
class Shaped:
    """A change of shape, open until it is known what all takes show of its place on either side.

    The severity and the kind of ``finding`` are those that it would have at the least.
    """

    finding: Finding
    change: ShapeChange
    before: Place
    after: Place


@dataclass(frozen=True, slots=True)
class Valued:
    """A changed value in a body that is info, unless earlier nights know few values of its place."""

    finding: Finding
    place: Place


@dataclass(frozen=True, slots=True)
class Draft:
    """A comparison in which changes of shape are not judged yet, nor values by earlier nights.

    ``before`` and ``after`` are what the two sides alone show of the places in question, and
    ``groups`` are the endpoints that either has answers of.
    """

    findings: tuple[Finding, ...]
    shaped: tuple[Shaped, ...]
    valued: tuple[Valued, ...]
    noise: tuple[Noise, ...]
    could_not_check: tuple[CouldNotCheck, ...]
    interactions: int
    before: Mapping[Place, Facts]
    after: Mapping[Place, Facts]
    groups: frozenset[Group]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing two cassettes.

    ``interactions`` counts the stored interactions that were really compared.
    """

    findings: tuple[Finding, ...] = ()
    could_not_check: tuple[CouldNotCheck, ...] = ()
    noise: tuple[Noise, ...] = ()
    interactions: int = 0
    rules: RulesUsed = field(default_factory=RulesUsed)
    test_outcome: str = "compared"

    @property
    def noise_count(self) -> int:
        """How many differences were judged to say nothing."""
        return sum(one.count for one in self.noise)

    @property
    def verdict(self) -> Verdict:
        """The one word for this cassette."""
        return judge(
            self.findings,
            could_not_check=bool(self.could_not_check),
            failed=self.test_outcome in {"failed", "error"},
        )
