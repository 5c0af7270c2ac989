"""Run the benchmarks, print one table, and keep it as JSON beside this file."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

from benchmarks import replay


def main() -> int:
    rows = replay.measure()
    print("One replayed GET with .json(), microseconds (ratio to the client's own floor)")
    print(f"{'client':10}{'cassette':>10}{'floor':>12}{'undrift':>20}{'vcrpy':>20}")
    for row in rows:
        shown = "".join(f"{row[name]:10.0f} ({row[name] / row['floor']:5.2f} ×)" for name in ("undrift", "vcrpy"))
        print(f"{row['client']:10}{row['interactions']:>10}{row['floor']:>12.0f}{shown}")
    loaded = replay.loading()
    print(
        f"\nLoading {loaded['interactions']} interactions ({loaded['bytes'] / 1e6:.1f} MB): "
        f"undrift {loaded['undrift']:.2f} s, PyYAML's parse alone {loaded['PyYAML']:.2f} s "
        f"({loaded['undrift'] / loaded['PyYAML']:.2f} ×)"
    )
    result = {"python": platform.python_version(), "replay": rows, "loading": loaded}
    Path(__file__).with_name("latest.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
