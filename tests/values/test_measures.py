"""Numbers that a machine measured, and numbers that people set."""

from __future__ import annotations

import pytest

from undrift.values import Relation, relate, relate_numbers


@pytest.mark.parametrize(
    ("stored", "fresh", "name"),
    [
        (0.16340499195627334, 0.5900078661885262, "v"),
        (11136944, 11124480, "heapUsed"),
        (74068512768, 74067910656, "quota-available-bytes"),
        (4.38, 4.27, "loadavg"),
        (41, 85, "last_active_ago"),
        (1984, 1720, "age"),
        (57, 58, "remaining"),
        (732, 661, "durationMs"),
        (40375, 48955, "port"),
        (61875, 29533, "orderNumber"),
    ],
)
def test_what_was_measured(stored: float, fresh: float, name: str) -> None:
    assert relate_numbers(stored, fresh, name).relation is Relation.CHANCE


@pytest.mark.parametrize(
    ("stored", "fresh", "name"),
    [
        (37.4224082, 37.4224099, "lat"),
        (512, 1024, "memory"),
        (31, 32, "age"),
        (4, 8, "cpu"),
        (1e300, 2e300, "v"),
        (123456789, 987654321, "amount"),
        (732, 661, "timeout_ms"),
        (8080, 8081, "port"),
        (1, 2, "number"),
    ],
)
def test_what_was_set(stored: float, fresh: float, name: str) -> None:
    assert relate_numbers(stored, fresh, name).relation is Relation.VALUE


def test_numbers_in_texts_are_measured_alike() -> None:
    assert relate("34875781120", "34876383232", "quota-used-bytes").relation is Relation.CHANCE
    assert relate("0.16340499195627334", "0.5900078661885262", "v").relation is Relation.CHANCE
    assert relate("512", "1024", "memory").relation is Relation.VALUE
