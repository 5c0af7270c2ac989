"""Credentials in the system keyring, through the package ``keyring``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undrift.credentials.asking import Answer, UnavailableError, failed, within

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADVICE = "Unlock the keyring."


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keyring of this system; ``service`` is the name under which it keeps each credential."""

    service: str
    timeout_seconds: float
    name: str = "the system keyring"
    is_remote: bool = True

    def ask(self, names: Sequence[str]) -> Answer:
        """What the keyring keeps under these names as names of users."""
        try:
            import keyring  # noqa: PLC0415 - only where something is still missing
            import keyring.errors  # noqa: PLC0415 - as above
        except ImportError as error:
            raise UnavailableError("keyring is not installed; run `pip install 'undrift[keyring]'`") from error

        def look() -> Answer:
            found = {name: keyring.get_password(self.service, name) for name in names}
            return Answer({name: value for name, value in found.items() if value})

        try:
            return within(self.timeout_seconds, look)
        except keyring.errors.NoKeyringError as error:
            raise UnavailableError("this machine has none") from error
        except (keyring.errors.KeyringError, OSError) as error:
            raise failed("The system keyring", names, str(error) or type(error).__name__, _ADVICE) from error
