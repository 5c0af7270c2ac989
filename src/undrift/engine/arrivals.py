"""Modules that are not imported yet: what is to be done when they are.

A client that no test imports need not be intercepted, and importing it, just to find that out,
takes longer than many a test run. So its interception waits for it.
"""

from __future__ import annotations

import sys
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Arrivals(MetaPathFinder):
    """Calls back once, at the end of a module's first import; at once for those that are there.

    ``awaited`` says what to do for each module, by its name. In use from ``watch`` to ``end``.
    """

    def __init__(self, awaited: Mapping[str, Callable[[], None]]) -> None:
        self._awaited = dict(awaited)

    def watch(self) -> None:
        """Do what is to be done for the modules that are there, and wait for the others."""
        sys.meta_path.insert(0, self)
        for name in [name for name in self._awaited if name in sys.modules]:
            self._arrived(name)

    def end(self) -> None:
        """Wait no longer."""
        self._awaited.clear()
        sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the other finders find an awaited module, with a loader that calls back; None for all else."""
        if fullname not in self._awaited:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Announcing(spec.loader, partial(self._arrived, fullname))
                return spec
        return None

    def _arrived(self, name: str) -> None:
        call_back = self._awaited.pop(name, None)
        if call_back is not None:
            call_back()


class _Announcing(Loader):
    """A loader that does what another does, and calls back after it has executed the module."""

    def __init__(self, loader: Any, call_back: Callable[[], None]) -> None:
        self._loader = loader
        self._call_back = call_back

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the other loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """As the other loader does, in whose place nobody will find this one afterwards."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._call_back()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
