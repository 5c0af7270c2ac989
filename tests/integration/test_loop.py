"""The whole loop as a user runs it: the command line, on copies of the example, against real servers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.ports import held
from tests.sandbox import KEY, NEW, OLD, ROOT, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = ROOT / "examples" / "stripe"
TESTS_OF_EXAMPLE = 8
ONE_TEST = "tests/test_checkout.py::test_new_customer"


@dataclass(frozen=True)
class Shop:
    """A copy of the example, perhaps with a sandbox."""

    folder: Path
    sandbox: Sandbox | None = None

    def undrift(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "UNDRIFT", "PYTEST"))
        }
        live = {"STRIPE_API_BASE": self.sandbox.url, "STRIPE_TEST_KEY": KEY} if self.sandbox else {}
        return subprocess.run(
            [str(Path(sys.executable).with_name("undrift")), *arguments],
            cwd=self.folder,
            # Other plugins of this environment are no part of what is shown, and cost a second each time.
            env={**inherited, **live, "PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:cov -p no:xdist -p no:anyio"},
            capture_output=True,
            text=True,
            check=False,
        )

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Give the exit code and the report of a check."""
        run = self.undrift("check", "--format", "json", *arguments)
        assert run.stdout.startswith("{"), run.stdout + run.stderr
        return run.returncode, json.loads(run.stdout)

    def cassettes(self) -> dict[str, bytes]:
        folder = self.folder / "cassettes"
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}


def copy_of_example(folder: Path) -> Path:
    unwanted = shutil.ignore_patterns("__pycache__", ".undrift", ".*_cache", ".env*")
    return Path(shutil.copytree(EXAMPLE, folder / "shop", ignore=unwanted))


