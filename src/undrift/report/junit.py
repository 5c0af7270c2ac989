"""The report as JUnit XML: each cassette is a test case, so that CI systems show it as one.

Findings at or above ``--fail-on`` are a ``failure``, what could not be checked is an
``error``, and what is below the threshold is in ``system-out``. What belongs to no cassette
is in a case of its own, named ``run``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from undrift.drift.results import Verdict
from undrift.report import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.drift.results import CouldNotCheck, Report

# What is not a Char of XML 1.0 (section 2.2), which no escape can carry.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: its names, and the lines of each of its parts; ``failed`` is no drift."""

    group: str
    name: str
    drift: list[str]
    failed: list[str]
    errors: list[str]
    output: list[str]

    @property
    def failures(self) -> list[str]:
        """All that makes this case a failure."""
        return self.drift + self.failed


def render(report: Report) -> str:
    """The report as one ``testsuites`` document."""
    cases = tuple(_cases(report))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failures) for case in cases)),
        "errors": str(sum(bool(case.errors) for case in cases)),
    }
    root = ET.Element("testsuites", {"name": "undrift", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _clean(f"undrift {report.run.command}"), **counts})
    suite.set("timestamp", _clean(report.run.started))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report).items():
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    for case in cases:
        suite.append(_element(case))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _properties(report: Report) -> dict[str, str]:
    return {
        "verdict": report.verdict.value,
        "exit_code": str(report.exit_code),
        "noise": str(report.noise),
        "run": report.run.id,
        "tool_version": report.tool_version,
    }


def _element(case: _Case) -> ET.Element:
    element = ET.Element("testcase", {"classname": _clean(case.group), "name": _clean(case.name)})
    failure = ("failure", "drift" if case.drift else "failed", case.failures)
    for tag, kind, lines in (failure, ("error", "could-not-check", case.errors)):
        if lines:
            more = f" (+{len(lines) - 1} more)" if len(lines) > 1 else ""
            child = ET.SubElement(element, tag, {"message": _clean(f"{lines[0]}{more}"), "type": kind})
            child.text = _clean("\n".join(lines))
    if case.output:
        ET.SubElement(element, "system-out").text = _clean("\n".join(case.output))
    return element


def _cases(report: Report) -> Iterator[_Case]:
    """A case for each cassette that is named anywhere, the checked ones first; then that of the run."""
    tests = {_owner(each): each.test for each in report.could_not_check}
    tests |= {each.path: each.test for each in report.cassettes}
    drift, output = _lines(report, failing=True), _lines(report, failing=False)
    checked = [each.path for each in report.cassettes]
    for path in filter(None, dict.fromkeys([*checked, *drift, *output, *tests])):
        yield _case_of_cassette(report, path, tests.get(path), drift.get(path, []), output.get(path, []))
    rest = _case_of_run(report, drift.get("", []), output.get("", []))
    if rest.failures or rest.errors or rest.output:
        yield rest


def _case_of_cassette(report: Report, path: str, test: str | None, drift: list[str], output: list[str]) -> _Case:
    has_failed = any(each.path == path and each.verdict is Verdict.FAILED for each in report.cassettes)
    failed = ["failed live without drift: a flake, or state that an earlier run left"] if has_failed else []
    group, name = _test_names(test) if test else ("undrift", path)
    return _Case(group, name, drift, failed, _errors(report, path), [f"cassette: {path}", *output])


def _case_of_run(report: Report, drift: list[str], output: list[str]) -> _Case:
    listed = sum(each.verdict is Verdict.FAILED and each.path != "" for each in report.cassettes)
    unlisted = report.failed_tests > listed
    failed = [f"{wording.failures(report)}, {listed} of them with a cassette"] if unlisted else []
    errors = _errors(report, "")
    if not (report.checked_cassettes or report.could_not_check):
        errors.append(wording.headline(report))
    expired = [f"expired rule, without effect: {rule}" for rule in report.rules.expired]
    unused = [f"unused rule: {rule}" for rule in report.rules.unused]
    return _Case("undrift", "run", drift, failed, errors, [*output, *expired, *unused])


def _lines(report: Report, *, failing: bool) -> dict[str, list[str]]:
    """The findings that do or do not fail the run, as lines, by cassette; by ``""`` those of none."""
    names = wording.short_names(report)
    lines: dict[str, list[str]] = {}
    for finding in report.findings:
        if wording.fails(report, finding) is failing:
            for path in dict.fromkeys(each.cassette for each in finding.occurrences) or [""]:
                here = tuple(each for each in finding.occurrences if each.cassette == path)
                lines.setdefault(path, []).append(wording.sentence(report, finding, here, names))
    return lines


def _errors(report: Report, path: str) -> list[str]:
    return [wording.cause(each) for each in report.could_not_check if _owner(each) == path]


def _owner(each: CouldNotCheck) -> str:
    """The cassette, or the test where it has none yet."""
    return each.cassette or each.test or ""


def _test_names(test: str) -> tuple[str, str]:
    """The names that pytest's own JUnit report gives a test: ``tests.test_x.TestA`` and ``test_y[1]``."""
    head, bracket, parameters = test.partition("[")
    file, *classes = head.split("::")
    name = classes.pop() if classes else file
    return ".".join([file.removesuffix(".py").replace("/", "."), *classes]), f"{name}{bracket}{parameters}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
