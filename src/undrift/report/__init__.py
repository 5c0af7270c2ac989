"""Reports: one ``render`` for text, JSON, JUnit XML, Markdown and HTML.

Each format is a module that knows nothing of the others and is imported when first asked
for, so that only those who want HTML need jinja2.
"""

from __future__ import annotations

import importlib

from undrift.drift.results import FailOn, Report, Run
from undrift.errors import UsageError

FORMATS = ("text", "json", "junit", "markdown", "html")


def must_have(fmt: str) -> None:
    """Raise UsageError where a report in this format could not be rendered, before there is one."""
    nothing = Report("", Run("", "", "check"), FailOn.BREAKING)
    render(nothing, fmt)


def render(report: Report, fmt: str, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """A report as text that ends with a newline.

    ``fmt`` is one of FORMATS. ``width``, in terminal columns, ``color`` and ``verbose`` matter to
    ``"text"`` alone. Raises UsageError where the format is unknown, or what it needs is not
    installed.
    """
    if fmt not in FORMATS:
        raise UsageError(f"There is no report format {fmt!r}. Choose one of {', '.join(FORMATS)}.")
    options = {"width": width, "color": color, "verbose": verbose} if fmt == "text" else {}
    rendered: str = importlib.import_module(f"undrift.report.{fmt}").render(report, **options)
    return rendered
