"""Drift: two lists of interactions and the evidence in, findings out."""

from __future__ import annotations

from undrift.drift.compare import compare
from undrift.drift.comparison import Comparison, Context
from undrift.drift.merging import confirm, merge
from undrift.drift.noise import Noise
from undrift.drift.results import (
    Attribution,
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Finding,
    Kind,
    Occurrence,
    Reason,
    Report,
    RulesUsed,
    Run,
    Severity,
    Verdict,
    Where,
    judge,
)
from undrift.drift.rules import IgnoreRule

__all__ = [
    "Attribution",
    "CassetteResult",
    "Comparison",
    "Context",
    "CouldNotCheck",
    "FailOn",
    "Finding",
    "IgnoreRule",
    "Kind",
    "Noise",
    "Occurrence",
    "Reason",
    "Report",
    "RulesUsed",
    "Run",
    "Severity",
    "Verdict",
    "Where",
    "compare",
    "confirm",
    "judge",
    "merge",
]
