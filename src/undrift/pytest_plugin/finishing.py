"""After a test and its fixtures: judge what it did, and store what it recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.errors import UndriftError
from undrift.pytest_plugin.state import RUN, TESTS

if TYPE_CHECKING:
    from undrift.app.session import OpenDeck
    from undrift.errors import PlaybackError
    from undrift.pytest_plugin.state import Run, TestState


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
        words = "\n\n".join(str(refusal) for refusal in swallowed)
        pytest.fail(
            f"The test passed, but a request of it was refused, and the refusal was caught:\n{words}", pytrace=False
        )
    changes = _client_drift(item.config.stash[RUN], item, opened)
    if not changes:
        return
    policy = opened.client_drift_policy
    if policy == "fail":
        lines = "\n".join(f"  {change}" for change in changes)
        pytest.fail(
            f"The code under test no longer sends what was recorded in {opened.deck.path}:\n{lines}\n"
            f"If that is meant, record the test again:\n  {opened.deck.options.record_command}",
            pytrace=False,
        )
    if policy == "warn":
        state.warnings = changes


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


def _client_drift(run: Run, item: pytest.Item, opened: OpenDeck) -> tuple[str, ...]:
    stored = opened.stored
    drifts = opened.deck.client_drift()
    if stored is None or not drifts:
        return ()
    from undrift.app.client import client_findings, in_words  # noqa: PLC0415 - only where there is drift

    # A cassette that other tests play too holds requests that this one never made.
    is_shared = stored.test not in {None, item.nodeid} or item.get_closest_marker("default_cassette") is not None
    judged = [drift for drift in drifts if drift.sent is not None or not is_shared]
    origins = run.session.origins
    return tuple(in_words(finding) for drift in judged for finding in client_findings(drift, opened.deck.path, origins))
