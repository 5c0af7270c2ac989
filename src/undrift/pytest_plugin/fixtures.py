"""The fixtures: ours, and those of pytest-recording, which any suite may override.

Those that every test has, or every test with a deck, ask ``MADE_FOR`` in place of taking the
argument ``request``: for that pytest 9 needs as long as for all the rest of a fixture.
"""

from __future__ import annotations

from contextlib import ExitStack
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import pytest

from undrift.errors import CredentialError, CredentialMissingError, UndriftError
from undrift.pytest_plugin.state import RUN, TESTS, SkippedForCredential, default_folder, default_name, has_deck

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.engine import Deck

MADE_FOR: Final[ContextVar[pytest.FixtureRequest]] = ContextVar("undrift_made_for")
"""The request for the fixture that is being made."""


@pytest.fixture(scope="session")
def record_mode() -> str:
    """vcrpy's record mode, ``none`` unless the command line says another."""
    return MADE_FOR.get().config.getoption("--record-mode") or "none"


@pytest.fixture(scope="session")
def disable_recording(request: pytest.FixtureRequest) -> bool:
    """Whether all tests are left without a deck."""
    return bool(request.config.getoption("--disable-recording"))


@pytest.fixture(scope="session")
def undrift_mode(request: pytest.FixtureRequest) -> str:
    """The mode of this run: replay, record, check, missing or live."""
    return request.config.stash[RUN].mode.value


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """Options for the decks of all tests below, to be overridden."""
    return {}


@pytest.fixture
def vcr_markers(request: pytest.FixtureRequest) -> list[pytest.Mark]:
    """All ``vcr`` markers of the test, the nearest first."""
    return list(request.node.iter_markers(name="vcr"))


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    """The folder of the test file's cassettes."""
    request = MADE_FOR.get()
    return default_folder(request.config.stash[RUN], request.node.path)


@pytest.fixture
def default_cassette_name() -> str:
    """The name of the test's cassette, from its marker or its own name."""
    item = MADE_FOR.get().node
    marker = item.get_closest_marker("default_cassette")
    if marker is not None:
        assert marker.args, (  # noqa: S101 - the words of pytest-recording
            "You should pass the cassette name as an argument to the `pytest.mark.default_cassette` marker"
        )
        return str(marker.args[0])
    return default_name(item)


@pytest.fixture
def allowed_hosts(request: pytest.FixtureRequest) -> list[str] | None:
    """Regular expressions of hosts to which connections are allowed: marker, command line, ``vcr_config``."""
    marker = request.node.get_closest_marker("block_network")
    config = request.getfixturevalue("vcr_config")
    hosts = (
        (marker.kwargs.get("allowed_hosts") if marker is not None else None)
        or request.config.getoption("--allowed-hosts")
        or config.get("allowed_hosts")
    )
    return hosts.split(",") if isinstance(hosts, str) else hosts


@pytest.fixture(autouse=True)
def block_network() -> None:
    """Refuse network access where marker or command line asks for it, but for recording."""
    request = MADE_FOR.get()
    marker = request.node.get_closest_marker("block_network")
    if marker is None and not request.config.getoption("--block-network"):
        return
    from undrift.pytest_plugin.blocking import blocking_wanted  # noqa: PLC0415 - only where it is wanted

    stack = ExitStack()
    stack.enter_context(blocking_wanted(request, marker))
    request.addfinalizer(stack.close)


@pytest.fixture(autouse=True)
def vcr() -> Deck | None:
    """The test's deck; None for a test that has none."""
    request = MADE_FOR.get()
    state = request.node.stash.get(TESTS, None)
    if state is None or not has_deck(request.node):
        return None
    from undrift.pytest_plugin.decks import deck_for  # noqa: PLC0415 - heavy, and not before a test has a deck

    try:
        opened = deck_for(request)
    except UndriftError as error:
        state.trouble = error
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    state.deck = opened
    request.addfinalizer(opened.__exit__)
    return opened.__enter__()


@pytest.fixture
def recorded(vcr: Any) -> Callable[[str, Callable[[], Any]], Any]:
    """Values that the test makes up: ``recorded(name, make)`` makes one when recording, and
    hands the stored one back in replay. Without a deck it just makes one."""  # noqa: D205, D209 - one thought
    if vcr is None:
        return lambda _name, make: make()
    value: Callable[[str, Callable[[], Any]], Any] = vcr.recorded_value
    return value


class _Credentials:
    """The credentials by name; a test whose credential is missing is skipped."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def __getitem__(self, name: str) -> str:
        try:
            return self._request.config.stash[RUN].session.credential(name)
        except CredentialMissingError as error:
            raise SkippedForCredential(str(error)) from None
        except CredentialError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None

    def __repr__(self) -> str:
        return "<credentials>"


@pytest.fixture(scope="session")
def credentials(request: pytest.FixtureRequest) -> _Credentials:
    """The credentials of the configured services: ``credentials["STRIPE_TEST_KEY"]``.

    The real value in record, check, missing and live; a stand-in that fits its pattern in
    replay. A test whose credential is missing is skipped.
    """
    return _Credentials(request)
