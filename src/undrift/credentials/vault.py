"""Credentials in HashiCorp Vault, version 2 of its key-value store, through ``hvac``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from undrift.credentials.asking import Answer, UnavailableError, failed, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME = "HashiCorp Vault"
_ADVICE = "Mend providers.vault, or what Vault lets this token read."


@dataclass(frozen=True, slots=True)
class Vault:
    """A secret in Vault with a key for each credential.

    An empty ``address`` or ``namespace`` is taken from ``VAULT_ADDR`` and ``VAULT_NAMESPACE``
    of ``variables``, and the token from ``VAULT_TOKEN``, else from where Vault's own command
    line keeps it.
    """

    path: str
    mount: str
    address: str
    namespace: str
    timeout_seconds: float
    variables: Mapping[str, str] = field(repr=False)
    name: str = _NAME
    is_remote: bool = True

    def ask(self, names: Sequence[str]) -> Answer:
        """What is kept there; one attempt, in all no longer than the timeout."""
        try:
            import hvac  # noqa: PLC0415 - only where something is still missing
            from hvac import exceptions, utils  # noqa: PLC0415 - as above
        except ImportError as error:
            raise UnavailableError("hvac is not installed; run `pip install 'undrift[vault]'`") from error
        address = self.address or self.variables.get("VAULT_ADDR", "")
        token = self.variables.get("VAULT_TOKEN") or utils.get_token_from_env()
        if not address:
            raise UnavailableError("VAULT_ADDR is not set")
        if not token:
            raise UnavailableError("VAULT_TOKEN is not set")
        try:
            return within(self.timeout_seconds, lambda: self._look(hvac, address, token, names))
        except exceptions.InvalidPath as error:
            raise failed(_NAME, names, f"there is nothing at {self.mount}/{self.path}", _ADVICE) from error
        except OSError as error:
            # What is raised for the network says at the innermost what happened.
            raise failed(_NAME, names, f"it did not answer ({_innermost(error)})", _ADVICE) from error
        except (exceptions.VaultError, ValueError) as error:
            raise failed(_NAME, names, str(error).replace(token, "***"), _ADVICE) from error

    def _look(self, hvac: Any, address: str, token: str, names: Sequence[str]) -> Answer:
        namespace = self.namespace or self.variables.get("VAULT_NAMESPACE") or None
        client = hvac.Client(url=address, token=token, namespace=namespace, timeout=self.timeout_seconds)
        found = client.secrets.kv.v2.read_secret_version(
            path=self.path, mount_point=self.mount, raise_on_deleted_version=True
        )
        values = found.get("data", {}).get("data")
        if not isinstance(values, dict):
            what = f"{self.mount}/{self.path} is no secret of version 2 of the key-value store"
            raise ValueError(what)  # noqa: TRY004 - it is Vault's value, not a caller's
        return Answer({name: values[name] for name in names if isinstance(values.get(name), str)})


def _innermost(error: BaseException) -> BaseException:
    while error.__context__ is not None:
        error = error.__context__
    return error
