"""What breaks off, below a buffer as clients have it; with real clients it is shown in the integration tests."""

from __future__ import annotations

import io

import pytest

from undrift.engine.breaking import BreakingOff


def test_what_came_is_read_part_by_part_and_then_the_error() -> None:
    broken = BreakingOff([b"one", b"", b"three"], ConnectionResetError("gone"))
    assert broken.readable()
    assert [broken.read(2), broken.read(2), broken.read(9)] == [b"on", b"e", b"three"]
    with pytest.raises(ConnectionResetError, match="gone"):
        broken.read(1)


def test_without_an_error_it_ends() -> None:
    assert io.BufferedReader(BreakingOff([b"one\n", b"two"], None)).readlines() == [b"one\n", b"two"]
