from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.sandbox import NEW, OLD, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = {"localstripe": NEW, "localstripe-old": OLD}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sandbox",
        choices=(*VERSIONS, "stripe"),
        default="localstripe",
        help="what the tests of Stripe's API talk to when they record, check or run live: localstripe (the default) "
        "or localstripe-old on this machine, or Stripe's own test mode, which needs STRIPE_TEST_KEY",
    )
    parser.addoption(
        "--turns", type=int, default=2, help="how often the tests that must give the same each time are run (2)"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "turn" in metafunc.fixturenames:
        metafunc.parametrize("turn", range(1, metafunc.config.getoption("--turns") + 1))


@pytest.fixture(scope="session")
def localstripe(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    with running(VERSIONS[pytestconfig.getoption("--sandbox")]) as sandbox:
        yield sandbox


@pytest.fixture
def stripe_base(undrift_mode: str, pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> str:
    """Where Stripe's API is: nothing is started for a replay."""
    if undrift_mode == "replay" or pytestconfig.getoption("--sandbox") == "stripe":
        return "https://api.stripe.com"
    sandbox: Sandbox = request.getfixturevalue("localstripe")
    return sandbox.url
