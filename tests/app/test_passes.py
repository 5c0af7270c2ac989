"""Checks as their users run them: each verdict and each exit code, and what leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.ports import held
from tests.stranger import TABLE, TESTS, Answer, Stranger

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = {"number": 7, "name": "plain"}
FAILING = TESTS.replace('assert "number" in', 'assert "nothing" in')


def added(stranger: Stranger) -> None:
    stranger.server.say("/two", {**PLAIN, "more": 1})


def removed(stranger: Stranger) -> None:
    stranger.server.say("/two", {"name": "plain"})


def announced(stranger: Stranger) -> None:
    stranger.server.say("/two", Answer(PLAIN, headers=(("Deprecation", "true"),)))


def status(code: int) -> Callable[[Stranger], None]:
    return lambda stranger: stranger.server.say("/three", {}, status=code)


def failing(stranger: Stranger) -> None:
    stranger.write(FAILING)


def other_request(stranger: Stranger) -> None:
    stranger.write(TESTS.replace('"amount": 100', '"amount": 250'))


def no_request(stranger: Stranger) -> None:
    stranger.write(TESTS.replace('get("/two")', "pass"))


NEVER, RISKY, ADDITIVE = ("--fail-on", "never"), ("--fail-on", "risky"), ("--fail-on=additive",)

# What happened since the recording, what is asked for, the exit code and the verdict. More of
# the thresholds are in test_compare, since diff has the same.
CASES: list[tuple[tuple[Callable[[Stranger], None], ...], tuple[str, ...], int, str]] = [
    ((), (), 0, "clean"),
    ((added,), (), 0, "additive"),
    ((added,), ADDITIVE, 1, "additive"),
    ((announced,), (), 0, "risky"),
    ((announced,), RISKY, 1, "risky"),
    ((removed,), (), 1, "breaking"),
    ((removed,), NEVER, 0, "breaking"),
    ((other_request,), (), 1, "client-drift"),
    ((no_request,), (), 1, "client-drift"),
    ((other_request,), NEVER, 0, "client-drift"),
    ((other_request, removed), (), 1, "breaking"),
    ((failing,), (), 4, "failed"),
    # 1 comes before 3, and 3 before 4; `never` takes away 1 alone.
    ((removed, status(503), failing), (), 1, "breaking"),
    ((removed, status(503)), NEVER, 3, "breaking"),
    ((announced, status(503)), (), 3, "risky"),
    ((added, status(503)), (), 3, "could-not-check"),
    ((status(503), failing), (), 3, "could-not-check"),
    ((removed, failing), NEVER, 4, "breaking"),
    ((added, failing), (), 4, "failed"),
]


@pytest.mark.parametrize(("changes", "options", "code", "verdict"), CASES)
def test_every_exit_code_and_verdict(
    stranger: Stranger,
    changes: tuple[Callable[[Stranger], None], ...],
    options: tuple[str, ...],
    code: int,
    verdict: str,
) -> None:
    stranger.record()
    before = stranger.cassettes()
    for change in changes:
        change(stranger)
    done = stranger.check(*options)
    assert (done.code, done.report["verdict"]) == (code, verdict), done.both
    assert done.report["exit_code"] == code
    assert stranger.kept_report() == done.report
    assert stranger.cassettes() == before, "a check never touches a cassette"


def reasons(report: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["reason"], one["test"], one["detail"]) for one in report["could_not_check"]]


@pytest.mark.parametrize(
    ("code", "reason"), [(500, "server-error"), (503, "server-error"), (401, "unauthorized"), (429, "rate-limited")]
)
def test_an_answer_that_is_no_answer_is_no_drift(stranger: Stranger, code: int, reason: str) -> None:
    stranger.record()
    status(code)(stranger)
    done = stranger.check()
    test = "tests/test_it.py::test_three"
    assert reasons(done.report) == [(reason, test, f"POST /three answered {code}, where 200 was.")]
    assert (done.code, done.report["verdict"], done.report["findings"]) == (3, "could-not-check", [])
    assert done.report["checked"] == {"cassettes": 2, "interactions": 2}


def test_a_server_that_is_down_could_not_be_checked(stranger: Stranger) -> None:
    stranger.record()
    before = stranger.cassettes()
    stranger.server.shutdown()
    stranger.server.server_close()
    with held(stranger.server.server_address[1]):
        done = stranger.check()
    assert (done.code, done.report["verdict"], done.report["findings"]) == (3, "could-not-check", [])
    found = done.report["could_not_check"]
    assert {one["cassette"] for one in found if one["reason"] == "connection-refused"} == {
        f"cassettes/{name}" for name in before
    }
    assert {one["reason"] for one in found} == {"connection-refused"}
    assert stranger.cassettes() == before


def test_nothing_was_checked(stranger: Stranger) -> None:
    done = stranger.check("-k", "none_of_them")
    assert (done.code, done.report["verdict"]) == (3, "could-not-check")
    assert reasons(done.report) == [("not-reached", None, "pytest collected no tests.")]


def test_without_a_cassette_there_is_nothing_to_compare_with(stranger: Stranger) -> None:
    done = stranger.check("-k", "one")
    test = "tests/test_it.py::test_one"
    detail = f"There is no cassette to compare with. Record one: undrift record {test}"
    assert (done.code, reasons(done.report)) == (3, [("not-compared", test, detail)])
    assert stranger.cassettes() == {}


# What kept tests from being looked at. Nothing of this may ever be called clean.


def unseen(stranger: Stranger, *options: str) -> list[tuple[str, str | None, str]]:
    done = stranger.check(*options)
    assert (done.code, done.report["verdict"]) == (3, "could-not-check"), done.both
    return reasons(done.report)


def test_a_file_that_cannot_be_collected(stranger: Stranger) -> None:
    stranger.record()
    stranger.write("import nothing_of_the_kind\n", "tests/test_other.py")
    expected = (
        "not-reached",
        "tests/test_other.py",
        "It cannot be collected: ModuleNotFoundError: No module named 'nothing_of_the_kind'",
    )
    assert unseen(stranger, "--continue-on-collection-errors") == [expected]
    found = unseen(stranger)
    assert expected in found
    early = "pytest ended early (exit code 2), so tests may be missing; what it said is above."
    assert ("not-reached", None, early) in found
    assert ("not-reached", "tests/test_it.py::test_two", "The test was not run, or not to its end.") in found


def test_a_run_that_ended_early(stranger: Stranger) -> None:
    stranger.record()
    stranger.write(FAILING)
    assert {test for _, test, _ in unseen(stranger, "-x")} >= {
        "tests/test_it.py::test_two",
        "tests/test_it.py::test_three",
    }
    stranger.write(TESTS.replace('get("/two")', "pytest.exit('enough', 42)"))
    found = unseen(stranger)
    assert ("not-reached", "tests/test_it.py::test_three", "The test was not run, or not to its end.") in found
    assert any("(exit code 42)" in detail for _, _, detail in found)


SKIPPED = [
    ("def test_two", '@pytest.mark.skip(reason="later")\ndef test_two', "The test was skipped: later"),
    ('get("/two")', 'pytest.skip("later")', "The test was skipped: later"),
    ('get("/two")', 'pytest.xfail("known")', "The test failed as expected before its first request."),
    ("def test_two()", "def test_two(nonsense)", "The test failed before its first request: file *"),
    (
        "def test_two()",
        "@pytest.fixture(scope='session')\ndef broken():\n    assert 0\n\ndef test_two(broken)",
        "The test failed before its first request: assert 0",
    ),
]


@pytest.mark.parametrize(("old", "new", "detail"), SKIPPED)
def test_a_test_that_never_got_to_its_first_request(stranger: Stranger, old: str, new: str, detail: str) -> None:
    stranger.record()
    stranger.write(TESTS.replace(old, new))
    ((reason, test, words),) = unseen(stranger)
    assert (reason, test) == ("not-reached", "tests/test_it.py::test_two")
    assert words == detail or (detail.endswith("*") and words.startswith(detail[:-1]))


@pytest.mark.parametrize("start", ["@pytest.mark.skip\ndef", "@pytest.mark.xfail\ndef"])
def test_a_test_that_never_gets_a_cassette_is_nothing_to_look_at(stranger: Stranger, start: str) -> None:
    stranger.record()
    stranger.write(TESTS + f"\n{start} test_four():\n    get('/four')\n    assert 0\n")
    done = stranger.check()
    assert (done.code, done.report["verdict"], done.report["checked"]["cassettes"]) == (0, "clean", 3)


def test_a_test_without_a_deck_that_fails_is_a_failed_test(stranger: Stranger) -> None:
    stranger.record()
    stranger.write("def test_plain():\n    assert 0\ndef test_fine():\n    pass\n", "tests/test_plain.py")
    done = stranger.check()
    assert (done.code, done.report["verdict"]) == (4, "failed")
    assert {one["test"]: one["verdict"] for one in done.report["cassettes"]}[
        "tests/test_plain.py::test_plain"
    ] == "failed"


# The second pass.


def test_what_a_second_take_does_not_show_is_noise(stranger: Stranger) -> None:
    stranger.record()
    stranger.server.say("/two", {"number": "seven", "name": "plain"}, PLAIN)
    done = stranger.check("--fail-on", "additive")
    assert (done.code, done.report["verdict"], done.report["findings"]) == (0, "clean", [])
    assert done.report["counts"]["noise"] == 1


def test_what_a_second_take_shows_too_is_confirmed(stranger: Stranger) -> None:
    stranger.record()
    removed(stranger)
    done = stranger.check()
    (finding,) = done.report["findings"]
    assert (finding["kind"], finding["path"], finding["confirmed"]) == ("field-removed", "/number", True)
    assert (finding["service"], finding["attribution"]) == ("shop", "stale-mock")


def test_only_tests_with_findings_run_again(stranger: Stranger) -> None:
    stranger.record()
    removed(stranger)
    stranger.server.hits.clear()
    stranger.check("-q")
    assert stranger.server.paths() == ["/one", "/two", "/three", "/two"]
    assert stranger.commands[-2:] == [("--undrift=check", "-q")] * 2
    stranger.server.say("/two", {"number": 8, "name": "plain"})
    stranger.server.hits.clear()
    stranger.check()
    assert stranger.server.paths() == ["/one", "/two", "/three"], "a changed value is only info"


def test_a_second_take_that_could_not_look_confirms_nothing_and_clears_nothing(stranger: Stranger) -> None:
    stranger.record()
    stranger.server.say("/two", {"name": "plain"}, Answer({}, status=503))
    done = stranger.check()
    (finding,) = done.report["findings"]
    assert (done.code, finding["kind"], finding["confirmed"]) == (1, "field-removed", None)


def test_drift_that_breaks_its_test_says_so(stranger: Stranger) -> None:
    stranger.record()
    stranger.server.say("/one", {"name": "plain"})
    done = stranger.check()
    (finding,) = done.report["findings"]
    assert (done.code, finding["attribution"]) == (1, "broken-by-drift")


def test_a_finding_of_a_fixture_runs_all_tests_again(stranger: Stranger) -> None:
    stranger.write(
        "import httpx, pytest\npytestmark = pytest.mark.vcr\n"
        "@pytest.fixture(scope='session')\ndef token():\n    return httpx.get('{url}/token')\n"
        "def test_one():\n    httpx.get('{url}/one')\n"
        "def test_two(token):\n    httpx.get('{url}/two')\n"
    )
    stranger.record()
    stranger.server.say("/token", {"name": "plain"})
    stranger.server.hits.clear()
    done = stranger.check()
    (finding,) = done.report["findings"]
    assert (finding["endpoint"], finding["confirmed"]) == ("/token", True)
    assert stranger.server.paths() == ["/one", "/token", "/two"] * 2


# Ignore rules.

RULE = """
[[tool.undrift.ignore]]
{parts}
reason = "{reason}"
expires = {expires}
"""


def rule(parts: str, reason: str, expires: str = "2999-01-01") -> str:
    return RULE.format(parts=parts, reason=reason, expires=expires)


def test_rules_that_are_used_unused_and_expired(stranger: Stranger) -> None:
    stranger.record()
    removed(stranger)
    stranger.configure(
        TABLE
        + rule('service = "shop"\nendpoint = "/two"\npath = "/number"\nkind = "field-removed"', "known")
        + rule('endpoint = "/nowhere"', "idle")
    )
    done = stranger.check()
    assert (done.code, done.report["verdict"], done.report["findings"]) == (0, "clean", [])
    rules = done.report["rules"]
    assert [len(rules[kind]) for kind in ("used", "unused", "expired")] == [1, 1, 0]
    assert "/number" in rules["used"][0]
    assert "known" in rules["used"][0]
    assert "/nowhere" in rules["unused"][0]


def test_an_expired_rule_is_reported_and_has_no_effect(stranger: Stranger) -> None:
    stranger.record()
    removed(stranger)
    stranger.configure(TABLE + rule('path = "/number"', "long ago", "2020-01-01"))
    done = stranger.check()
    assert (done.code, done.report["verdict"]) == (1, "breaking")
    assert [len(done.report["rules"][kind]) for kind in ("used", "unused", "expired")] == [0, 0, 1]


# Client drift.


def test_client_drift_is_located_and_may_be_warned_of_or_ignored(stranger: Stranger) -> None:
    stranger.record()
    other_request(stranger)
    (finding,) = stranger.check().report["findings"]
    seen = {name: finding[name] for name in ("kind", "where", "severity", "path", "stored", "fresh")}
    assert seen == {
        "kind": "request-changed",
        "where": "request",
        "severity": "breaking",
        "path": "/amount",
        "stored": 100,
        "fresh": 250,
    }
    for policy, severities in (("warn", ["info"]), ("ignore", [])):
        stranger.configure(TABLE.replace("[tool.undrift]", f'[tool.undrift]\nclient_drift = "{policy}"'))
        done = stranger.check("--fail-on", "additive")
        assert (done.code, done.report["verdict"]) == (0, "clean")
        assert [one["severity"] for one in done.report["findings"]] == severities


# Starting pytest.


def test_wrong_arguments_of_pytest_are_wrong_usage(stranger: Stranger) -> None:
    for arguments in (("--strange",), ("tests/nowhere.py",), ("--record-mode=once",)):
        done = stranger.check(*arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.endswith("undrift: pytest could not start; what it said is above.\n")


def test_a_run_that_was_killed_is_no_clean_one(stranger: Stranger) -> None:
    stranger.record()
    stranger.write(TESTS.replace('get("/two")', "__import__('os').kill(__import__('os').getpid(), 9)"))
    done = stranger.process("check", "--format", "json")
    assert (done.code, done.report["verdict"]) == (3, "could-not-check")
    assert any("(exit code -9)" in detail for _, _, detail in reasons(done.report))


# Checks that only read.

READING = """
[tool.undrift.services.shop]
origins = ["https://api.shop.test", { url = "{url}", read_only = true }]
credentials = { SHOP_KEY = "shop_test_[a-z]{8}" }
forbidden = ["shop_live_"]
"""
WITH_A_KEY = """
import httpx, pytest

