"""What comparing costs: against deepdiff, over folders, as takes grow, and at the extremes.

``python -m benchmarks.drift [SECTION]...``, the sections being ``pairs``, ``folders``,
``growth``, ``extremes`` and ``evidence``; without any, all of them.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.takes import Take, fill_folder
from undrift.drift import Context, compare
from undrift.model import Cassette, Headers, Interaction, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
CONTEXT = Context("a.yaml")
# deepdiff is slow enough that a part of the bodies tells what each one costs.
SAMPLE = 60
SHAPES = (("ids and times in each element", Take.volatile_item), ("a few ids and times", Take.stable_item))


def main(sections: list[str]) -> int:
    known: dict[str, Callable[[], None]] = {
        "pairs": pairs,
        "folders": folders,
        "growth": growth,
        "extremes": extremes,
        "evidence": evidence,
    }
    for name in sections or known:
        known[name]()
        print()
    return 0


def pairs() -> None:
    """Two takes of 1,000 interactions of 4 KB, against deepdiff on the same bodies, in turn."""
    print("Comparing two takes of 1,000 interactions of 4 KB of JSON, milliseconds of CPU for each (median)")
    print(f"{'what differs between the takes':34}{'differences':>12}{'deepdiff':>10}{'undrift':>10}{'ratio':>9}")
    for name, item in SHAPES:
        peers, ours, noise = [], [], 0
        for number in range(ROUNDS):
            takes = [Take(2 * number + side) for side in range(2)]
            sides = [take.cassette(take.bodies(1_000, 4_000, item)) for take in takes]
            peers.append(_deepdiff(sides) / SAMPLE)
            spent, noise = _compared(sides[0], sides[1])
            ours.append(spent / 1_000)
        peer, own = statistics.median(peers), statistics.median(ours)
        shown = f"{peer * 1e3:>10.2f}" if peer else f"{'not here':>10}"
        ratio = f"{peer / own:>7.1f} ×" if peer else ""
        print(f"{name:34}{noise / 1_000:>12.1f}{shown}{own * 1e3:>10.2f}{ratio}")


def _deepdiff(sides: list[Cassette]) -> float:
    """How long deepdiff takes for the first bodies, in seconds of CPU; 0 where it is not here."""
    try:
        from deepdiff import DeepDiff  # noqa: PLC0415 - a peer, which need not be here
    except ImportError:
        return 0.0
    samples = [[one.response.body for one in side.interactions[:SAMPLE]] for side in sides]
    started = time.process_time()
    for old, new in zip(*samples, strict=True):
        DeepDiff(json.loads(old), json.loads(new))
    return time.process_time() - started


def _compared(stored: Cassette, fresh: Cassette) -> tuple[float, int]:
    """How long comparing took, in seconds of CPU, and how many differences were judged noise."""
    started = time.process_time()
    found = compare(stored, fresh, CONTEXT)
    spent = time.process_time() - started
    assert (found.findings, found.interactions) == ((), len(stored))
    return spent, found.noise_count


def folders() -> None:
    """``undrift diff`` of two folders, as a user runs it."""
    print("undrift diff of two folders of cassettes with 10 interactions of 1 KB each")
    print(f"{'cassettes':>10}{'seconds':>10}{'CPU seconds':>13}{'peak memory of a process':>27}")
    with tempfile.TemporaryDirectory() as place:
        for count in (250, 1_000):
            root = Path(place) / str(count)
            for number, side in enumerate(("old", "new")):
                fill_folder(root / side, number, count)
            # In a process of its own, whose children tell how much they took.
            command = [sys.executable, "-m", "benchmarks.drift", "one-diff", str(root)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            elapsed, cpu, peak = json.loads(done.stdout)
            print(f"{count:>10}{elapsed:>10.1f}{cpu:>13.1f}{peak / 1024:>24.0f} MB")


def one_diff(root: Path) -> None:
    """Run one ``undrift diff``, and print its seconds, its CPU seconds, and the peak memory of a process in KB."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "undrift", "diff", root / "old", root / "new"], check=True, capture_output=True
    )
    elapsed = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss]))


def growth() -> None:
    """What one interaction costs as takes grow: the same, if the growth is linear."""
    print("Growth: interactions of 1 KB in one cassette, microseconds of CPU for each (best of three)")
    for count in (500, 1_000, 2_000, 4_000):
        takes = [Take(side) for side in range(2)]
        sides = [take.cassette(take.bodies(count, 1_000, Take.stable_item)) for take in takes]
        spent = min(_compared(sides[0], sides[1])[0] for _ in range(ROUNDS))
        print(f"{count:>10}{spent / count * 1e6:>10.0f}")


def extremes() -> None:
    """Bodies that no parser of the kind likes."""
    print("Extremes, seconds of CPU")
    large = [json.dumps(Take(side).long_body(10_000_000)) for side in range(2)]
    numbers = ", ".join(map(str, range(999_999)))
    cases = (
        ("1,000 containers within each other, one retyped", '{"a": [' * 500 + "1" + "]}" * 500, "1", '"1"'),
        ("a body of 10 MB, ids and times in it", large[0], large[0], large[1]),
        ("an array of a million numbers, the last retyped", f"[{numbers}, 7]", "7]", '"7"]'),
    )
    for name, old, was, now in cases:
        sides = [_one(text) for text in (old, old.replace(was, now))]
        started = time.process_time()
        found = compare(sides[0], sides[1], CONTEXT)
        told = ", ".join(one.kind for one in found.findings) or f"{found.noise_count:,} differences, all of them noise"
        print(f"  {name:50}{time.process_time() - started:5.1f}  {told}")


def _one(body: str) -> Cassette:
    answer = Response(200, "OK", Headers.of([("Content-Type", "application/json")]), body.encode())
    return Cassette((Interaction(Request("GET", "https://api.example.com/v1/large"), answer),))


def evidence() -> None:
    """All of what the tests take a slice of: 10,000 mutations, and 28 dates of a real API."""
    from tests.drift import test_mutations as mutations  # noqa: PLC0415 - only where it is asked for
    from tests.drift import test_stripe_history as history  # noqa: PLC0415 - as above

    number = 10_010 // len(mutations.MUTATIONS)
    trials = [mutations.trial(seed, name) for name in mutations.MUTATIONS for seed in range(number)]
    unchanged = sum(bool(mutations.unmutated(seed)) for seed in range(2_000))
    print(f"Mutations: {len(trials):,} tried, {sum(map(bool, trials))} missed or misjudged")
    print(f"Without a mutation: 2,000 pairs of takes, {unchanged} with any finding")
    if not history.STEPS:
        print("The history of Stripe's examples is not beside this project.")
        return
    print("| recorded at | checked at | true changes | found | false |\n|---|---|---|---|---|")
    steps = [history.step(*dates) for dates in history.STEPS]
    for step in steps:
        found = step.true - len(step.missed)
        print(f"| {step.stored} | {step.fresh} | {step.true} | {found} | {len(step.false)} |")
    true, missed = sum(step.true for step in steps), sum(len(step.missed) for step in steps)
    print(f"| all 27 | | {true:,} | {true - missed:,} | {sum(len(step.false) for step in steps)} |")
    dates = {date for dates in history.STEPS for date in dates}
    clean = [date for date in sorted(dates) if not history.two_takes(date).findings]
    print(f"Two takes of one date: {len(clean)} of {len(dates)} dates without any finding")


if __name__ == "__main__":
    if sys.argv[1:2] == ["one-diff"]:
        one_diff(Path(sys.argv[2]))
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
