"""What the user put around saving and loading; as users see it in tests/app/test_use and test_cassette_files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from undrift.engine.hooks import new_maker
from undrift.engine.shelf import shelf_for
from undrift.errors import CassetteNotFoundError, CassetteUnreadableError, UsageError
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets

if TYPE_CHECKING:
    from pathlib import Path

ASKED = Request("GET", "http://a.example/", Headers((("A", "1"), ("B", "2"), ("A", "3"))))
STORED = Cassette((Interaction(ASKED, Response(200, "OK", body=b"as it was"), "2026-11-21T08:00:00Z", 0.5),))


@pytest.mark.parametrize("options", [{}, {"serializer": "yaml"}, {"before_save_interaction": None}])
def test_nothing_of_the_user_s_needs_no_shelf(options: dict[str, Any]) -> None:
    assert shelf_for(options) is None
    assert shelf_for(options, new_maker()) is None


def test_what_hooks_leave_alone_stays_to_the_last_header() -> None:
    shelf = shelf_for({"before_save_interaction": lambda request, response: (request, response)})
    assert shelf is not None
    assert shelf.shaped_to_save(STORED) == STORED
    assert shelf.shaped_after_loading(STORED) is STORED


def test_hooks_may_change_a_request_and_drop_an_interaction() -> None:
    def elsewhere(request: Any, response: Any, cassette: Any) -> Any:
        del cassette
        request.uri = "http://b.example/"
        return request, response

    shelf = shelf_for({"before_save_interaction": [elsewhere], "after_load_interaction": lambda *_: None})
    assert shelf is not None
    (one,) = shelf.shaped_to_save(STORED).interactions
    assert (one.request.url, one.response, one.elapsed) == ("http://b.example/", STORED.interactions[0].response, 0.5)
    assert len(shelf.shaped_after_loading(STORED)) == 0


def test_a_serializer_that_nobody_registered_is_an_error() -> None:
    with pytest.raises(UsageError, match="Serializer toml doesn't exist or isn't registered"):
        shelf_for({"serializer": "toml"})


def test_json_comes_back(tmp_path: Path) -> None:
    shelf = shelf_for({"serializer": "json"})
    assert shelf is not None
    assert shelf.has_storage
    path = tmp_path / "tape.json"
    with pytest.raises(CassetteNotFoundError):
        shelf.load(path)
    shelf.save(path, STORED, Secrets.named({"KEY": "as it was"}))
    assert shelf.load(path).interactions[0].response.body == b"<KEY>"
    path.write_text("{", "utf-8")
    with pytest.raises(CassetteUnreadableError):
        shelf.load(path)
