from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

import httpx
from tests.webserver import serving

import undrift
from undrift.engine import vcrapi

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_method_has_a_cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No run surrounds the code of this test, whatever runs the test itself.
    monkeypatch.setattr("undrift.app.current._offers", [])
    with serving() as server:

        class Pays(undrift.VCRTestCase):
            def _get_cassette_library_dir(self) -> str:
                return str(tmp_path)

            def _get_vcr_kwargs(self, **kwargs: Any) -> dict[str, Any]:
                options: dict[str, Any] = super()._get_vcr_kwargs(match_on=["method"], **kwargs)
                return options

            def test_pay(self) -> None:
                assert isinstance(self.cassette, vcrapi.Cassette)
                assert httpx.get(f"{server.url}/pay").status_code == 200

        for _ in range(2):
            result = unittest.TestResult()
            Pays("test_pay").run(result)
            assert result.wasSuccessful(), result.errors + result.failures
        assert len(server.hits) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["Pays.test_pay.yaml"]


def test_the_folder_is_asked_for_only_where_nobody_said_it() -> None:
    class Elsewhere(vcrapi.VCRTestCase):
        def test_nothing(self) -> None:
            """Only its recorder matters."""

        def _get_cassette_library_dir(self) -> str:
            raise AssertionError

    made = Elsewhere("test_nothing")._get_vcr(cassette_library_dir="there")
    assert isinstance(made, vcrapi.VCR)
    assert made.cassette_library_dir == "there"
