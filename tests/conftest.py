from __future__ import annotations

import importlib
import os
import pkgutil
from typing import TYPE_CHECKING

import hypothesis
import pytest
from tests.sandbox import KEY, NEW, OLD, Sandbox, running
from tests.stranger import Stranger
from tests.stranger import serving as serving_json
from tests.webserver import WebServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytest_plugins = ["pytester"]

# How long an example takes says nothing on a machine that does other things too.
UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
# A daily run is to be quick; --hypothesis-profile=thorough looks further.
hypothesis.settings.register_profile("undrift", UNHURRIED, max_examples=50)
hypothesis.settings.register_profile("thorough", UNHURRIED, max_examples=1000)
hypothesis.settings.load_profile("undrift")

# A run of pytester forgets the modules that it was first to import, and the next one makes
# all their classes anew; what is imported before stays, and with it one identity of each.
for name in ("aiohttp", "httpcore", "httpx", "requests", "stripe", "urllib3", "vcr"):
    importlib.import_module(name)
for module in pkgutil.walk_packages(importlib.import_module("undrift").__path__, "undrift."):
    importlib.import_module(module.name)

VERSIONS = {"localstripe": NEW, "localstripe-old": OLD}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sandbox",
        choices=(*VERSIONS, "stripe"),
        help="what the tests of Stripe's API talk to when they record, check or run live: localstripe (the default) "
        "or localstripe-old on this machine, or Stripe's own test mode, which needs STRIPE_TEST_KEY; "
        "without a mode they run live",
    )
    parser.addoption(
        "--turns", type=int, default=1, help="how often to run the tests that must give the same each time (1)"
    )
    parser.addoption(
        "--secrets", type=int, default=0, help="how many made-up secrets to try in all forms and places (some in each)"
    )


def pytest_configure(config: pytest.Config) -> None:
    # What tests start is not measured: they limit its time and the size of its files, and
    # what it runs is run in this process as well.
    if hasattr(config, "workerinput"):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    sandbox, mode = config.getoption("--sandbox"), config.getoption("--undrift", None)
    if sandbox is not None and mode is None and "UNDRIFT" not in os.environ:
        config.option.undrift = mode = "live"
    # A server on this machine gets a key of its own, never the one that the environment may hold.
    if sandbox != "stripe" and (mode or os.environ.get("UNDRIFT", "replay")) != "replay":
        os.environ["STRIPE_TEST_KEY"] = KEY


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "turn" in metafunc.fixturenames:
        metafunc.parametrize("turn", range(1, metafunc.config.getoption("--turns") + 1))


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def tapes() -> dict[str, dict[str, bytes]]:
    return {}


@pytest.fixture
def stranger(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tapes: dict[str, dict[str, bytes]],
) -> Iterator[Stranger]:
    with serving_json() as server:
        yield Stranger(pytester, monkeypatch, capfd, server, tapes)


@pytest.fixture(scope="session")
def localstripe(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    with running(VERSIONS[pytestconfig.getoption("--sandbox") or "localstripe"]) as sandbox:
        yield sandbox


@pytest.fixture
def stripe_key(credentials: Mapping[str, str]) -> str:
    return credentials["STRIPE_TEST_KEY"]


@pytest.fixture
def stripe_base(undrift_mode: str, stripe_key: str, pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> str:
    """Where Stripe's API is: for a replay no server is started, and without a key none is asked."""
    assert stripe_key
    if undrift_mode == "replay" or pytestconfig.getoption("--sandbox") == "stripe":
        return "https://api.stripe.com"
    sandbox: Sandbox = request.getfixturevalue("localstripe")
    return sandbox.url
