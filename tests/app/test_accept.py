"""What `undrift accept` takes over, what it leaves, and what it says of both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.stranger import TESTS, Stranger

ONE, TWO, THREE = (f"cassettes/tests/test_it/test_{name}.yaml" for name in ("one", "two", "three"))
REVIEW = "Review the changes with `git diff`, and commit them.\n"
PLAIN = {"number": 7, "name": "plain"}


@pytest.fixture
def checked(stranger: Stranger) -> Stranger:
    """Give a project whose check found two cassettes changed, and one that was as it was."""
    stranger.record()
    stranger.server.say("/one", {**PLAIN, "more": 1})
    stranger.server.say("/two", {"name": "other"})
    assert stranger.undrift("check").code == 1
    return stranger


def changed(stranger: Stranger, before: dict[str, bytes]) -> set[str]:
    return {f"cassettes/{name}" for name, content in stranger.cassettes().items() if content != before.get(name)}


def test_all_that_was_found_is_accepted_and_then_clean(checked: Stranger) -> None:
    before = checked.cassettes()
    done = checked.undrift("accept")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"Accepted {ONE}: 1 interaction; settles 1 additive.\n"
        f"Accepted {TWO}: 1 interaction; settles 1 breaking, 1 info.\n{REVIEW}"
    )
    assert changed(checked, before) == {ONE, TWO}
    again = checked.check("--fail-on", "additive")
    assert (again.code, again.report["verdict"], again.report["findings"]) == (0, "clean", [])
    assert checked.undrift("replay").code == 0


NAMES = {
    ONE: {ONE},
    "test_one.yaml": {ONE},
    "tests/test_it.py::test_two": {TWO},
    "test_two": {TWO},
    "tests/test_it.py": {ONE, TWO, THREE},
    "cassettes/tests/": {ONE, TWO, THREE},
    "*::test_t*": {TWO, THREE},
    "cassettes/*o.yaml": {TWO},
}


def test_cassettes_tests_and_patterns_name_what_is_accepted(checked: Stranger) -> None:
    saved = Path(shutil.copytree(checked.root, checked.root.parent / f"{checked.root.name}-saved"))
    before = checked.cassettes()
    for name, named in NAMES.items():
        done = checked.undrift("accept", name)
        assert done.code == 0, name
        assert {path for path in (ONE, TWO, THREE) if f"Accepted {path}: " in done.out} == named, name
        assert changed(checked, before) <= named, name
        shutil.copytree(saved, checked.root, dirs_exist_ok=True)


def test_several_names_and_a_cassette_without_findings(checked: Stranger) -> None:
    done = checked.undrift("accept", "test_three", THREE, "test_one")
    assert done.out == (
        f"Accepted {THREE}: 1 interaction; settles no findings.\n"
        f"Accepted {ONE}: 1 interaction; settles 1 additive.\n{REVIEW}"
    )


def test_a_name_that_fits_nothing_accepts_nothing(checked: Stranger) -> None:
    before = checked.cassettes()
    done = checked.undrift("accept", "test_one", "test_four")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"undrift: 'test_four' names nothing in the last check. Its cassettes are: {ONE}, {THREE}, {TWO}.\n"
    )
    assert checked.cassettes() == before


def test_twice_is_once(checked: Stranger) -> None:
    checked.undrift("accept", "test_one")
    before = checked.cassettes()
    done = checked.undrift("accept", "test_one")
    assert (done.code, done.out) == (
        0,
        f"Left {ONE}: its take is gone; it was accepted already, or cleaned up.\n",
    )
    assert checked.cassettes() == before


def test_a_cassette_that_changed_since_the_check_is_left(checked: Stranger) -> None:
    path = checked.root / ONE
    path.write_bytes(path.read_bytes() + b"# by hand\n")
    before = checked.cassettes()
    done = checked.undrift("accept")
    assert done.code == 0
    assert f"Left {ONE}: the cassette changed since the check; check again.\n" in done.out
    assert changed(checked, before) == {TWO}


def test_a_cassette_that_is_gone_since_the_check_is_left(checked: Stranger) -> None:
    (checked.root / ONE).unlink()
    done = checked.undrift("accept", ONE)
    assert done.out == f"Left {ONE}: the cassette changed since the check; check again.\n"
    assert not (checked.root / ONE).exists()


@pytest.mark.parametrize(
    ("body", "fared"), [("assert 0", "failed"), ("pytest.skip('no')", "was skipped"), ("pytest.xfail('no')", "xfailed")]
)
def test_the_take_of_a_test_that_did_not_pass_is_left(stranger: Stranger, body: str, fared: str) -> None:
    stranger.record()
    stranger.write(TESTS.replace('    get("/two")', f'    get("/two")\n    {body}'))
    stranger.server.say("/two", {"name": "plain"})
    stranger.check()
    before = stranger.cassettes()
    done = stranger.undrift("accept", TWO)
    assert done.code == 1
    assert done.out == f"Left {TWO}: its test {fared} live; mend the test and check again.\n"
    assert stranger.cassettes() == before


def test_a_test_that_sent_nothing_left_no_take(stranger: Stranger) -> None:
    stranger.record()
    stranger.write(TESTS.replace('get("/two")', "pass"))
    stranger.check()
    assert stranger.undrift("accept").out == f"Left {TWO}: the check left no take of it.\n"


def test_a_test_without_a_cassette_gets_its_first_one(stranger: Stranger) -> None:
    stranger.check("-k", "one")
    done = stranger.undrift("accept", "test_one")
    assert done.out == f"Accepted {ONE}: 0 interactions before, 1 now; settles no findings.\n{REVIEW}"
    assert list(stranger.cassettes()) == ["tests/test_it/test_one.yaml"]


def test_more_or_fewer_interactions_are_told(stranger: Stranger) -> None:
    stranger.record()
    stranger.write(TESTS.replace('get("/two")', 'get("/two"), get("/two?more=1")'))
    stranger.check()
    done = stranger.undrift("accept")
    assert done.out.startswith(f"Accepted {TWO}: 1 interaction before, 2 now; settles 1 breaking.\n")


def test_nothing_to_accept(stranger: Stranger) -> None:
    stranger.record()
    assert stranger.undrift("check").code == 0
    done = stranger.undrift("accept")
    assert (done.code, done.out) == (0, "There is nothing to accept: the last check found no change.\n")


def test_nothing_to_accept_of_a_check_with_gaps(stranger: Stranger) -> None:
    stranger.record()
    stranger.server.say("/two", {}, status=503)
    assert stranger.undrift("check").code == 3
    done = stranger.undrift("accept")
    assert done.out == (
        "There is nothing to accept: the last check could not look at everything, and found no change.\n"
    )


def test_no_check_to_accept(stranger: Stranger) -> None:
    done = stranger.undrift("accept")
    assert (done.code, done.out) == (2, "")
    report = stranger.root / ".undrift" / "report.json"
    assert done.err == (f"undrift: There is no check to accept: {report} does not exist. Run `undrift check` first.\n")


def test_a_check_that_saw_nothing_names_no_cassette(stranger: Stranger) -> None:
    stranger.check("-k", "none_of_them")
    done = stranger.undrift("accept", "test_one")
    assert done.err == "undrift: 'test_one' names nothing in the last check. Its cassettes are: none.\n"


@pytest.mark.parametrize("content", ["{", "[]", '{"run": {"id": 3}, "findings": []}', None])
def test_a_report_that_is_none_is_one_sentence(stranger: Stranger, content: str | None) -> None:
    report = stranger.root / ".undrift" / "report.json"
    report.parent.mkdir()
    if content is None:
        report.mkdir()
    else:
        report.write_text(content, "utf-8")
    done = stranger.undrift("accept")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"undrift: {report} cannot be read: ")
    assert done.err.endswith(" Run `undrift check` again.\n")


def test_a_report_cannot_lead_elsewhere(stranger: Stranger) -> None:
    report = stranger.root / ".undrift" / "report.json"
    report.parent.mkdir()
    report.write_text(json.dumps({"run": {"id": "../../.."}, "findings": []}), "utf-8")
    done = stranger.undrift("accept")
    assert (done.code, done.err) == (2, "undrift: '../../..' is no name of a run.\n")


def test_a_take_that_cannot_be_used_is_left_and_the_others_are_told(checked: Stranger) -> None:
    take = checked.root / ".undrift" / "takes" / checked.kept_report()["run"]["id"] / ONE
    take.write_bytes(take.read_bytes()[:100])
    before = checked.cassettes()
    done = checked.undrift("accept")
    assert done.code == 2
    assert f"Accepted {TWO}: " in done.out
    assert f"Left {ONE}: {take}: " in done.out
    assert changed(checked, before) == {TWO}
    assert take.exists()
