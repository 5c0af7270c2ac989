"""Drift: two lists of interactions and the evidence in, findings out."""

from __future__ import annotations

from undrift.drift.compare import compare, examine, settle
from undrift.drift.comparison import Comparison, Context, Draft
from undrift.drift.merging import confirm, merge
from undrift.drift.nights import Earlier, Night, Tonight
from undrift.drift.noise import merge_noise
from undrift.drift.pooling import answers, open_groups, pool, pool_drafts, questions, unanswered
from undrift.drift.results import (
    Attribution,
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Finding,
    Kind,
    Noise,
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
from undrift.drift.shape import Place

__all__ = [
    "Attribution",
    "CassetteResult",
    "Comparison",
    "Context",
    "CouldNotCheck",
    "Draft",
    "Earlier",
    "FailOn",
    "Finding",
    "IgnoreRule",
    "Kind",
    "Night",
    "Noise",
    "Occurrence",
    "Place",
    "Reason",
    "Report",
    "RulesUsed",
    "Run",
    "Severity",
    "Tonight",
    "Verdict",
    "Where",
    "answers",
    "compare",
    "confirm",
    "examine",
    "judge",
    "merge",
    "merge_noise",
    "open_groups",
    "pool",
    "pool_drafts",
    "questions",
    "settle",
    "unanswered",
]
