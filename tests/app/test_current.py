from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from undrift.app import current

if TYPE_CHECKING:
    import pytest

    from undrift.app.session import Session


def test_the_innermost_run_offers_its_session_which_is_made_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_offers", [])
    asked: list[str] = []

    def session(name: str) -> Any:
        asked.append(name)
        return cast("Session", name)

    assert current.running_session() is None
    with current.offered(lambda: session("outer")):
        with current.offered(lambda: session("inner")):
            assert asked == []
            assert cast("str", current.running_session()) == "inner"
        assert cast("str", current.running_session()) == "outer"
    assert current.running_session() is None
