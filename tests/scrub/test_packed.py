"""What is packed within other bytes."""

from __future__ import annotations

import gzip

import pytest

from undrift.scrub.packed import may_be_packed, packed_in

PACKED = gzip.compress(b"hunter2", mtime=0)


def test_each_packed_piece_is_found_with_its_place() -> None:
    data = b"before " + PACKED + b" between " + PACKED

    found = list(packed_in(data))

    assert [(data[one.start : one.end], one.content) for one in found] == [(PACKED, b"hunter2")] * 2
    assert may_be_packed(data)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("data", [b"", b"words", b"\x1f\x8b\x08 is none", PACKED[:-9], gzip.compress(b"", mtime=0)])
def test_what_is_not_whole_or_holds_nothing_is_none(data: bytes) -> None:
    assert list(packed_in(data)) == []


def test_base64_of_something_packed_may_be_such() -> None:
    assert may_be_packed(b'{"data": "H4sIAAAA"}')
    assert not may_be_packed(b'{"data": "eyJhIjoxfQ"}')
