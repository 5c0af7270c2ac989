"""The public names, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import undrift
from undrift.model import Cassette, Interaction, Request, Response
from undrift.scrub import Secrets, scrub
from undrift.store import write

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://api.example.com/v1/customers"
FOR_MORE_THAN_A_REPLAY = (
    *("vcr", "multiprocessing.pool", "tomllib"),
    *("undrift.body.views", "undrift.values.classes", "undrift.values.likeness"),
    *("undrift.credentials.vault", "undrift.credentials.lookup", "undrift.config.presets"),
    *("undrift.scrub.cassette", "undrift.scrub.following", "undrift.scrub.finder", "undrift.scrub.placeholders"),
    *("undrift.match.contents", "undrift.match.differences", "undrift.match.nearest"),
    *("undrift.engine.recognition", "undrift.engine.refusals", "undrift.engine.clients_aiohttp"),
    *("undrift.store.writing", "undrift.store.history"),
)


def test_every_public_name_is_there() -> None:
    for name in undrift.__all__:
        assert getattr(undrift, name) is not None


def test_the_list_of_public_names() -> None:
    functions = [name for name in undrift.__all__ if not name.endswith("Error")]
    vcrpy_s = ["VCR", "VCRMixin", "VCRTestCase"]
    assert functions == [*vcrpy_s, "__version__", "blocking_context", "credential", "origin", "use_cassette"]
    errors = {
        name for name, value in vars(undrift.errors).items() if isinstance(value, type) and name.endswith("Error")
    }
    # Those two never leave the code that deals with them.
    assert errors - set(undrift.__all__) == {"BodyError", "HistoryError"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tape'"):
        _ = undrift.tape


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = (
        "vcr",
        "httpx",
        "requests",
        "yaml",
        "rich",
        "click",
        "msgspec",
        "boto3",
        "hvac",
        "keyring",
        "undrift.engine",
    )
    code = f"import sys, undrift, undrift.pytest_plugin; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_replay_imports_nothing_that_only_recording_or_a_difference_needs(tmp_path: Path) -> None:
    write(tmp_path / "pay.yaml", scrub(Cassette((Interaction(Request("GET", URL), Response(200)),)), Secrets()))
    code = f"""
import sys, httpx, undrift
with undrift.use_cassette("pay.yaml"):
    httpx.get({URL!r})
print([name for name in {FOR_MORE_THAN_A_REPLAY} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