@pytest.mark.vcr
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it(credentials, method):
    headers = {"X-Key": credentials["SHOP_KEY"]}
    httpx.request(method, "{url}/one", headers=headers, verify=False)

@pytest.mark.vcr
def test_elsewhere():
    httpx.get("{url}/two".replace("127.0.0.1", "localhost"), verify=False)
"""


def test_a_check_of_production_reads_alone_and_a_live_key_may(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.write(WITH_A_KEY)
    stranger.configure(READING.replace("{url}", stranger.server.url).replace(", read_only = true", ""))
    monkeypatch.setenv("SHOP_KEY", "shop_test_abcdefgh")
    assert stranger.undrift("record").code == 0
    stranger.configure(READING.replace("{url}", stranger.server.url))
    monkeypatch.setenv("SHOP_KEY", "shop_live_abcdefgh")
    stranger.server.hits.clear()
    done = stranger.check()
    assert (done.code, stranger.server.hits) == (2, []), "a live key is for reading alone"
    done = stranger.check("--read-only")
    assert (done.code, done.report["verdict"]) == (3, "could-not-check")
    assert [(method, headers["X-Key"]) for method, _, _, headers in stranger.server.hits] == [
        ("GET", "shop_live_abcdefgh")
    ]
    assert sorted((one["test"].partition("::")[2], one["reason"]) for one in done.report["could_not_check"]) == [
        ("test_elsewhere", "not-reached"),
        ("test_it[POST]", "not-reached"),
    ]
    assert "shop_live_abcdefgh" not in done.both
    assert b"shop_live_abcdefgh" not in b"".join(
        path.read_bytes() for path in stranger.root.rglob("*") if path.is_file() and path.suffix != ".py"
    )
