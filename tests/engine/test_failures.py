from __future__ import annotations

import socket
import ssl

import pytest

from undrift.engine.failures import again, kind_of

KINDS = {
    "dns": socket.gaierror,
    "connection-refused": ConnectionRefusedError,
    "tls": ssl.SSLError,
    "timeout": TimeoutError,
    "reset": ConnectionResetError,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_raised_again_is_of_its_kind(kind: str) -> None:
    error = again(kind, "as it was said")
    assert type(error) is KINDS[kind]
    assert "as it was said" in str(error)
    assert kind_of(error) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_without_words_it_says_what_a_socket_says(kind: str) -> None:
    assert str(again(kind, ""))
    assert kind_of(again(kind, "")) == kind


def test_an_unknown_kind_is_a_reset() -> None:
    assert type(again("odd", "")) is ConnectionResetError
    assert kind_of(RuntimeError("odd")) == "reset"


@pytest.mark.parametrize("kind", KINDS)
def test_the_socket_error_is_found_however_deep_a_client_wraps_it(kind: str) -> None:
    def transport() -> None:
        try:
            raise again(kind, "")
        except OSError as error:
            raise RuntimeError("a transport's own") from error

    def client() -> None:
        try:
            transport()
        except RuntimeError:
            raise ValueError("a context, and no cause")  # noqa: B904 - that is the point

    with pytest.raises(ValueError, match="a context") as caught:
        client()
    assert kind_of(caught.value) == kind


def test_the_reason_of_urllib3_is_followed() -> None:
    class MaxRetryError(Exception):
        def __init__(self, reason: object) -> None:
            super().__init__("Max retries exceeded")
            self.reason = reason

    assert kind_of(MaxRetryError(ssl.SSLError(1, "bad certificate"))) == "tls"
    assert kind_of(MaxRetryError("a text")) == "reset"


def test_one_error_for_each_address_of_a_name() -> None:
    tried = ExceptionGroup(
        "two addresses", [ConnectionRefusedError(111, "::1"), ConnectionRefusedError(111, "127.0.0.1")]
    )
    failed = OSError("All connection attempts failed")
    failed.__cause__ = tried
    assert kind_of(failed) == "connection-refused"


@pytest.mark.parametrize(("name", "kind"), [("ReadTimeoutError", "timeout"), ("NameResolutionError", "dns")])
def test_a_client_that_keeps_nothing_of_the_socket_is_known_by_its_name(name: str, kind: str) -> None:
    assert kind_of(type(name, (Exception,), {})("lost")) == kind


def test_errors_that_lead_in_a_circle_end() -> None:
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert kind_of(one) == "reset"
