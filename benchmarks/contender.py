"""A contender as the benchmarks see it: a process in its own environment that does jobs."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import environment, python_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORKER = Path(__file__).with_name("worker.py")


class Contender:
    """A worker in the environment of that name."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, job: str, *arguments: Any) -> Any:
        """What a job of ``benchmarks.worker`` gives."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([job, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"The job {job}{arguments} failed; what it said stands above.")
        return json.loads(answer)


@contextmanager
def contenders(*names: str) -> Iterator[Mapping[str, Contender]]:
    """The named contenders, at work for the length of the block."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_working(name)) for name in names}


@contextmanager
def _working(name: str) -> Iterator[Contender]:
    command = [str(python_of(name)), str(_WORKER)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        try:
            yield Contender(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
