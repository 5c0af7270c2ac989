"""The command line: arguments in, text and exit codes out; the work is done in ``app``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undrift import __version__
from undrift.app.project import load_project
from undrift.config import Mode
from undrift.drift.results import FailOn
from undrift.errors import UndriftError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from undrift.app.folders import Watch
    from undrift.app.project import Project
    from undrift.drift.results import Report

_FORMATS = ("text", "json", "junit", "markdown", "html")

_MARKS = {True: "ok", False: "NO", None: "-"}

# Whatever these verbs do not know goes to pytest, its options included.
_PASSES_ON: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


class _Commands(click.Group):
    """Shows the verbs in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(cls=_Commands, context_settings={"help_option_names": ["--help"]})
@click.version_option(__version__, prog_name="undrift", message="%(prog)s %(version)s")
def commands() -> None:
    """Record HTTP once, replay it forever, know the night it stops being true.

    \b
    Examples:
      undrift record tests/test_checkout.py   record with sandbox credentials
      undrift replay                          replay all tests offline
      undrift check --fail-on additive        run live, report what changed
      undrift accept                          take the changes over
      undrift diff old.yaml new.yaml          compare two cassettes
      undrift scan                            look for secrets in cassettes
    """


def _runs_tests(mode: Mode, summary: str, example: str) -> None:
    """Add a verb that runs pytest in a mode and returns its status."""

    @commands.command(
        mode.value,
        context_settings=_PASSES_ON,
        help=f"{summary}\n\nAll other arguments go to pytest.\n\n\b\nExample:\n  {example}",
        short_help=summary,
    )
    @click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
    def verb(pytest_args: tuple[str, ...]) -> int:
        from undrift.app.run import run_tests  # noqa: PLC0415 - the help needs none of it

        return run_tests(load_project(Path.cwd()), mode, pytest_args)


_runs_tests(
    Mode.RECORD, "Run tests live and record their cassettes.", "undrift record tests/test_checkout.py -k refund"
)
_runs_tests(Mode.REPLAY, "Run tests offline, from their cassettes.", "undrift replay -x tests")


