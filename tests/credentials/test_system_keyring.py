from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from undrift.credentials import Keyring
from undrift.credentials.asking import UnavailableError
from undrift.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "sk_test_fromthekeyring"


class InMemory(KeyringBackend):
    """A backend as keyring's users write them, that keeps passwords in this process."""

    priority = 1

    def __init__(self, look: Callable[[str, str], str | None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's
        self._look = look

    def get_password(self, service: str, username: str) -> str | None:
        return self._look(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_what_it_keeps(use: Callable[[KeyringBackend], None]) -> None:
    kept = {("undrift", "SHOP_KEY"): KEY, ("undrift", "EMPTY"): "", ("other", "OTHER"): KEY}
    use(InMemory(lambda service, username: kept.get((service, username))))
    assert Keyring("undrift", 5).ask(["SHOP_KEY", "EMPTY", "OTHER"]).values == {"SHOP_KEY": KEY}


def test_a_machine_without_one(use: Callable[[KeyringBackend], None]) -> None:
    use(NoKeyring())  # type: ignore[no-untyped-call] # keyring's
    with pytest.raises(UnavailableError, match=r"^this machine has none$"):
        Keyring("undrift", 5).ask(["SHOP_KEY"])


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UnavailableError, match=r"^keyring is not installed; run `pip install 'undrift\[keyring\]'`$"):
        Keyring("undrift", 5).ask(["SHOP_KEY"])


def locked(_service: str, _username: str) -> str:
    raise KeyringLocked("The prompt was dismissed.")


def hanging(_service: str, _username: str) -> str:
    time.sleep(0.5)
    return KEY


@pytest.mark.parametrize(
    ("look", "why"), [(locked, "The prompt was dismissed"), (hanging, "there was no answer within 0.05 seconds")]
)
def test_one_that_refuses_or_waits_for_somebody(
    use: Callable[[KeyringBackend], None], look: Callable[[str, str], str], why: str
) -> None:
    use(InMemory(look))
    with pytest.raises(CredentialError) as caught:
        Keyring("undrift", 0.05).ask(["SHOP_KEY"])
    assert str(caught.value) == (
        f"The system keyring was asked for SHOP_KEY and failed: {why}. No request was sent. "
        "Unlock the keyring. Or set it in the environment."
    )
