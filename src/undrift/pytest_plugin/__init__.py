"""The pytest plugin: options, markers, fixtures, and a deck for each test that wants one.

Nothing heavy is imported before a collected test has a deck: a run that plays nothing pays
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from undrift.config import Mode
from undrift.errors import ConfigError, CredentialMissingError, UndriftError
from undrift.pytest_plugin.fixtures import (
    MADE_FOR,
    allowed_hosts,
    block_network,
    credentials,
    default_cassette_name,
    disable_recording,
    record_mode,
    recorded,
    undrift_mode,
    vcr,
    vcr_cassette_dir,
    vcr_config,
    vcr_markers,
)
from undrift.pytest_plugin.options import add_options, refuse_other_plugins
from undrift.pytest_plugin.state import NOTE, RUN, TESTS, Collector, Run, SkippedForCredential, TestState, has_deck

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "allowed_hosts",
    "block_network",
    "credentials",
    "default_cassette_name",
    "disable_recording",
    "record_mode",
    "recorded",
    "undrift_mode",
    "vcr",
    "vcr_cassette_dir",
    "vcr_config",
    "vcr_markers",
]

_MARKERS = (
    "vcr(*extra_cassettes, **options): play this test from a cassette, or record it.",
    "default_cassette(name): the name of the test's cassette.",
    "block_network(allowed_hosts=None): refuse network access, but for what is recorded.",
    "allowed_hosts(hosts): regular expressions of hosts to which connections are allowed.",
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    refuse_other_plugins(pluginmanager)
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from undrift.pytest_plugin import hooks  # noqa: PLC0415 - a module that is all hook specifications

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        run = Run.of(config)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = run
    config.pluginmanager.register(Collector(run), "undrift-collector")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which run it belongs to, before it starts."""
    run = node.config.stash[RUN]
    if run.config.has_credentials:
        # A worker cannot end the run, so what would end it is found here.
        try:
            run.session.credentials(run.mode)
        except UndriftError as error:
            raise pytest.UsageError(str(error)) from None
    node.workerinput.update(run.for_worker())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - a name that pluggy goes by
    """Take in what the fixtures of a worker left; of its tests, their reports told already."""
    for note in getattr(node, "workeroutput", {}).get(NOTE, ()):
        node.config.stash[RUN].add(note)


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only the tests that the second pass of a check asks for."""
    wanted = config.stash[RUN].selected_tests()
    if wanted is not None:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
        items[:] = [item for item in items if item.nodeid in wanted]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find wrong credentials before the first request is sent."""
    run = session.config.stash[RUN]
    if session.config.option.collectonly:
        return
    try:
        if run.mode is Mode.LIVE and session.items and run.config.has_credentials:
            run.session.credentials(run.mode)
        if not any(has_deck(item) for item in session.items):
            return
        run.start(session.items)
    except UndriftError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.config.stash[RUN].current_item = item
    try:
        return (yield)
    finally:
        item.config.stash[RUN].current_item = None
        # The item lasts as long as the run; its cassette need not.
        if TESTS in item.stash:
            del item.stash[TESTS]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Generator[None, object, object]:
    token = MADE_FOR.set(request)
    try:
        if fixturedef.scope == "function":
            return (yield)
        from undrift.pytest_plugin.fixture_decks import opened_for  # noqa: PLC0415 - not before a fixture may need it

        with opened_for(fixturedef, request):
            return (yield)
    finally:
        MADE_FOR.reset(token)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    # Each rerun of a test starts afresh; only what the last one did counts.
    item.stash[TESTS] = TestState()
    try:
        return (yield)
    except CredentialMissingError as error:
        raise SkippedForCredential(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Skip a test that asks for a missing credential with ``undrift.credential``, as the fixture does."""
    try:
        return (yield)
    except CredentialMissingError as error:
        raise SkippedForCredential(str(error)) from None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    from undrift.pytest_plugin.finishing import finish  # noqa: PLC0415 - not before a test ends

    try:
        result = yield
    except BaseException:
        finish(item, torn_down=False)
        raise
    finish(item, torn_down=True)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    state = item.stash.get(TESTS, None)
    if state is None:
        return report
    state.see(report)
    if call.excinfo is not None and isinstance(call.excinfo.value, SkippedForCredential):
        state.missing_credential = str(call.excinfo.value)
    if state.deck is None and not has_deck(item):
        is_failed_check = report.failed and item.config.stash[RUN].mode is Mode.CHECK
        if is_failed_check or (state.missing_credential and call.when != "teardown"):
            # It has nothing to compare, and yet a check in which it fails is none that is clean.
            report.undrift = state.note(item)  # type: ignore[attr-defined] # as below
        return report
    if state.deck is not None and report.failed and call.when != "teardown" and call.excinfo is not None:
        refusals = state.deck.deck.refusals
        if refusals and call.excinfo.value not in refusals:
            # An SDK has wrapped our refusal into an error of its own; here is what it says.
            report.sections.append(("undrift refused a request", "\n\n".join(map(str, refusals))))
    if call.when == "teardown" and (state.has_news or item.config.stash[RUN].mode is not Mode.REPLAY):
        # An attribute of plain data travels from a worker of pytest-xdist with the report.
        report.undrift = state.note(item)  # type: ignore[attr-defined] # pytest keeps foreign attributes of reports
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
    run = session.config.stash.get(RUN, None)
    if run is None:
        return
    if run.is_worker:
        session.config.workeroutput[NOTE] = run.notes_as_data()  # type: ignore[attr-defined] # pytest-xdist's
        return
    status = run.finish(int(exitstatus))
    if status is not None:
        session.exitstatus = status


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        from undrift.pytest_plugin.summary import write_summary  # noqa: PLC0415 - not before the end

        write_summary(terminalreporter, run)