def _report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that check and diff share."""
    for option in (
        click.option("--output", type=click.Path(path_type=Path), help="Write the report to this file."),
        click.option(
            "--format", "fmt", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to report."
        ),
        click.option(
            "--fail-on",
            type=click.Choice([level.value for level in FailOn]),
            default="breaking",
            show_default=True,
            help="From which severity on drift makes the exit code 1.",
        ),
    ):
        command = option(command)
    return command


@commands.command(context_settings=_PASSES_ON, short_help="Run tests live and report what changed.")
@_report_options
@click.option("--read-only", is_flag=True, help="Send GET and HEAD alone, and to read-only origins alone.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def check(fail_on: str, fmt: str, output: Path | None, *, read_only: bool, pytest_args: tuple[str, ...]) -> int:
    """Run tests live, compare the fresh traffic with the cassettes, and report.

    Cassettes are never touched. Tests with findings run once more, so that what a second
    take does not show is not reported. All other arguments go to pytest.

    \b
    Exit codes:
      0  all was checked, nothing at or above --fail-on
      1  drift at or above --fail-on
      2  wrong usage or configuration
      3  something could not be checked, or nothing was
      4  tests failed live, without drift

    \b
    Examples:
      undrift check
      undrift check --fail-on additive --format json --output drift.json tests
      undrift check --read-only -m smoke
    """
    from undrift.app.passes import check as run_check  # noqa: PLC0415 - the help needs none of it

    project = load_project(Path.cwd())
    _must_be_showable(fmt, output)
    report = run_check(
        project, pytest_args, FailOn(fail_on), quiet_stdout=fmt != "text", read_only=read_only, tell=_tell
    )
    try:
        _keep(project, report)
    finally:
        # Where it cannot be kept it can still be read.
        _show(report, fmt, output)
    return report.exit_code


@commands.command(short_help="Take the last check's changes over.")
@click.argument("names", nargs=-1)
def accept(names: tuple[str, ...]) -> int:
    """Replace cassettes by the takes of the last check.

    NAMES are cassettes, tests, or patterns of either; without any, every cassette that the
    check had a finding for.

    \b
    Examples:
      undrift accept
      undrift accept tests/test_checkout.py
      undrift accept "cassettes/tests/*/test_refund*.yaml"
    """
    from undrift.app.accept import accept as accept_takes  # noqa: PLC0415 - the help needs none of it
    from undrift.app.accept import in_words  # noqa: PLC0415 - as above
    from undrift.app.session import known_secrets  # noqa: PLC0415 - as above

    project = load_project(Path.cwd())
    done = accept_takes(project, names, known_secrets(project.config, project.root))
    click.echo(in_words(done))
    if done.has_failed:
        return 2
    # Whoever asked for something and got nothing is told by the exit code too.
    return 1 if not done.accepted and any(cassette.is_refused for cassette in done.left) else 0


@commands.command(short_help="Make other tools' cassettes undrift's own.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def convert(paths: tuple[Path, ...]) -> int:
    """Rewrite cassettes of vcrpy, Betamax and cassetter as undrift's own, where they lie.

    PATHS are cassettes, or folders of them; without any, all cassettes of the project. Interactions
    keep their order, and bodies every byte; only secrets are replaced. A file that cannot be read is
    refused and stays as it is, and the exit code is 2. A JSON file becomes a YAML file.

    \b
    Examples:
      undrift convert
      undrift convert tests/cassettes/test_pay.yaml
    """
    from undrift.app.convert import convert as convert_all  # noqa: PLC0415 - the help needs none of it
    from undrift.app.convert import in_words  # noqa: PLC0415 - as above
    from undrift.app.session import known_secrets  # noqa: PLC0415 - as above

    project = load_project(Path.cwd())
    done = convert_all(project, paths, known_secrets(project.config, project.root))
    click.echo(in_words(done))
    return 2 if any(one.is_refused for one in done) else 0


@commands.command(short_help="Compare two cassettes, or two folders of them.")
@_report_options
@click.option(
    "--stored-take", "stored_takes", multiple=True, type=click.Path(path_type=Path),
    help="A further recording of the stored side, as evidence of noise.",
)  # fmt: skip
@click.option(
    "--fresh-take", "fresh_takes", multiple=True, type=click.Path(path_type=Path),
    help="A further recording of the fresh side, as evidence of noise.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Show the ids of findings, and what was judged noise and why.")
@click.option("--explain", metavar="FINDING", help="Tell the whole story of one finding, by its id, instead.")
@click.argument("stored", type=click.Path(path_type=Path))
@click.argument("fresh", type=click.Path(path_type=Path))
def diff(  # noqa: PLR0913, PLR0917 - click hands over one argument for each option
    stored: Path,
    fresh: Path,
    stored_takes: tuple[Path, ...],
    fresh_takes: tuple[Path, ...],
    fail_on: str,
    fmt: str,
    output: Path | None,
    verbose: bool,  # noqa: FBT001 - as above
    explain: str | None,
) -> int:
    """Compare two cassettes, or two folders of them, without tests and without network.

    Any cassettes that load can be compared, also those of vcrpy. The exit codes are those of
    check.

    \b
    Examples:
      undrift diff cassettes/test_pay.yaml .undrift/takes/RUN/cassettes/test_pay.yaml
      undrift diff cassettes-2025 cassettes-2026 --format markdown
      undrift diff old.yaml new.yaml --verbose
      undrift diff old.yaml new.yaml --explain b5c1d0a2e4f6
    """
    from undrift.app.compare import diff as compare  # noqa: PLC0415 - the help needs none of it

    if fmt != "text" and (verbose or explain is not None):
        raise UsageError("--verbose and --explain go with --format text.")
    project = load_project(Path.cwd())
    takes: dict[str, Any] = {"stored_takes": stored_takes, "fresh_takes": fresh_takes}
    report = compare(project, stored, fresh, FailOn(fail_on), **takes, watch=_progress())
    if explain is None:
        _show(report, fmt, output, verbose=verbose)
    else:
        _explain(report, explain, output)
    return report.exit_code


@commands.command(short_help="Say what is missing to record.")
@click.option("--offline", "is_offline", is_flag=True, help="Ask neither origins nor keyring nor secret managers.")
def doctor(*, is_offline: bool) -> int:
    """Say what each service needs to record, where it was found, and whether it would do.

    No value is ever shown. Each origin is sent one HEAD request, without any credential.

    \b
    Exit codes:
      0  everything is there
      1  something is missing or wrong
      2  wrong usage or configuration

    \b
    Example:
      undrift doctor
    """
    from undrift.app.doctor import examine  # noqa: PLC0415 - the help needs none of it

    found = examine(load_project(Path.cwd()), is_offline=is_offline)
    for section in found.sections:
        click.echo(section.name)
        for line in section.lines:
            click.echo(f"  {_MARKS[line.is_good]:4} {line.words}")
    number = "1 problem" if found.problems == 1 else f"{found.problems} problems"
    click.echo(f"{number}." if found.problems else "Nothing is missing.")
    return 1 if found.problems else 0


@commands.command(short_help="Look for secrets in cassettes, or in any files.")
@click.option("--offline", "is_offline", is_flag=True, help="Ask neither the keyring nor secret managers.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def scan(paths: tuple[Path, ...], *, is_offline: bool) -> int:
    """Look for secrets in files, and in all files of folders.

    Without PATHS, the cassettes and the folder .undrift. What is looked for are the values of
    the configured credentials in any form, values that their names tell to be secrets, and
    what looks like the token of a well-known service. No value is ever shown.

    \b
    Exit codes:
      0  nothing was found
      1  something was found
      2  wrong usage or configuration

    \b
    Examples:
      undrift scan
      undrift scan cassettes/tests/test_pay drift.html
    """
    from undrift.app.scan import in_words  # noqa: PLC0415 - the help needs none of it
    from undrift.app.scan import scan as scan_files  # noqa: PLC0415 - as above

    done = scan_files(load_project(Path.cwd()), paths, is_offline=is_offline)
    for hit in done.hits:
        more = f" (and {hit.more} more {'place' if hit.more == 1 else 'places'})" if hit.more else ""
        click.echo(f"{hit.file}: {hit.place}: {hit.what}{more}")
    for remark in done.remarks:
        _tell(remark)
    click.echo(in_words(done))
    return 1 if done.hits else 0


_runs_tests(Mode.MISSING, "Record only what has no cassette, replay the rest.", "undrift missing tests")
_runs_tests(Mode.LIVE, "Run tests live, without any cassette.", "undrift live tests/test_checkout.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; every error is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show an arrow shows its number, rather than an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        result = commands.main(
            args=None if arguments is None else list(arguments), prog_name="undrift", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        click.echo("undrift: interrupted.", err=True)
        return 130
    except UndriftError as error:
        click.echo(f"undrift: {error}", err=True)
        return 2
    return result if isinstance(result, int) else 0


def _keep(project: Project, report: Report) -> None:
    """Leave the report where `undrift accept` finds it."""
    from undrift.report import render  # noqa: PLC0415 - the help needs none of it
    from undrift.store.workspace import Workspace  # noqa: PLC0415 - as above

    Workspace(project.root).keep_report(render(report, "json"))


def _tell(line: str) -> None:
    click.echo(f"undrift: {line}", err=True)


def _must_be_showable(fmt: str, output: Path | None) -> None:
    """Find what would keep the report from being shown before the tests run, which may take hours."""
    from undrift.report import must_have  # noqa: PLC0415 - the help needs none of it

    must_have(fmt)
    try:
        is_there = output is None or (not output.is_dir() and output.absolute().parent.is_dir())
    except OSError as error:
        raise UsageError(f"The report cannot be written to {output}: {error.strerror or error}.") from error
    if not is_there:
        raise UsageError(f"The report cannot be written to {output}: that is a folder, or its folder is not there.")


def _show(report: Report, fmt: str, output: Path | None, *, verbose: bool = False) -> None:
    from undrift.report import render  # noqa: PLC0415 - the help needs none of it

    color = fmt == "text" and output is None and sys.stdout.isatty()
    _write(render(report, fmt, width=_width(), color=color, verbose=verbose), report, output, color=color)


def _explain(report: Report, wanted: str, output: Path | None) -> None:
    from undrift.report import explain  # noqa: PLC0415 - the help needs none of it

    color = output is None and sys.stdout.isatty()
    finding = explain.find(report, wanted)
    _write(explain.render(report, finding, width=_width(), color=color), report, output, color=color)


def _write(text: str, report: Report, output: Path | None, *, color: bool) -> None:
    if output is None:
        click.echo(text, nl=False, color=color or None)
        return
    from undrift.store.workspace import write_text  # noqa: PLC0415 - only where there is a file

    try:
        write_text(output, text)
    except OSError as error:
        raise UsageError(f"The report cannot be written to {output}: {error.strerror or error}.") from error
    click.echo(f"undrift: {report.verdict}; the report is in {output}.", err=True)


def _progress() -> Watch:
    """Shows a bar while many cassettes are compared, where somebody sits at a terminal."""
    from undrift.app.folders import unwatched  # noqa: PLC0415 - the help needs none of it

    if not sys.stderr.isatty():
        return unwatched

    def watch(results: Iterator[Any], total: int, doing: str) -> Iterator[Any]:
        from rich.console import Console  # noqa: PLC0415 - only at a terminal
        from rich.progress import track  # noqa: PLC0415 - as above

        terminal = Console(file=sys.stderr)
        yield from track(results, doing, total, console=terminal, transient=True) if total else results

    return watch


def _width() -> int:
    import shutil  # noqa: PLC0415 - only where a report is shown

    return max(60, shutil.get_terminal_size((100, 24)).columns)
