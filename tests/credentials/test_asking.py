from __future__ import annotations

import threading

import pytest

from undrift.credentials.asking import Answer, Answered, failed, within


def test_an_answer_in_time_and_an_error_are_handed_on() -> None:
    assert within(5, lambda: Answer({"A": "1"})) == Answer({"A": "1"})

    def broken() -> Answer:
        raise KeyError("nothing")

    with pytest.raises(KeyError, match="nothing"):
        within(5, broken)


def test_nobody_is_waited_for_longer_than_that() -> None:
    never = threading.Event()

    def hanging() -> Answer:
        never.wait()
        return Answer()

    try:
        with pytest.raises(TimeoutError, match=r"^there was no answer within 0\.01 seconds$"):
            within(0.01, hanging)
    finally:
        never.set()


def test_what_a_server_wrote_is_one_short_line() -> None:
    error = failed("The manager", ["A", "B"], "no:\n  \x1b[31m" + "x" * 300, "Mend it.")
    assert str(error) == (
        f"The manager was asked for A, B and failed: no: \\x1b[31m{'x' * 188}. No request was sent. "
        "Mend it. Or set them in the environment."
    )
    assert str(failed("It", ["A"], "Down.", "Mend it.")).endswith(
        "failed: Down. No request was sent. Mend it. Or set it in the environment."
    )


def test_one_that_was_asked_before_gives_what_it_is_asked_for() -> None:
    asked = Answered("the manager", Answer({"A": "1", "B": "2"}, "remark"))
    assert asked.ask(["A", "C"]) == Answer({"A": "1"}, "remark")
