from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from undrift.errors import UsageError
from undrift.report import FORMATS, render

if TYPE_CHECKING:
    from undrift.drift.results import Report


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_renders_and_ends_with_one_newline(night: Report, fmt: str) -> None:
    page = render(night, fmt)
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_report_gives_the_same_page(night: Report, fmt: str) -> None:
    assert render(night, fmt) == render(night, fmt)


def test_an_unknown_format_is_refused_with_the_known_ones(night: Report) -> None:
    with pytest.raises(
        UsageError, match=r"^There is no report format 'yaml'\. Choose one of text, json, junit, markdown, html\.$"
    ):
        render(night, "yaml")


def test_width_and_color_matter_to_text_alone(night: Report) -> None:
    for fmt in set(FORMATS) - {"text"}:
        assert render(night, fmt, width=60, color=True) == render(night, fmt)
    assert render(night, "text", width=60) != render(night, "text")
    assert "\x1b[" in render(night, "text", color=True)


@pytest.mark.parametrize(
    ("fmt", "unwanted"),
    [
        ("json", {"rich", "jinja2", "xml.etree.ElementTree"}),
        ("junit", {"rich", "jinja2"}),
        ("markdown", {"rich", "jinja2", "xml.etree.ElementTree"}),
        ("text", {"jinja2", "xml.etree.ElementTree"}),
        ("html", {"rich", "xml.etree.ElementTree"}),
    ],
)
def test_a_format_costs_only_its_own_imports(fmt: str, unwanted: set[str]) -> None:
    program = (
        "import sys\n"
        "from undrift.drift.results import FailOn, Report, Run\n"
        "from undrift.report import render\n"
        f"render(Report('0.1.0', Run('id', 'now', 'check'), FailOn.RISKY), {fmt!r})\n"
        f"print(sorted({unwanted!r} & set(sys.modules)))\n"
    )
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert done.stdout == "[]\n"
