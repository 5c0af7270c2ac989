from __future__ import annotations

from undrift.engine.kept import Kept
from undrift.model import Failure, Interaction, Request, Response

ONE, TWO, THREE = (Interaction(Request("GET", f"https://api.test/{name}"), Response(200)) for name in "abc")
FAILED = Failure(0, Request("GET", "https://api.test/d"), "timeout")


def test_a_failure_has_its_place_among_what_is_kept() -> None:
    kept = Kept()
    for entry in (ONE, lambda: None, FAILED, TWO, FAILED):
        kept.add(entry)
    interactions, failures = kept.so_far()
    assert interactions == (ONE, TWO)
    assert [failure.position for failure in failures] == [1, 2]


def test_what_is_being_read_is_asked_each_time() -> None:
    answers = iter([None, ONE, FAILED])
    kept = Kept()
    kept.add(lambda: next(answers))
    kept.add(THREE)
    assert kept.so_far() == ((THREE,), ())
    assert kept.so_far() == ((ONE, THREE), ())
    assert kept.so_far() == ((THREE,), (FAILED,))
