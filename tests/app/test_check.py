"""Judging what a run left behind: notes and takes in, a report out."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from undrift import store
from undrift.app.check import check_notes, confirmed, judge_single_pass, report_of, rules_used, unsettled
from undrift.app.project import Project
from undrift.config import Config, parse
from undrift.drift.results import FailOn, Reason, Verdict
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store.workspace import Note, Workspace

if TYPE_CHECKING:
    from pathlib import Path

RUN = "2026-11-20T02-00-00Z-7f3a"
STARTED = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
NONE = Secrets.named({})
TEST = "tests/test_x.py::test_one"
CASSETTE = "cassettes/one.yaml"
TAKE = f".undrift/takes/{RUN}/one.yaml"
PLAIN = {"number": 7, "name": "plain"}
JSON = Headers.of([("Content-Type", "application/json")])


def cassette(answer: Any, path: str = "one") -> Cassette:
    exchange = Interaction(
        Request("GET", f"https://a.example/{path}"), Response(200, "OK", JSON, json.dumps(answer).encode())
    )
    return Cassette((exchange,))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, Config(is_explicit=True))


def put(project: Project, name: str, answer: Any, path: str = "one") -> None:
    store.write(project.root / name, scrub(cassette(answer, path), NONE), NONE)


def note(take: str | None = TAKE, **more: Any) -> Note:
    return Note(test=TEST, cassette=more.pop("cassette", CASSETTE), take=take, **more)


def test_a_take_is_compared_with_its_cassette(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, {"name": "plain"})
    (found,) = check_notes(project, [note()])
    assert found.comparison is not None
    assert [finding.path for finding in found.comparison.findings] == ["/number"]
    assert unsettled([found]) == (TEST,)


def test_other_takes_of_a_run_tell_what_is_optional(project: Project) -> None:
    others = note(TAKE.replace("one", "two"), cassette=CASSETTE.replace("one", "two"))
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, {"name": "plain"})
    put(project, others.cassette, PLAIN)
    put(project, str(others.take), PLAIN)
    one, other = check_notes(project, [note(), others])
    assert one.comparison is not None
    assert other.comparison is not None
    assert [finding.severity.label for finding in one.comparison.findings] == ["risky"]
    assert other.comparison.findings == ()


def test_a_note_of_a_test_that_sent_nothing_and_has_nothing_is_nothing(project: Project) -> None:
    assert check_notes(project, [note(None), note(None, outcome="failed")]) == ()


@pytest.mark.parametrize("broken", [CASSETTE, TAKE])
def test_a_file_that_is_broken_is_not_compared(project: Project, broken: str) -> None:
    for name in (CASSETTE, TAKE):
        put(project, name, PLAIN)
    (project.root / broken).write_text("- 1\n", "utf-8")
    (found,) = check_notes(project, [note()])
    assert found.problem is not None
    assert (found.problem.reason, found.comparison) == (Reason.NOT_COMPARED, None)
    assert "line 1: A cassette must be a mapping" in found.problem.detail
    assert unsettled([found]) == ()


def test_a_take_that_is_gone_is_not_compared(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    (found,) = check_notes(project, [note()])
    assert found.problem is not None
    assert "There is no such cassette" in found.problem.detail


def test_a_failed_test_without_a_deck_is_failed_and_one_that_was_skipped_is_nothing(project: Project) -> None:
    (found,) = check_notes(
        project, [note(None, cassette="", outcome="failed"), note(None, cassette="", outcome="passed")]
    )
    assert (found.comparison, found.problem) == (None, None)
    report = report_of(project, RUN, STARTED, [found], FailOn.BREAKING)
    assert (report.failed_tests, report.cassettes[0].verdict) == (1, Verdict.FAILED)


def test_a_reason_of_the_plugin_is_that_of_the_report(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    missing = note(None, outcome="skipped", reason="no-credential", detail="The credential KEY is missing.")
    (found,) = check_notes(project, [missing])
    assert found.problem is not None
    assert (found.problem.reason, found.problem.detail) == (Reason.NO_CREDENTIAL, "The credential KEY is missing.")


def both(project: Project, first: Any, second: Any) -> tuple[Any, Any]:
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, first)
    again = TAKE.replace(RUN, f"{RUN}-2")
    if second is not None:
        put(project, again, second)
    checked = check_notes(project, [note()])
    (settled,) = confirmed(project, checked, [note(again)])
    return checked[0], settled


def test_the_second_take_confirms(project: Project) -> None:
    _, settled = both(project, {"name": "plain"}, {"name": "plain"})
    assert [(one.path, one.confirmed) for one in settled.comparison.findings] == [("/number", True)]


def test_the_second_take_clears(project: Project) -> None:
    _, settled = both(project, {**PLAIN, "number": "7"}, PLAIN)
    assert settled.comparison.findings == ()
    assert settled.comparison.noise_count == 1


def test_a_second_take_that_is_gone_changes_nothing(project: Project) -> None:
    first, settled = both(project, {"name": "plain"}, None)
    assert settled == first


def test_the_first_take_may_be_gone_by_then(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, {"name": "plain"})
    checked = check_notes(project, [note()])
    (project.root / TAKE).unlink()
    again = f"{TAKE}-2.yaml"
    put(project, again, {"name": "plain"})
    (settled,) = confirmed(project, checked, [note(again)])
    assert settled.comparison is not None
    assert [one.confirmed for one in settled.comparison.findings] == [True]


def test_a_finding_of_a_fixture_asks_for_all_tests(project: Project) -> None:
    fixture = Note(test="tests::token", cassette="cassettes/_fixtures/token.yaml", take=f"{TAKE}-2.yaml")
    put(project, fixture.cassette, PLAIN, "token")
    put(project, str(fixture.take), {"name": "plain"}, "token")
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, PLAIN)
    assert unsettled(check_notes(project, [note(), fixture])) == (TEST, "tests::token")


def test_a_foreign_cassette_only_warns_of_client_drift(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    text = (project.root / CASSETTE).read_text("utf-8")
    foreign = "version: 1\n" + text[text.index("interactions:") :].partition("\n  undrift:")[0] + "\n"
    (project.root / CASSETTE).write_text(foreign, "utf-8")
    (found,) = check_notes(project, [note(None)])
    assert found.comparison is not None
    assert [finding.severity.label for finding in found.comparison.findings] == ["info"]


def test_a_rule_that_is_used_once_is_no_unused_one(project: Project) -> None:
    rule = {"path": "/number", "reason": "known", "expires": "2999-01-01"}
    ruled = Project(project.root, parse({"ignore": [rule]}))
    put(ruled, CASSETTE, PLAIN)
    put(ruled, TAKE, {"name": "plain"})
    put(ruled, f"{TAKE}-same.yaml", PLAIN)
    checked = check_notes(ruled, [note(), Note(test="tests::two", cassette=CASSETTE, take=f"{TAKE}-same.yaml")])
    used = rules_used(ruled.config, [found.comparison for found in checked if found.comparison is not None])
    assert (len(used.used), used.unused, used.expired) == (1, (), ())
    assert rules_used(project.config, []).used == ()


def test_one_pass_on_its_own_is_judged_from_its_journal(project: Project) -> None:
    put(project, CASSETTE, PLAIN)
    put(project, TAKE, {"name": "plain"})
    Workspace(project.root).add_note(RUN, note())
    report = judge_single_pass(project, RUN, STARTED)
    assert (report.verdict, report.exit_code, report.run.started) == (Verdict.BREAKING, 1, "2026-11-20T02:00:00Z")
    assert [finding.confirmed for finding in report.findings] == [None]
