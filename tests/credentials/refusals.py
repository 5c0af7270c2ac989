"""What a refusal to give credentials says, whoever was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.errors import CredentialError

if TYPE_CHECKING:
    from undrift.credentials import AwsSecrets, Vault


def refusal(asked: AwsSecrets | Vault, *, who: str, mend: str, secret: str) -> str:
    """The whole text; it names who was asked and what to mend, and never shows the secret."""
    with pytest.raises(CredentialError) as caught:
        asked.ask(["SHOP_KEY"])
    words = str(caught.value)
    assert words.startswith(f"{who} was asked for SHOP_KEY and failed: ")
    assert words.endswith(f". No request was sent. Mend {mend}. Or set it in the environment.")
    assert secret not in words
    return words
