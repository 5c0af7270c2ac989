"""What is to be done when a module is imported is done then, once, and no trace of the waiting stays."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING

import pytest

from undrift.engine.arrivals import Arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("arriving_one", "arriving_two", "arriving_two.inner", "arriving_broken")


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "arriving_one.py").write_text("import arriving_two\nVALUE = 1\n")
    (tmp_path / "arriving_two").mkdir()
    (tmp_path / "arriving_two" / "__init__.py").write_text("from arriving_two.inner import VALUE\n")
    (tmp_path / "arriving_two" / "inner.py").write_text("VALUE = 2\n")
    (tmp_path / "arriving_broken.py").write_text("import nothing_of_that_name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def seen() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def arrivals(seen: list[tuple[str, int]]) -> Iterator[Arrivals]:
    def note(name: str) -> None:
        seen.append((name, sys.modules[name].VALUE))

    found = Arrivals({name: lambda name=name: note(name) for name in NAMES})  # type: ignore[misc] # bound early
    yield found
    if found in sys.meta_path:
        found.end()


def test_each_module_is_announced_when_it_is_whole(arrivals: Arrivals, seen: list[tuple[str, int]]) -> None:
    arrivals.watch()
    assert seen == []
    importlib.import_module("arriving_one")
    assert seen == [("arriving_two.inner", 2), ("arriving_two", 2), ("arriving_one", 1)]
    del sys.modules["arriving_one"]
    importlib.import_module("arriving_one")
    assert len(seen) == 3


def test_what_is_there_is_announced_at_once(arrivals: Arrivals, seen: list[tuple[str, int]]) -> None:
    importlib.import_module("arriving_two")
    arrivals.watch()
    assert [name for name, _ in seen] == ["arriving_two", "arriving_two.inner"]


def test_after_the_end_nothing_is_announced(arrivals: Arrivals, seen: list[tuple[str, int]]) -> None:
    arrivals.watch()
    arrivals.end()
    importlib.import_module("arriving_one")
    assert seen == []
    assert arrivals not in sys.meta_path


def test_a_module_looks_as_if_nobody_had_waited(arrivals: Arrivals) -> None:
    arrivals.watch()
    module = importlib.import_module("arriving_two")
    assert module.__spec__ is not None
    assert type(module.__spec__.loader) is type(module.__loader__) is SourceFileLoader
    assert list(module.__path__)


def test_what_cannot_be_imported_is_not_announced(arrivals: Arrivals, seen: list[tuple[str, int]]) -> None:
    arrivals.watch()
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"):
            importlib.import_module("arriving_broken")
    with pytest.raises(ModuleNotFoundError, match="arriving_missing"):
        importlib.import_module("arriving_missing")
    assert seen == []


def test_who_asks_only_where_a_module_is_gets_all_that_its_loader_knows(arrivals: Arrivals) -> None:
    arrivals.watch()
    spec = importlib.util.find_spec("arriving_one")
    assert spec is not None
    assert spec.loader is not None
    assert spec.loader.get_source("arriving_one").startswith("import")  # type: ignore[attr-defined] # the other's
    assert spec.loader.is_package("arriving_one") is False  # type: ignore[attr-defined] # as above