@pytest.fixture(scope="module")
def new_server() -> Iterator[Sandbox]:
    with running(NEW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def recorded(new_server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Give a shop whose cassettes were all recorded just now; tests leave them as they are."""
    shop = Shop(copy_of_example(tmp_path_factory.mktemp("recorded")), new_server)
    shutil.rmtree(shop.folder / "cassettes")
    run = shop.undrift("record")
    assert run.returncode == 0, run.stdout + run.stderr
    return shop


@dataclass(frozen=True)
class Upgrade:
    """The shop as it is committed, recorded on the old server, after a check against the new one."""

    shop: Shop
    run: subprocess.CompletedProcess[str]
    cassettes_before: dict[str, bytes]

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.shop.folder / ".undrift" / "report.json").read_text())
        return report


@pytest.fixture(scope="module")
def upgrade(new_server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    shop = Shop(copy_of_example(tmp_path_factory.mktemp("upgrade")), new_server)
    before = shop.cassettes()
    return Upgrade(shop, shop.undrift("check", "--fail-on", "additive"), before)


def test_recorded_cassettes_replay_offline_without_a_key(recorded: Shop) -> None:
    assert len(recorded.cassettes()) == TESTS_OF_EXAMPLE
    run = Shop(recorded.folder).undrift("replay")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{TESTS_OF_EXAMPLE} passed" in run.stdout


def test_committed_cassettes_replay_offline_without_a_key(tmp_path: Path) -> None:
    run = Shop(copy_of_example(tmp_path)).undrift("replay")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{TESTS_OF_EXAMPLE} passed" in run.stdout


def test_the_key_is_in_no_file(recorded: Shop) -> None:
    files = [path for path in recorded.folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_unchanged_server_is_clean_each_time(recorded: Shop, turn: int) -> None:
    before = recorded.cassettes()
    code, report = recorded.check("--fail-on", "additive")
    assert (code, report["verdict"], report["could_not_check"]) == (0, "clean", []), turn
    assert {finding["severity"] for finding in report["findings"]} <= {"info"}
    assert report["checked"]["cassettes"] == TESTS_OF_EXAMPLE
    assert recorded.cassettes() == before


def test_upgrade_is_reported_by_endpoint_and_field(upgrade: Upgrade) -> None:
    assert upgrade.run.returncode == 1, upgrade.run.stdout + upgrade.run.stderr
    for words in ("/v1/payment_intents", "/capture_method", "/v1/refunds", "/payment_intent"):
        assert words in upgrade.run.stdout
    assert upgrade.shop.cassettes() == upgrade.cassettes_before


def test_upgrade_is_found_where_it_happened(upgrade: Upgrade) -> None:
    assert upgrade.report["verdict"] == "additive"
    found = drifts(upgrade.report)
    assert set(found.values()) == {
        (method, endpoint, path)
        for method, endpoint in (("POST", "/v1/payment_intents"), ("GET", "/v1/payment_intents/{id}"))
        for path in ("/capture_method", "/latest_charge/payment_intent", "/charges/data/*/payment_intent")
    } | {("POST", "/v1/refunds", "/payment_intent")}


def test_upgrade_gives_the_same_findings_each_time(upgrade: Upgrade, turn: int) -> None:
    expected = drifts(upgrade.report)
    code, report = upgrade.shop.check()
    assert (code, report["verdict"]) == (0, "additive"), turn
    assert drifts(report) == expected


def test_accepted_drift_is_clean(upgrade: Upgrade, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(upgrade.shop.folder, tmp_path / "shop"))
    shop = Shop(folder, upgrade.shop.sandbox)
    accepted = shop.undrift("accept")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    changed = {name for name, content in shop.cassettes().items() if content != upgrade.cassettes_before[name]}
    assert changed
    assert all(Path(name).stem in accepted.stdout for name in changed)
    code, report = shop.check("--fail-on", "additive")
    assert (code, report["verdict"]) == (0, "clean")


def drifts(report: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Give what a report names as drift, by id: method, endpoint and path of each added field."""
    above_info = [finding for finding in report["findings"] if finding["severity"] != "info"]
    assert {(finding["severity"], finding["kind"]) for finding in above_info} == {("additive", "field-added")}
    return {finding["id"]: (finding["method"], finding["endpoint"], finding["path"]) for finding in above_info}


def test_killed_server_could_not_be_checked(tmp_path: Path) -> None:
    folder = copy_of_example(tmp_path)
    with running(NEW) as sandbox:
        sandbox.kill()
        shop = Shop(folder, sandbox)
        before = shop.cassettes()
        with held(sandbox.port):
            code, report = shop.check()
    assert (code, report["verdict"], report["findings"]) == (3, "could-not-check", [])
    refused = {one["cassette"] for one in report["could_not_check"] if one["reason"] == "connection-refused"}
    assert refused == {f"cassettes/{name}" for name in before}
    assert shop.cassettes() == before


def test_missing_key_skips_by_name_and_could_not_check(recorded: Shop, new_server: Sandbox) -> None:
    run = Shop(recorded.folder).undrift("check", "--format", "json", ONE_TEST)
    assert new_server.process.poll() is None
    assert run.returncode == 3, run.stdout + run.stderr
    (one,) = json.loads(run.stdout)["could_not_check"]
    assert one["reason"] == "no-credential"
    assert "STRIPE_TEST_KEY" in one["detail"]


def test_live_key_is_refused_before_any_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_example(tmp_path)
    (folder / ".env.test").write_text("STRIPE_TEST_KEY=sk_live_000000000000\n")
    monkeypatch.delenv("STRIPE_TEST_KEY", raising=False)
    run = Shop(folder).undrift("check", ONE_TEST)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "STRIPE_TEST_KEY" in run.stdout + run.stderr
    assert "sk_live" not in run.stdout + run.stderr


BREAKING_TEST = """
import pytest

from checkout import CardDeclinedError

pytestmark = pytest.mark.vcr


def test_card_declined_when_charged(checkout, customer, new_card):
    card = new_card("4000000000000341")
    checkout.save_card(customer, card)
    with pytest.raises(CardDeclinedError):
        checkout.pay(customer, card, 2000, "eur", order="1004")
"""


def test_breaking_upgrade_fails_the_check_though_the_test_passes(new_server: Sandbox, tmp_path: Path) -> None:
    folder = copy_of_example(tmp_path)
    (folder / "tests" / "test_declined_late.py").write_text(BREAKING_TEST)
    with running(OLD) as sandbox:
        run = Shop(folder, sandbox).undrift("record", "tests/test_declined_late.py")
    assert run.returncode == 0, run.stdout + run.stderr
    code, report = Shop(folder, new_server).check("tests/test_declined_late.py")
    assert (code, report["verdict"]) == (1, "breaking")
    (status,) = (finding for finding in report["findings"] if finding["kind"] == "status-changed")
    assert (status["severity"], status["endpoint"]) == ("breaking", "/v1/payment_intents")
    assert (status["stored"], status["fresh"], status["attribution"]) == (200, 402, "stale-mock")
