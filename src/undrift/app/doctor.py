"""``undrift doctor``: what each service needs, where it was found, and whether it would do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from undrift.app.credential import needed_by, providers_of
from undrift.credentials import ENV_FILE, GitState, git_state, look_up, problem_of
from undrift.engine import variable_of
from undrift.errors import NotAnsweredError, UndriftError
from undrift.live import http_transport
from undrift.model import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from undrift.app.project import Project
    from undrift.config import Service
    from undrift.credentials import LookUp, Needed
    from undrift.model import Response

_TIMEOUT = timedelta(seconds=5)
_PROXIES = ("all_proxy", "http_proxy", "https_proxy")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. ``is_good`` is None where nothing hangs on it."""

    words: str
    is_good: bool | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """What was looked at under one name: a service, or the project."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a project lacks to record."""

    sections: tuple[Section, ...]

    @property
    def problems(self) -> int:
        """How many things keep a test from being recorded."""
        return sum(line.is_good is False for section in self.sections for line in section.lines)


def examine(project: Project, *, is_offline: bool = False) -> Diagnosis:
    """Look for all credentials, and ask each origin whether it is there.

    ``is_offline`` asks neither origins nor keyring nor secret managers.
    """
    failures: list[str] = []
    config = project.config
    needed = {one.name: one for one in needed_by(config)}
    providers = providers_of(config, os.environ, project.root, asked=() if is_offline else None)
    looked = look_up(needed, providers, on_failure=lambda error: failures.append(str(error)))
    places = [Line(f"Credentials were looked for in {', '.join(looked.looked_in)}.")] if looked.looked_in else []
    if not config.services:
        places.append(Line("There is no [tool.undrift.services.NAME] in pyproject.toml, so nothing is needed."))
    general = (_env_file(project.root / ENV_FILE), *places, *(Line(failure, is_good=False) for failure in failures))
    reach = None if is_offline else http_transport(timeout=_TIMEOUT)
    may_read = {one.name: one for one in needed_by(config, read_only=True)}
    services = []
    for service in config.services:
        # A ready-made service names all kinds of keys that there are; nobody has each of them.
        has_any = any(name in looked.found for name, _ in service.credentials)
        may_lack = frozenset(service.ready_made if has_any else ())
        credentials = (
            _credential(needed[name], may_read[name], looked, may_lack=name in may_lack)
            for name, _ in service.credentials
        )
        services.append(Section(service.name, (*credentials, *_origins(service, os.environ, reach))))
    return Diagnosis((Section("project", general), *services))


def _env_file(path: Path) -> Line:
    state = git_state(path)
    if not path.exists():
        advice = "" if state in {GitState.IGNORED, GitState.UNKNOWN} else "; before you make one, add it to .gitignore"
        return Line(f"{path.name} is not there{advice}.")
    return {
        GitState.IGNORED: Line(f"{path.name} is ignored by git.", is_good=True),
        GitState.UNKNOWN: Line(f"{path.name} is there; git does not know this folder."),
        GitState.UNTRACKED: Line(f"{path.name} is not ignored by git: add it to .gitignore.", is_good=False),
        GitState.TRACKED: Line(f"{path.name} is tracked by git, where everybody can read it.", is_good=False),
    }[state]


def _credential(needed: Needed, for_reading: Needed, looked: LookUp, *, may_lack: bool) -> Line:
    found = looked.found.get(needed.name)
    if found is None:
        words = f"{needed.name} is missing: tests that ask for it are skipped when they run live."
        return Line(words, is_good=None if may_lack else False)
    problem = problem_of(needed, found)
    if not problem:
        return Line(f"{needed.name} was found in {found.source}, and matches its pattern.", is_good=True)
    if not problem_of(for_reading, found):
        words = f"{needed.name}, found in {found.source}, is a live key: it is for `undrift check --read-only` alone."
        return Line(words)
    return Line(problem, is_good=False)


def _origins(
    service: Service, environment: Mapping[str, str], reach: Callable[[Request], Response] | None
) -> Iterator[Line]:
    variable = variable_of(service.name)
    bound = environment.get(variable)
    asked = dict.fromkeys((*([bound] if bound else []), *(one for one in service.origins if "*" not in one)))
    if reach is None or any(environment.get(name) or environment.get(name.upper()) for name in _PROXIES):
        why = "offline" if reach is None else "requests go through a proxy"
        yield from (Line(f"{origin} was not asked: {why}.") for origin in asked)
    else:
        yield from _answers(tuple(asked), reach)
    for origin in service.origins:
        if "*" in origin and not bound:
            yield Line(f"{origin} stands for many; set {variable} to ask one of them.")


def _answers(origins: tuple[str, ...], reach: Callable[[Request], Response]) -> Iterator[Line]:
    """One origin that answers will do: the others may be for another day."""
    answers = {origin: _answer(origin, reach) for origin in origins}
    is_any_there = any(is_there for is_there, _ in answers.values())
    for origin, (is_there, words) in answers.items():
        yield Line(f"{origin} {words}.", is_good=True if is_there else None if is_any_there else False)


def _answer(origin: str, reach: Callable[[Request], Response]) -> tuple[bool, str]:
    try:
        status = reach(Request("HEAD", f"{origin}/")).status
    except NotAnsweredError as error:
        return False, f"does not answer ({error.kind})"
    except UndriftError as error:
        return False, f"cannot be asked: {str(error).rstrip('.')}"
    return True, f"answers (status {status})"
