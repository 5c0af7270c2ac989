"""Credentials in AWS Secrets Manager, through ``boto3``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.credentials.asking import Answer, UnavailableError, failed, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME = "AWS Secrets Manager"
_ADVICE = "Mend providers.aws, or what AWS lets this machine read."
_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class AwsSecrets:
    """AWS Secrets Manager.

    ``secret`` names one secret whose text is a JSON object with a member for each credential.
    Empty, each credential is a secret of its own, named ``prefix`` and its name. An empty
    ``region``, ``profile`` or ``endpoint`` leaves it to the machine's own settings.
    """

    secret: str
    prefix: str
    region: str
    profile: str
    endpoint: str
    timeout_seconds: float
    name: str = _NAME
    is_remote: bool = True

    def ask(self, names: Sequence[str]) -> Answer:
        """What is kept there; one attempt, in all no longer than the timeout."""
        try:
            import boto3  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - only where something is missing
            from botocore import exceptions  # noqa: PLC0415 - as above
        except ImportError as error:
            raise UnavailableError("boto3 is not installed; run `pip install 'undrift[aws]'`") from error
        try:
            return within(self.timeout_seconds, lambda: self._look(boto3, names))
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise UnavailableError("this machine has no credentials for AWS") from error
        except exceptions.NoRegionError as error:
            raise UnavailableError("no region is set; add one to providers.aws, or set AWS_REGION") from error
        except (exceptions.BotoCoreError, exceptions.ClientError, OSError, ValueError) as error:
            raise failed(_NAME, names, error, _ADVICE) from error

    def _look(self, boto3: Any, names: Sequence[str]) -> Answer:
        from botocore.config import Config  # noqa: PLC0415 - it is there, since boto3 is

        # One attempt: whoever waits here waits before the first test.
        config = Config(
            connect_timeout=self.timeout_seconds, read_timeout=self.timeout_seconds, retries={"total_max_attempts": 1}
        )
        session = boto3.session.Session(profile_name=self.profile or None, region_name=self.region or None)
        client = session.client("secretsmanager", endpoint_url=self.endpoint or None, config=config)
        if self.secret:
            members = _members(client.get_secret_value(SecretId=self.secret), self.secret)
            return Answer({name: members[name] for name in names if isinstance(members.get(name), str)})
        return Answer({name: value for name in names if (value := _value(client, f"{self.prefix}{name}"))})


def _members(answer: Mapping[str, Any], secret: str) -> Mapping[str, Any]:
    try:
        members = json.loads(answer.get("SecretString", ""))
    except ValueError:
        members = None
    if not isinstance(members, dict):
        # What it holds instead is not shown.
        raise ValueError(f"the secret {secret} is no JSON object with a member for each credential")  # noqa: TRY004 - of AWS, not of a caller
    return members


def _value(client: Any, secret: str) -> str:
    try:
        return str(client.get_secret_value(SecretId=secret).get("SecretString", ""))
    except client.exceptions.ClientError as error:
        if error.response.get("Error", {}).get("Code") == _MISSING:
            return ""
        raise
