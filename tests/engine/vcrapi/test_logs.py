"""What vcrpy logs, without secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vcr.request import Request

from undrift.engine.vcrapi import Cassette
from undrift.engine.vcrapi.logs import logged_without
from undrift.scrub import Secrets

if TYPE_CHECKING:
    import pytest

KEY = "shop_test_4eC39HqLyjWD"
ANSWER = {
    "status": {"code": 200, "message": "OK"},
    "headers": {"Set-Cookie": ["session=q7Zt0PxV4mLr9KbW"]},
    "body": {"string": f"key {KEY}, password hunter-2".encode()},
}


def test_an_answer_and_the_secrets_of_a_request_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with logged_without(Secrets.named({"SHOP_KEY": KEY})):
        asked = Request("GET", f"https://ann:hunter-22@api.test/{KEY}?access_token=tok-abc-123&page=2", b"", {})
        Cassette("tape").append(asked, ANSWER)
        logging.getLogger("vcr.request").info("%(what)s", {"what": KEY})

    said = caplog.text
    assert "Appending request <Request (GET) https://" in said
    assert "page=2> and response {'code': 200, 'message': 'OK'}" in said
    assert "SHOP_KEY" in said
    for secret in (KEY, "hunter-2", "tok-abc-123", "q7Zt0PxV4mLr9KbW"):
        assert secret not in said


def test_afterwards_the_log_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with logged_without(Secrets.named({"SHOP_KEY": KEY})):
        pass

    logging.getLogger("vcr.cassette").info("key %s", KEY)

    assert f"key {KEY}" in caplog.text
