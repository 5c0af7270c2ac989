"""What the terminal says of undrift at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.config import Mode

if TYPE_CHECKING:
    from undrift.pytest_plugin.state import Run


def write_summary(terminal: Any, run: Run) -> None:
    """Write what was recorded, what was kept, what to look at; nothing where there is nothing to say."""
    lines = [*_lines(run), *filter(None, [run.trouble])]
    if lines:
        terminal.section("undrift", sep="-")
        for line in lines:
            terminal.line(line)
    if run.report is not None:
        from undrift.report import render  # noqa: PLC0415 - only for a check on its own

        terminal.section("undrift check", sep="-")
        terminal.write(render(run.report, "text", color=terminal.hasmarkup))


def _lines(run: Run) -> list[str]:
    lines = []
    recorded = list(dict.fromkeys(note.cassette for note in run.notes if note.action == "recorded"))
    if recorded:
        lines.append(f"Recorded {_count(recorded, 'cassette')}.")
        lines += [f"  {path}" for path in recorded]
    unsaved = [note for note in run.notes if run.mode in {Mode.RECORD, Mode.MISSING} and note.take is not None]
    for note in unsaved:
        kept = "its cassette stays as it was" if note.action == "kept" else "no cassette was written"
        lines.append(f"{note.test} {_fared(note.outcome)}, so {kept}. What it recorded is in {note.take}.")
    lines += _warnings(run)
    skipped = [note for note in run.notes if note.reason == "no-credential"]
    for detail in dict.fromkeys(note.detail for note in skipped):
        tests = [note for note in skipped if note.detail == detail]
        lines.append(f"{_count(tests, 'test')} skipped: {detail}")
    return lines


def _warnings(run: Run) -> list[str]:
    """Client drift that is only warned of, each change once with its tests."""
    found: dict[str, list[str]] = {}
    for note in run.notes:
        for warning in note.warnings:
            found.setdefault(warning, []).append(note.test)
    if not found:
        return []
    lines = ["The code under test no longer sends what was recorded:"]
    for warning, tests in sorted(found.items()):
        more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
        lines.append(f"  {warning} ({tests[0]}{more})")
    return lines


def _fared(outcome: str) -> str:
    return {"xfailed": "failed as expected", "xpassed": "passed against expectation", "skipped": "was skipped"}.get(
        outcome, "failed"
    )


def _count(things: list[Any], noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"
