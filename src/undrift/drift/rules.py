"""Ignore rules: findings that somebody chose not to hear of, with a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from undrift.drift.results import RulesUsed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from undrift.drift.results import Finding


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Which findings are ignored, until when, and why.

    ``service`` and ``kind`` are compared whole, ``endpoint`` is a glob, ``path`` a JSON
    Pointer whose segments may be globs; empty means any. From the day after ``expires`` on
    the rule has no effect.
    """

    service: str = ""
    endpoint: str = ""
    path: str = ""
    kind: str = ""
    reason: str = ""
    expires: dt.date | None = None

    def __str__(self) -> str:
        """The rule in its own words, as reports quote it."""
        parts = (("service", self.service), ("endpoint", self.endpoint), ("path", self.path), ("kind", self.kind))
        words = " ".join(f"{name}={value}" for name, value in parts if value) or "everything"
        return f"{words} ({self.reason})" if self.reason else words

    def has_expired(self, today: dt.date | None) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and today is not None and self.expires < today

    def covers(self, finding: Finding) -> bool:
        """Whether a finding falls under this rule."""
        return (
            self.service in {"", finding.service}
            and self.kind in {"", finding.kind}
            and (not self.endpoint or fnmatchcase(finding.endpoint, self.endpoint) or self.endpoint == finding.endpoint)
            and (not self.path or covers_path(self.path, finding.path))
        )


def apply_rules(
    rules: Iterable[IgnoreRule], findings: Iterable[Finding], today: dt.date | None
) -> tuple[tuple[Finding, ...], RulesUsed]:
    """The findings that no rule in force covers, and what became of each rule."""
    rules = tuple(rules)
    expired = tuple(rule for rule in rules if rule.has_expired(today))
    active = tuple(rule for rule in rules if not rule.has_expired(today))
    used: dict[str, None] = {}
    kept = []
    for finding in findings:
        covering = [rule for rule in active if rule.covers(finding)]
        used.update((str(rule), None) for rule in covering)
        if not covering:
            kept.append(finding)
    unused = tuple(str(rule) for rule in active if str(rule) not in used)
    return tuple(kept), RulesUsed(tuple(used), unused, tuple(str(rule) for rule in expired))


def covers_path(glob: str, path: str) -> bool:
    """Whether a pointer matches, segment by segment; a ``**`` at the end takes all below."""
    wanted, given = glob.split("/"), path.split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        given = given[: len(wanted)]
    return len(wanted) == len(given) and all(
        want == have or fnmatchcase(have, want) for want, have in zip(wanted, given, strict=True)
    )
