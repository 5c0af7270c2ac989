"""After a test and its fixtures: judge what it did, and store what it recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.errors import UndriftError
from undrift.pytest_plugin.state import TESTS

if TYPE_CHECKING:
    from undrift.app.open_deck import OpenDeck
    from undrift.errors import PlaybackError
    from undrift.pytest_plugin.state import TestState


def finish(item: pytest.Item, *, torn_down: bool) -> None:
    """Finish the test's deck; a failure here is an error of the test's teardown."""
    __tracebackhide__ = True
    state = item.stash.get(TESTS, None)
    if state is None or state.deck is None:
        return
    passed = torn_down and state.has_passed
    try:
        state.closed = state.deck.finish(passed=passed)
    except UndriftError as error:
        state.trouble = error
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    if passed:
        _judge(item, state, state.deck)


def _judge(item: pytest.Item, state: TestState, opened: OpenDeck) -> None:
    __tracebackhide__ = True
    swallowed = [refusal for refusal in opened.deck.refusals if not _was_caught_by(item, refusal)]
    if swallowed:
        # An SDK that tries again is refused again, in the same words.
        words = "\n\n".join(dict.fromkeys(map(str, swallowed)))
        pytest.fail(
            f"The test passed, but a request of it was refused, and the refusal was caught:\n{words}", pytrace=False
        )
    # A cassette that other tests play too holds requests that this one never made.
    stored = opened.stored.test if opened.stored is not None else None
    is_shared = stored not in {None, item.nodeid} or item.get_closest_marker("default_cassette") is not None
    state.warnings = judge_client_drift(opened, judge_unused=not is_shared)


def judge_client_drift(opened: OpenDeck, *, judge_unused: bool = True) -> tuple[str, ...]:
    """Fail for client drift where that is the policy; else give what is to be warned of."""
    __tracebackhide__ = True
    if not opened.deck.client_drift():
        return ()
    from undrift.app.client import changes_in_words  # noqa: PLC0415 - heavy, and rarely needed

    changes = changes_in_words(opened, judge_unused=judge_unused)
    if changes and opened.client_drift_policy == "fail":
        lines = "\n".join(f"  {change}" for change in changes)
        pytest.fail(
            f"The code under test no longer sends what was recorded in {opened.deck.path}:\n{lines}\n"
            f"If that is meant, record the test again:\n  {opened.deck.options.record_command}",
            pytrace=False,
        )
    return changes if opened.client_drift_policy == "warn" else ()


def _was_caught_by(item: pytest.Item, refusal: PlaybackError) -> bool:
    """Whether the test itself caught the refusal as what it is.

    An error carries the frames through which it went. One that an SDK swallowed or wrapped
    never came as far as the test's own file.
    """
    step = refusal.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(item.path):
            return True
        step = step.tb_next
    return False
