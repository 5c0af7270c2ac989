"""Names that are imported late are all there, and none is hidden by a module."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

PACKAGES = ("body", "config", "credentials", "match", "scrub", "store", "values")


@pytest.mark.parametrize("name", [f"undrift.{package}" for package in PACKAGES])
def test_every_name_is_there_and_no_other(name: str) -> None:
    package = importlib.import_module(name)

    assert [public for public in package.__all__ if not hasattr(package, public)] == []
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'other'"):
        _ = package.other


@pytest.mark.parametrize("name", ["undrift", *(f"undrift.{package}" for package in PACKAGES)])
def test_no_name_is_that_of_a_module(name: str) -> None:
    package = importlib.import_module(name)

    assert {module.name for module in pkgutil.iter_modules(package.__path__)}.isdisjoint(package.__all__)
