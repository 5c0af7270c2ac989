"""Ready-made services: what undrift knows of well-known APIs. Pure data.

Patterns are those that the providers document. Where a provider tells test keys from live
ones, only test keys fit, and live ones are named under ``forbidden``; where it does not,
nobody can tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Preset:
    """What ``preset = "…"`` adds to a service.

    ``origins`` are stored under the first; one with a wildcard for hosts claims those hosts
    and leaves each under its own address. ``volatile`` names places of requests whose values
    are new each time, as ``MatchRules`` takes them, and ``noise`` those of answers: header fields
    in lower case, and JSON Pointers (RFC 6901) with ``*`` for any index. ``secret_headers``, ``secret_parameters``
    and ``secret_fields`` are the names of what carries secrets, in any letter case.
    """

    origins: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    match_headers: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    secret_headers: tuple[str, ...] = ()
    secret_parameters: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()


# RFC 6749 (the framework), 7523 (assertions), 7636 (PKCE), 8628 (devices), 8693 (exchange), OpenID Connect.
_OAUTH2 = Preset(
    # "code" is no field here: half of all APIs call the code of an error so.
    volatile=("state", "nonce", "code_challenge", "assertion", "client_assertion"),
    secret_parameters=("access_token", "client_secret", "code", "id_token", "id_token_hint", "refresh_token", "token"),
    secret_fields=(
        *("access_token", "actor_token", "assertion", "client_assertion", "client_secret", "code_verifier"),
        *("device_code", "id_token", "password", "refresh_token", "registration_access_token", "subject_token"),
        "user_code",
    ),
)

PRESETS: Mapping[str, Preset] = {
    "stripe": Preset(
        origins=("https://api.stripe.com",),
        credentials={"STRIPE_TEST_KEY": "(sk|rk)_test_[A-Za-z0-9]{10,}"},
        forbidden=("(sk|rk|pk)_live_[A-Za-z0-9]+",),
        match_headers=("Stripe-Version", "Stripe-Account"),
        noise=("idempotency-key", "original-request", "request-id"),
        # The client's secret of a payment, and the secrets of webhooks and ephemeral keys.
        secret_fields=("client_secret", "secret"),
    ),
    "github": Preset(
        origins=("https://api.github.com",),
        credentials={"GITHUB_TOKEN": "gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"},
        match_headers=("X-GitHub-Api-Version",),
        noise=("github-authentication-token-expiration", "x-github-request-id"),
        secret_headers=("X-GitHub-OTP",),
        secret_fields=("client_secret", "encoded_jit_config", "pem", "token", "webhook_secret"),
    ),
    "aws": Preset(
        # Each of its services and regions is an API of its own.
        origins=("https://*.amazonaws.com",),
        credentials={
            "AWS_ACCESS_KEY_ID": "(AKIA|ASIA)[A-Z0-9]{16}",
            "AWS_SECRET_ACCESS_KEY": "[A-Za-z0-9/+]{40}",
            "AWS_SESSION_TOKEN": "[A-Za-z0-9/+=]{64,}",
        },
        volatile=(
            *("X-Amz-Credential", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Signature"),
            *("AWSAccessKeyId", "Expires", "Signature", "Timestamp", "ClientToken"),
            *("/ClientRequestToken", "/ClientToken"),
        ),
        noise=("x-amz-apigw-id", "x-amz-id-2", "x-amz-request-id", "x-amzn-requestid", "x-amzn-trace-id"),
        secret_headers=(
            "X-Amz-Security-Token",
            "X-Amz-Server-Side-Encryption-Customer-Key",
            "X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key",
        ),
        secret_parameters=(
            "AWSAccessKeyId",
            "Signature",
            "X-Amz-Credential",
            "X-Amz-Security-Token",
            "X-Amz-Signature",
        ),
        secret_fields=(
            *("AccessKeyId", "AuthorizationToken", "MasterUserPassword", "Password", "SecretAccessKey"),
            *("SecretBinary", "SecretString", "SessionToken"),
        ),
    ),
    "openai": Preset(
        origins=("https://api.openai.com",),
        # What is Anthropic's begins as a key of OpenAI does.
        credentials={"OPENAI_API_KEY": "sk-(?!ant-)(proj-|svcacct-)?[A-Za-z0-9_-]{20,}"},
        # A key that may do anything to the organisation is none for tests.
        forbidden=("^sk-admin-",),
        match_headers=("OpenAI-Organization", "OpenAI-Project", "OpenAI-Beta"),
        noise=(
            *("openai-processing-ms", "x-request-id", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens"),
            *("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "/system_fingerprint"),
        ),
        secret_fields=("api_key", "client_secret"),
    ),
    "anthropic": Preset(
        origins=("https://api.anthropic.com",),
        credentials={"ANTHROPIC_API_KEY": "sk-ant-api[0-9]{2}-[A-Za-z0-9_-]{20,}"},
        forbidden=("^sk-ant-admin",),
        match_headers=("anthropic-version", "anthropic-beta"),
        noise=(
            "request-id",
            *(
                f"anthropic-ratelimit-{what}-{left}"
                for what in ("requests", "tokens", "input-tokens", "output-tokens")
                for left in ("remaining", "reset")
            ),
        ),
        secret_headers=("X-Api-Key",),
    ),
    "sendgrid": Preset(
        origins=("https://api.sendgrid.com",),
        credentials={"SENDGRID_API_KEY": "SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}"},
        match_headers=("On-Behalf-Of",),
        noise=("x-message-id",),
        secret_fields=("api_key",),
    ),
    "twilio": Preset(
        origins=("https://api.twilio.com", "https://*.twilio.com"),
        credentials={
            "TWILIO_ACCOUNT_SID": "AC[0-9a-f]{32}",
            "TWILIO_AUTH_TOKEN": "[0-9a-f]{32}",
            "TWILIO_API_KEY": "SK[0-9a-f]{32}",
            "TWILIO_API_SECRET": "[A-Za-z0-9]{32}",
        },
        noise=("twilio-concurrent-requests", "twilio-request-duration", "twilio-request-id"),
        secret_headers=("X-Twilio-Signature",),
        secret_fields=("auth_token", "secondary_auth_token", "secret"),
    ),
    "slack": Preset(
        origins=("https://slack.com",),
        credentials={
            "SLACK_BOT_TOKEN": "xoxb-[A-Za-z0-9-]{20,}",
            "SLACK_USER_TOKEN": "xoxp-[A-Za-z0-9-]{20,}",
            "SLACK_APP_TOKEN": "xapp-[A-Za-z0-9-]{20,}",
        },
        volatile=("/client_msg_id",),
        noise=("x-edge-backend", "x-slack-backend", "x-slack-req-id", "x-slack-unique-id"),
        secret_headers=("X-Slack-Signature",),
        secret_parameters=("ticket", "token"),
        secret_fields=("access_token", "bot_access_token", "client_secret", "refresh_token", "token"),
    ),
    "google": Preset(
        # Each of its services is an API of its own.
        origins=("https://*.googleapis.com",),
        credentials={"GOOGLE_API_KEY": "AIza[A-Za-z0-9_-]{35}", "GOOGLE_ACCESS_TOKEN": "ya29\\.[A-Za-z0-9._-]{20,}"},
        match_headers=("X-Goog-User-Project", "X-Goog-FieldMask"),
        volatile=("requestId", "/requestId", "assertion"),
        noise=("x-goog-trace-id", "x-guploader-uploadid"),
        secret_headers=("X-Goog-Api-Key", "X-Goog-Iam-Authorization-Token"),
        secret_parameters=("access_token", "key", "upload_id"),
        secret_fields=(*_OAUTH2.secret_fields, "keyString", "private_key", "privateKeyData"),
    ),
    "oauth2": _OAUTH2,
}
