"""The JSON report, version 1: what machines read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from undrift.drift.results import Severity
from undrift.report.plain import plain

if TYPE_CHECKING:
    from undrift.drift.results import Finding, Report

SCHEMA = "undrift.report/1"


def render(report: Report) -> str:
    """The report as JSON in ASCII, so that no encoding of standard output can spoil it."""
    return json.dumps(plain(_document(report)), indent=2, allow_nan=False) + "\n"


def _document(report: Report) -> dict[str, Any]:
    run, rules = report.run, report.rules
    return {
        "schema": SCHEMA,
        "tool_version": report.tool_version,
        "run": {"id": run.id, "started": run.started, "command": run.command},
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "checked": {"cassettes": report.checked_cassettes, "interactions": report.checked_interactions},
        "counts": {severity.label: report.count(severity) for severity in reversed(Severity)} | {"noise": report.noise},
        "findings": [_finding(finding) for finding in report.findings],
        "cassettes": [
            {"path": each.path, "test": each.test, "outcome": each.outcome, "verdict": each.verdict.value}
            for each in report.cassettes
        ],
        "could_not_check": [
            {"cassette": each.cassette, "test": each.test, "reason": each.reason.value, "detail": each.detail}
            for each in report.could_not_check
        ],
        "rules": {"used": rules.used, "unused": rules.unused, "expired": rules.expired},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity.label,
        "kind": finding.kind.value,
        "where": finding.where.value,
        "service": finding.service,
        "method": finding.method,
        "endpoint": finding.endpoint,
        "path": finding.path,
        "stored": finding.stored,
        "fresh": finding.fresh,
        "confirmed": finding.confirmed,
        "attribution": finding.attribution.value,
        "occurrences": [
            {
                "cassette": each.cassette,
                "interaction": each.interaction,
                "fresh_interaction": each.fresh_interaction,
                "pointer": each.pointer,
            }
            for each in finding.occurrences
        ],
    }
