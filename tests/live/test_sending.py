from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from undrift.errors import NotAnsweredError, UsageError
from undrift.live import RetryPolicy, SystemClock, read_retry_after, send
from undrift.model import Headers, Request, Response

GET = Request("GET", "http://127.0.0.1/")
POST = Request("POST", "http://127.0.0.1/")
KEYED = Request("POST", "http://127.0.0.1/", Headers((("Idempotency-Key", "k"),)))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class StoppedClock:
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=sum(self.slept))

    def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration.total_seconds())


def answer(status: int, retry_after: str | None = None) -> Response:
    return Response(status, headers=Headers(() if retry_after is None else (("Retry-After", retry_after),)))


def play(
    request: Request, *outcomes: Response | NotAnsweredError, policy: RetryPolicy | None = None
) -> tuple[int | str, list[float]]:
    """What sending gave, the status or the kind of failure, and the pauses that it made."""
    left, clock = list(outcomes), StoppedClock()

    def transport(sent: Request) -> Response:
        assert sent is request
        outcome = left.pop(0)
        if isinstance(outcome, NotAnsweredError):
            raise outcome
        return outcome

    try:
        result: int | str = send(request, clock=clock, transport=transport, policy=policy or RetryPolicy()).status
    except NotAnsweredError as error:
        result = error.kind
    assert not left
    return result, clock.slept


def failure() -> NotAnsweredError:
    return NotAnsweredError("gone", kind="reset")


def test_what_is_answered_is_not_sent_again() -> None:
    for status in (200, 302, 404, 500):
        assert play(GET, answer(status, "5")) == (status, [])


def test_retry_after_in_seconds_is_waited_for() -> None:
    assert play(GET, answer(429, "7"), answer(503, " 3 "), answer(200)) == (200, [7, 3])


def test_retry_after_as_a_date_is_waited_for() -> None:
    assert play(GET, answer(503, "Fri, 20 Nov 2026 12:00:30 GMT"), answer(200)) == (200, [30])
    assert play(GET, answer(503, "Fri, 20 Nov 2026 11:00:00 GMT"), answer(200)) == (200, [0])


def test_without_retry_after_pauses_double() -> None:
    assert play(GET, answer(429), answer(429, "soon"), answer(429), answer(200)) == (200, [1, 2, 4])


def test_the_last_answer_is_given_once_the_tries_are_used_up() -> None:
    assert play(GET, *[answer(429, "1")] * 4) == (429, [1, 1, 1])
    assert play(GET, answer(429, "1"), policy=RetryPolicy(tries=1)) == (429, [])


def test_a_pause_beyond_the_longest_wait_is_not_begun() -> None:
    policy = RetryPolicy(longest_wait=timedelta(seconds=10))
    assert play(GET, answer(429, "11"), policy=policy) == (429, [])
    assert play(GET, answer(429, "6"), answer(503, "5"), policy=policy) == (503, [6])
    assert play(GET, answer(429, "6"), answer(503, "4"), answer(200), policy=policy) == (200, [6, 4])
    assert play(GET, answer(503, "9" * 400)) == (503, [])


def test_only_what_may_be_done_twice_is_sent_again_after_a_503() -> None:
    assert play(POST, answer(503, "1")) == (503, [])
    assert play(KEYED, answer(503, "1"), answer(201)) == (201, [1])
    assert play(POST, answer(429, "1"), answer(201)) == (201, [1])


def test_only_what_may_be_done_twice_is_sent_again_after_no_answer() -> None:
    assert play(GET, failure(), answer(200)) == (200, [1])
    assert play(POST, failure()) == ("reset", [])
    assert play(GET, *[failure() for _ in range(4)]) == ("reset", [1, 2, 4])
    assert play(GET, failure(), policy=RetryPolicy(longest_wait=timedelta(0))) == ("reset", [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(seconds=120)),
        # The three forms of a date (RFC 9110, section 5.6.7).
        ("Fri, 20 Nov 2026 12:01:00 GMT", timedelta(seconds=60)),
        ("Friday, 20-Nov-26 12:01:00 GMT", timedelta(seconds=60)),
        ("Fri Nov 20 12:01:00 2026", timedelta(seconds=60)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta(0)),
        ("9" * 30, timedelta.max),
        ("9" * 5_000, timedelta.max),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("", None),
        ("Fri, 99 Nov 2026 12:01:00 GMT", None),
    ],
)
def test_every_form_of_retry_after_is_read(value: str, expected: timedelta | None) -> None:
    assert read_retry_after(answer(503, value), NOON) == expected


def test_a_response_without_the_field_asks_for_nothing() -> None:
    assert read_retry_after(answer(503), NOON) is None


@pytest.mark.parametrize("settings", [{"tries": 0}, {"longest_wait": timedelta(-1)}, {"first_pause": timedelta(-1)}])
def test_a_policy_that_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="needs one try"):
        RetryPolicy(**settings)  # type: ignore[arg-type]  # wrong on purpose


def test_the_clock_of_this_machine_runs() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.sleep(timedelta(milliseconds=2))
    assert clock.now() - before >= timedelta(milliseconds=1)
    assert before.utcoffset() == timedelta(0)
