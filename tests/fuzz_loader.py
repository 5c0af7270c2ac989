"""Feed the loader of cassettes with hostile input, far more of it than the test suite has time for.

::

    python tests/fuzz_loader.py --inputs 100000 [--seed 1] [--atheris]

Each input is a cassette that was damaged: cut, doubled, spliced with another one, or sprinkled
with what YAML gives a meaning to. It must be read, or refused in one sentence that names the
file; alike with the parser and, where it can be, without it; within a time; and while it is read
nothing may be opened, started, imported, compiled or connected to, which an audit hook sees.
With --atheris, libFuzzer chooses the damage by what code it reaches (``pip install atheris``).
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undrift.errors import CassetteError
from undrift.model import Cassette
from undrift.store import canonical, loads

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT: Final = Path(__file__).parents[1]
_PATH: Final = Path("hostile.yaml")
_SECONDS: Final = 10.0
_LONGEST: Final = 20_000
_LONGEST_CHOSEN: Final = 4_096
_FORBIDDEN: Final = ("compile", "ctypes.", "exec", "import", "open", "os.", "shutil.", "socket.", "subprocess.")
# What YAML, the layout of cassettes, or Python's YAML tags give a meaning to.
_WORDS: Final = (
    *"{}[]&*!|>'\"%@:-#?,~<=\n\t \x00\x85\ufeff\u2028\ud800",
    *(
        "- ",
        ": ",
        "<<: ",
        "&a ",
        "*a",
        "? ",
        "---\n",
        "...\n",
        "|2-\n",
        ">+\n",
        "!!binary ",
        "!!int ",
        "!!set ",
        "null",
        "1e9",
    ),
    *("!!python/tuple ", "!!python/object/apply:os.system ['true']", "!!python/object/new:_io.BytesIO "),
    *(
        "!!python/object/apply:builtins.iter ",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "%TAG ! tag:x,2000:\n",
    ),
    *("request:", "response:", "interactions:", "undrift:", "layout: python", "encoding: gzip", "format: 2", "body:"),
    *("Content-Encoding:\n      - gzip\n", "code: 99999999999999999999", "'\\ud800'", '"\\x00"', "[" * 300, "- " * 300),
)


class _Watch:
    """Says so when anything is done that reading a text has no need of."""

    def __init__(self) -> None:
        self.is_on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and event.startswith(_FORBIDDEN):
            self.is_on = False
            raise AssertionError(f"Reading a cassette led to {event}{arguments!r}.")


def outcome(text: str, watch: _Watch) -> str:
    """What became of a text: ``read``, or the name of the error that refused it; fails for anything else."""
    started = time.perf_counter()
    watch.is_on = True
    try:
        without_parser = canonical.read(text.encode("utf-8", "surrogatepass"))
        cassette = loads(text, _PATH)
        assert isinstance(cassette, Cassette)
        assert without_parser is None or without_parser == cassette
    except CassetteError as error:
        assert without_parser is None
        message = str(error)
        assert message.startswith(f"{_PATH}: "), message
        assert message.endswith("."), message
        return type(error).__name__
    else:
        return "read"
    finally:
        watch.is_on = False
        spent = time.perf_counter() - started
        assert spent < _SECONDS, f"{spent:.1f} s for {len(text)} characters"


def seeds() -> list[str]:
    """Cassettes to damage: this project's own, and recordings of real servers where they are at hand."""
    places = [
        *sorted((_ROOT / "cassettes").rglob("*.yaml")),
        *sorted((_ROOT.parent / "shared" / "pairs").rglob("A1.yaml")),
    ]
    texts = [place.read_text("utf-8") for place in places]
    parts = [
        text[at : at + _LONGEST // 2] for text in texts for at in range(0, min(len(text), 10 * _LONGEST), _LONGEST // 2)
    ]
    whole = "interactions:\n- request: {method: GET, uri: 'http://h/', body: %s, headers: {A: [b]}}\n"
    answer = "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: ok}}\nversion: 1\n"
    bodies = (
        "null",
        "!!binary aGVsbG8=",
        "!!python/tuple [a, b]",
        "!!python/object/new:_io.BytesIO {state: [!!binary aGk=]}",
        "{base64_string: aGk=}",
    )
    return [*(whole % body + answer for body in bodies), *(text for text in texts if len(text) < _LONGEST), *parts]


def damaged(random_: random.Random, texts: Sequence[str]) -> str:
    """A text of ``texts`` after some damage."""
    text = random_.choice(texts)
    for _ in range(random_.choice((1, 1, 2, 3, 5, 8))):
        start = random_.randrange(len(text) + 1)
        end = min(len(text), start + random_.choice((0, 0, 1, 2, 8, 60, 600)))
        match random_.randrange(6):
            case 0:
                text = text[:start]
            case 1:
                text = text[:start] + text[start:end] * random_.choice((2, 3, 20)) + text[end:]
            case 2:
                other = random_.choice(texts)
                at = random_.randrange(len(other) + 1)
                text = text[:start] + other[at : at + random_.choice((10, 200, 2000))] + text[end:]
            case _:
                text = text[:start] + random_.choice(_WORDS) + text[end:]
    return text[:_LONGEST]


def fuzz(inputs: int, seed: int) -> Counter[str]:
    """How often each outcome came, over so many inputs."""
    random_, texts, watch = random.Random(seed), seeds(), _Watch()  # noqa: S311 - no secret hangs on it
    for text in texts:
        outcome(text, watch)  # what is imported when first needed is, before anybody watches
    sys.addaudithook(watch)
    found: Counter[str] = Counter()
    for number in range(inputs):
        text = damaged(random_, texts)
        try:
            found[outcome(text, watch)] += 1
        except BaseException:
            print(f"input {number} of seed {seed}:\n{text!r}", file=sys.stderr)
            raise
    return found


def fuzz_by_coverage(inputs: int) -> None:
    """Let libFuzzer choose; it ends the process, and with an error at the first input that fails."""
    atheris = importlib.import_module("atheris")
    watch = _Watch()
    for text in seeds():
        outcome(text, watch)
    sys.addaudithook(watch)
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(seeds()):
            (Path(corpus) / str(number)).write_text(text[:_LONGEST_CHOSEN], "utf-8")
        options = [f"-runs={inputs}", f"-max_len={_LONGEST_CHOSEN}", "-verbosity=0", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, corpus], lambda data: outcome(data.decode("utf-8", "replace"), watch))
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", action="store_true")
    asked = parser.parse_args()
    if asked.atheris:
        fuzz_by_coverage(asked.inputs)
    found = fuzz(asked.inputs, asked.seed)
    outcomes = ", ".join(f"{count:,} {name}" for name, count in found.most_common())
    print(f"{asked.inputs:,} inputs of seed {asked.seed}: {outcomes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
