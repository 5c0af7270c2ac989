"""Run the benchmarks, print one table, and keep it as JSON beside this file."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import measures, suites
from benchmarks.contender import contenders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measures import Row

# Figures from here on are shown without decimals.
_WHOLE_FROM: Final = 100
_PARTS: Final = ("requests", "suites", "plugin", "loading", "large_body")


def rows(parts: Sequence[str], rounds: int) -> Iterator[Row]:
    """The rows of the parts that are wanted, as they are measured."""
    with tempfile.TemporaryDirectory() as name, contenders("undrift", "vcrpy", "cassetter") as workers:
        folder = Path(name)
        suites.prepare(folder)
        if "requests" in parts:
            yield from measures.requests(workers, folder, rounds)
        if "suites" in parts:
            yield from measures.suites(folder, rounds)
        if "plugin" in parts:
            yield from measures.plugin(folder, 3 * rounds)
        if "loading" in parts:
            yield from measures.loading(workers, folder, rounds)
        if "large_body" in parts:
            yield from measures.large_body(workers, folder)


def line(row: Row) -> str:
    """One row of the table."""
    figures = "  ".join(f"{name} {_short(figure)}" for name, figure in row.figures.items())
    bar = f"≤ {row.most:g}" if row.most is not None else f"≥ {row.least:g}" if row.least is not None else ""
    value = "" if row.value is None else f"{row.value:.2f}"
    met = {True: "met", False: "MISSED", None: ""}[row.is_met]
    unit = row.unit if row.figures else ""
    return f"{row.work:44} {row.of:27} {value:>6} {bar:>6} {met:6}  {figures} {unit}".rstrip()


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= _WHOLE_FROM else f"{figure:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(_PARTS)}; all without any")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is run (7)")
    asked = parser.parse_args()
    if not set(asked.parts) <= set(_PARTS):
        parser.error(f"The parts are {', '.join(_PARTS)}.")
    print(f"{'work':44} {'compared':27} {'value':>6} {'bar':>6}         medians")
    found = []
    for row in rows(asked.parts or _PARTS, asked.rounds):
        print(line(row), flush=True)
        found.append(row)
    if not asked.parts:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        result = {**machine, "rounds": asked.rounds, "rows": [{**asdict(row), "is_met": row.is_met} for row in found]}
        Path(__file__).with_name("latest.json").write_text(
            json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
