"""What a comparison finds, and the report made of it.

These types are what ``report`` renders and what the exit code is computed from. The words
are those of the JSON report, version 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Severity(IntEnum):
    """How much a change hurts a client, in rising order."""

    INFO = 0
    ADDITIVE = 1
    RISKY = 2
    BREAKING = 3

    @property
    def label(self) -> str:
        """The word of the report."""
        return self.name.lower()


class Where(StrEnum):
    """The part of an interaction that a finding is about."""

    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    REQUEST = "request"


class Kind(StrEnum):
    """What kind of change a finding is."""

    STATUS_CHANGED = "status-changed"
    HEADER_ADDED = "header-added"
    HEADER_REMOVED = "header-removed"
    HEADER_CHANGED = "header-changed"
    FIELD_ADDED = "field-added"
    FIELD_REMOVED = "field-removed"
    TYPE_CHANGED = "type-changed"
    NULLABILITY_CHANGED = "nullability-changed"
    FORMAT_CHANGED = "format-changed"
    VALUE_CHANGED = "value-changed"
    LENGTH_CHANGED = "length-changed"
    ARRAY_EMPTIED = "array-emptied"
    REFERENCE_CHANGED = "reference-changed"
    BODY_KIND_CHANGED = "body-kind-changed"
    TEXT_CHANGED = "text-changed"
    REQUEST_CHANGED = "request-changed"
    INTERACTION_ADDED = "interaction-added"
    INTERACTION_MISSING = "interaction-missing"
    DEPRECATION_ANNOUNCED = "deprecation-announced"


class Reason(StrEnum):
    """Why something could not be checked."""

    DNS = "dns"
    CONNECTION_REFUSED = "connection-refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    SERVER_ERROR = "server-error"
    RATE_LIMITED = "rate-limited"
    UNAUTHORIZED = "unauthorized"
    NO_CREDENTIAL = "no-credential"
    NOT_REACHED = "not-reached"
    NOT_COMPARED = "not-compared"


class Verdict(StrEnum):
    """The one word for a cassette or a run; the first that applies, in this order."""

    BREAKING = "breaking"
    CLIENT_DRIFT = "client-drift"
    RISKY = "risky"
    COULD_NOT_CHECK = "could-not-check"
    FAILED = "failed"
    ADDITIVE = "additive"
    CLEAN = "clean"


class Attribution(StrEnum):
    """What drift did to the test that saw it."""

    STALE_MOCK = "stale-mock"
    BROKEN_BY_DRIFT = "broken-by-drift"
    UNKNOWN = "unknown"


class FailOn(StrEnum):
    """From which severity on drift makes the exit code 1."""

    ADDITIVE = "additive"
    RISKY = "risky"
    BREAKING = "breaking"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a finding was seen.

    ``interaction`` and ``fresh_interaction`` count from 0; -1 where that side has none.
    ``pointer`` is the finding's path with real indices.
    """

    cassette: str
    interaction: int
    fresh_interaction: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One drift, once per endpoint and path, with every place where it was seen.

    ``stored`` and ``fresh`` are plain JSON values of its first occurrence, or None.
    ``confirmed`` is None where nothing could confirm. ``story`` says in short sentences
    how the judgement was reached; it is not part of the JSON report.
    """

    severity: Severity
    kind: Kind
    where: Where
    service: str
    method: str
    endpoint: str
    path: str
    stored: Any
    fresh: Any
    occurrences: tuple[Occurrence, ...]
    confirmed: bool | None = None
    attribution: Attribution = Attribution.UNKNOWN
    story: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits, the same every night."""
        parts = (self.service, self.method, self.endpoint, self.where, self.path, self.kind)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def is_client_drift(self) -> bool:
        """Whether it is the code under test that changed, not the provider."""
        return self.where is Where.REQUEST


@dataclass(frozen=True, slots=True)
class Noise:
    """Differences that say nothing, in one place of an endpoint, and by one evidence.

    ``path`` is the place with ``*`` for indices and ``why`` the evidence, in one short phrase;
    ``count`` says how often it was met. ``interaction``, ``pointer``, ``stored`` and ``fresh``
    are those of the first time; the interaction is that of the stored side, -1 where it has none.
    """

    method: str
    endpoint: str
    where: Where
    path: str
    why: str
    count: int = 1
    interaction: int = -1
    pointer: str = ""
    stored: Any = None
    fresh: Any = None


@dataclass(frozen=True, slots=True)
class CouldNotCheck:
    """Something of which nobody may say that it is clean."""

    cassette: str
    test: str | None
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class CassetteResult:
    """How one cassette fared: ``outcome`` is pytest's word for its test, or ``"compared"``."""

    path: str
    test: str | None
    outcome: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """Which run a report is of; ``started`` is a time of RFC 3339 in UTC."""

    id: str
    started: str
    command: str


@dataclass(frozen=True, slots=True)
class RulesUsed:
    """What became of the ignore rules, each by its own words."""

    used: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check or a diff has to say.

    ``noise`` counts the differences that were judged to say nothing, and ``noise_seen`` says
    which they are; that is no part of the JSON report.
    """

    tool_version: str
    run: Run
    fail_on: FailOn
    findings: tuple[Finding, ...] = ()
    cassettes: tuple[CassetteResult, ...] = ()
    could_not_check: tuple[CouldNotCheck, ...] = ()
    checked_cassettes: int = 0
    checked_interactions: int = 0
    noise: int = 0
    failed_tests: int = 0
    rules: RulesUsed = field(default_factory=RulesUsed)
    noise_seen: tuple[Noise, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole run."""
        return judge(
            self.findings,
            could_not_check=bool(self.could_not_check) or self.checked_cassettes == 0,
            failed=self.failed_tests > 0,
        )

    @property
    def exit_code(self) -> int:
        """The exit code of the contract, for a run that got as far as a report."""
        if self.fail_on is not FailOn.NEVER:
            threshold = Severity[self.fail_on.name]
            if any(finding.severity >= threshold for finding in self.findings):
                return 1
        if self.could_not_check or self.checked_cassettes == 0:
            return 3
        return 4 if self.failed_tests else 0

    def count(self, severity: Severity) -> int:
        """How many findings there are of one severity."""
        return sum(finding.severity is severity for finding in self.findings)


def judge(findings: tuple[Finding, ...], *, could_not_check: bool, failed: bool) -> Verdict:
    """The first verdict that applies, in the order of ``Verdict``."""
    provider = {finding.severity for finding in findings if not finding.is_client_drift}
    client = any(finding.is_client_drift and finding.severity > Severity.INFO for finding in findings)
    applies = {
        Verdict.BREAKING: Severity.BREAKING in provider,
        Verdict.CLIENT_DRIFT: client,
        Verdict.RISKY: Severity.RISKY in provider,
        Verdict.COULD_NOT_CHECK: could_not_check,
        Verdict.FAILED: failed,
        Verdict.ADDITIVE: Severity.ADDITIVE in provider,
    }
    return next((verdict for verdict, does in applies.items() if does), Verdict.CLEAN)
