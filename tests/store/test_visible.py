"""Which headers other readers see, and the way back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undrift.model import Headers
from undrift.store.visible import Original, original_fields, restore_headers, visible_headers, with_length

NAMES = st.sampled_from(["Content-Length", "content-length", "Content-Encoding", "A", "B"])
HEADERS = st.lists(
    st.tuples(NAMES, st.sampled_from(["1", "2", "gzip"])), max_size=6, unique_by=lambda field: field[0].lower()
)


def test_the_length_is_that_of_the_stored_body_in_bytes() -> None:
    headers = Headers.of([("A", "1"), ("content-length", "99"), ("Content-Encoding", "gzip")])

    assert visible_headers(headers, "é", is_encoded=True) == Headers.of([("A", "1"), ("content-length", "2")])
    assert visible_headers(headers, b"abc", is_encoded=False).get("Content-Length") == "3"
    assert visible_headers(headers, b"abc", is_encoded=False).get("Content-Encoding") == "gzip"


def test_no_length_is_made_up() -> None:
    assert with_length(Headers.of([("A", "1")]), 5) == Headers.of([("A", "1")])


def test_what_changed_is_kept_with_its_place() -> None:
    headers = Headers.of([("Content-Encoding", "gzip"), ("A", "1"), ("Content-Length", "99")])
    visible = visible_headers(headers, "abc", is_encoded=True)

    changed = tuple(original_fields(headers, visible))

    assert changed == (Original(0, "Content-Encoding", "gzip"), Original(2, "Content-Length", "99"))
    assert restore_headers(visible, changed) == headers


@given(HEADERS, st.sampled_from([True, False]), st.binary(max_size=3))
def test_the_way_back_is_exact(fields: list[tuple[str, str]], is_encoded: object, body: bytes) -> None:
    headers = Headers.of(fields)
    visible = visible_headers(headers, body, is_encoded=bool(is_encoded))

    assert restore_headers(visible, original_fields(headers, visible)) == headers
