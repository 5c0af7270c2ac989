"""``make compat``: run both suites twice, compare, and write docs/compatibility.md."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.compat.suites import PASSED, ROOT, SUITES, Place, Suite

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
DOCUMENT = ROOT / "docs" / "compatibility.md"
START, END = "<!-- written by make compat -->", "<!-- end of what make compat writes -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".venvs" / "compat", help="where to work")
    parser.add_argument("--again", action="store_true", help="prepare nothing, use what is there")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    sections, problems = [], []
    with TemporaryDirectory(prefix="undrift-compat-") as sources:
        place = Place(folder, Path(sources))
        if not arguments.again:
            place.prepare()
        for suite in SUITES:
            place.unpack(suite)
            section, found = report(place, suite)
            sections.append(section)
            problems += found
    text = DOCUMENT.read_text("utf-8")
    before, after = text.partition(START)[0], text.partition(END)[2]
    DOCUMENT.write_text(f"{before}{START}\n\n{chr(10).join(sections)}\n{END}{after}", "utf-8")
    print("\n".join(problems))
    return bool(problems)


def report(place: Place, suite: Suite) -> tuple[str, list[str]]:
    """A suite's section of the document, and what is wrong with the list of exceptions."""
    original = place.outcomes(suite, with_undrift=False)
    ours = place.outcomes(suite, with_undrift=True)
    passed = sorted(name for name, outcome in original.items() if outcome == PASSED)
    lost = [name for name in passed if ours.get(name) != PASSED]
    print(f"{suite.package} {suite.version}: {len(passed)} passed, {len(passed) - len(lost)} with undrift")
    reasons = tomllib.loads(EXCEPTIONS.read_text("utf-8"))[suite.package]
    explained: dict[str, list[str]] = {}
    problems = []
    for name in lost:
        why = [entry["why"] for entry in reasons if any(_names(one, name) for one in entry["tests"])]
        explained.setdefault(why[0] if why else "", []).append(name)
        if not why:
            problems.append(f"lost without a reason: {suite.package} {name} ({ours.get(name, 'not run')})")
    stale = [one for entry in reasons for one in entry["tests"] if not any(_names(one, name) for name in lost)]
    problems += [f"listed, and not lost: {suite.package} {one}" for one in stale]
    return _section(suite, passed, lost, explained), problems


def _names(listed: str, test: str) -> bool:
    """Whether what is listed names a test; without parameters it names it with all of them."""
    return listed in {test, test.partition("[")[0]}


def _section(suite: Suite, passed: list[str], lost: list[str], explained: dict[str, list[str]]) -> str:
    counted = (
        f"Of {len(passed)} tests that pass with {suite.package} itself, {len(passed) - len(lost)} pass with undrift in "
        f"its place. The other {len(lost)}:"
    )
    lines = [
        f"### {suite.package} {suite.version}",
        "",
        counted,
        "",
    ]
    for why, names in explained.items():
        lines += [f"- {why or 'Not explained.'}", *(f"  - `{name}`" for name in names)]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
