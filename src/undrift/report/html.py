"""The report as one HTML file that needs nothing else: no scripts, no fonts, no images."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from undrift.errors import UsageError
from undrift.report import wording
from undrift.report.plain import plain, visible

if TYPE_CHECKING:
    from undrift.drift.results import Report

_MAX_VALUE = 4000


def render(report: Report) -> str:
    """The report as an HTML document; raises UsageError where jinja2 is not installed."""
    try:
        import jinja2  # noqa: PLC0415 - an extra, which nobody else needs
    except ImportError as error:
        raise UsageError('The HTML report needs jinja2, which is missing. Run: pip install "undrift[html]"') from error
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = resources.files("undrift.report").joinpath("html.jinja").read_text(encoding="utf-8")
    page = environment.from_string(source).render(report=report, words=wording, whole=_whole)
    return page + "\n"


def _printable(value: Any) -> str:
    """What the template prints, each line of it free of control characters."""
    return "\n".join(visible(line) for line in str(value).split("\n"))


def _whole(value: Any) -> str:
    """A value as indented JSON, up to a length that a page can bear."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}\n…"
