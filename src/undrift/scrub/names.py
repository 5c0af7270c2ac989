"""Names that say that the value beside them is a secret: of headers, parameters and fields.

Cookies need no names: the value of every cookie is a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from undrift.values.chance import looks_random

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS: Final = str.maketrans("", "", "-_. ")
# The innermost name: of "user[password]", "auth.token", "wsse:Password" and "keys[]".
_INNERMOST: Final = re.compile(r"([^\[\].:]*)(?:\[[0-9]*\])*\]?\Z")
# A name that ends so is that of a secret, whatever stands before: "db_password", "stripeSecretKey".
_TELLING_ENDS: Final = (
    *("password", "passwd", "passphrase", "secretkey", "secretaccesskey", "privatekey", "apikey", "clientsecret"),
    *("accesstoken", "refreshtoken", "idtoken", "authtoken", "bearertoken", "sessiontoken", "signingsecret"),
    *("webhooksecret", "sharedsecret", "connectionstring"),
)
# Whether there is one is no secret.
_ASKING: Final = frozenset({"allow", "allows", "has", "is", "needs", "no", "requires", "shows", "uses"})
_LONGEST_NAME: Final = 128
# No word, no name and no id made for people is so long and so mixed.
_SHORTEST_AMBIGUOUS: Final = 16
# What Stripe and its like hand to browsers, as keys or to stand for a card, and say is no secret; and what
# names a version, a time or an address.
_PUBLIC: Final = re.compile(r"(?:tok|btok|pm|pk|src|card|ba)_[A-Za-z0-9_]+|https?://.*|[0-9.:,TZ+-]+", re.DOTALL)
_PIECES: Final = re.compile(r"[A-Za-z0-9]+")
_OF_A_TOKEN: Final = re.compile(r"[!-~]+")


def squeezed(name: str) -> str:
    """A name as it is compared: ``access_token``, ``accessToken`` and ``Access-Token`` are one."""
    return name.lower().translate(_SEPARATORS)


@dataclass(frozen=True, slots=True)
class SecretNames:
    """Names whose values are secrets, in any letter case and with any separators of words.

    ``headers`` are those of header fields, ``parameters`` those in a query or a fragment of a
    URL, ``fields`` those of JSON members, of fields of forms and multipart bodies, and of XML
    elements and attributes, at any depth. ``ambiguous`` are names of parameters and fields that
    often say something innocent too, and ``ambiguous_parameters`` those of parameters alone: their
    values are taken only where they look like a credential. All are kept in lower case; ``|``
    gives the names of both sides.
    """

    DEFAULT: ClassVar[SecretNames]

    headers: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    ambiguous_parameters: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for attribute in ("headers", "parameters", "fields", "ambiguous", "ambiguous_parameters"):
            object.__setattr__(self, attribute, frozenset(name.lower() for name in getattr(self, attribute)))

    def __or__(self, other: SecretNames) -> SecretNames:
        if other is self or other == self:
            return self
        return SecretNames(
            self.headers | other.headers,
            self.parameters | other.parameters,
            self.fields | other.fields,
            self.ambiguous | other.ambiguous,
            self.ambiguous_parameters | other.ambiguous_parameters,
        )


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


# What is a secret wherever it stands. Left out for good reason: "token_type", "expires_in",
# "next_page_token", "page_token", "continuation_token" and "sync_token" (they are places in a
# list), "tokens" and "max_tokens" (counts), "key_id" and "public_key" (public), "username".
_EVERYWHERE: Final = _names(
    "access_token refresh_token id_token auth_token bearer_token session_token security_token device_token_secret",
    "x_amz_security_token api_token api_key apikey x_api_key app_key app_secret application_key",
    "client_secret client_assertion consumer_secret shared_secret signing_secret webhook_secret secret_key",
    "secret_access_key aws_secret_access_key private_key private_token oauth_token oauth_token_secret oauth_verifier",
    "password passwd passphrase pwd user_password old_password new_password current_password password_confirmation",
    "password_confirm confirm_password repeat_password",
    "authorization proxy_authorization authentication bearer credentials_json subscription_key",
    "ocp_apim_subscription_key csrf_token csrfmiddlewaretoken authenticity_token xsrf_token",
    "__requestverificationtoken code_verifier device_code encryption_key master_key account_key storage_key",
    "session_key totp_secret mfa_token otp_secret recovery_code recovery_codes backup_code backup_codes passcode",
    "connection_string vault_token unseal_key secret_key_base private_key_pem",
)
# The signatures of signed URLs: of AWS, Google and Azure, each with what it is made from.
_IN_URLS: Final = _names(
    "x_amz_signature x_amz_credential x_amz_security_token x_goog_signature x_goog_credential signature sig",
    "awsaccesskeyid googleaccessid oauth_signature hmac jsessionid phpsessid sessionid auth_key",
)
_IN_BODIES: Final = _names("x_amz_signature x_amz_credential x_goog_signature x_goog_credential jsessionid phpsessid")
# "token" is also a word of a text in an answer of a language model, "code" the code of an error,
# "secret" the mere name of one, "signature" a line under a letter.
_AMBIGUOUS: Final = _names(
    "token secret auth credential credentials signature assertion code jwt ticket sid session samlresponse",
    "samlrequest pass nonce_secret account_token user_token secret_token bot_token shared_access_signature",
)
_HEADERS: Final = _names(
    "api-key apikey authentication authorization cookie dd-api-key dd-application-key ocp-apim-subscription-key",
    "private-token proxy-authorization set-cookie set-cookie2 x-access-token x-amz-security-token x-api-key",
    "x-api-secret x-api-token x-apikey x-auth-key x-auth-token x-authorization x-client-secret x-csrf-token",
    "x-csrftoken x-figma-token x-functions-key x-github-token x-gitlab-token x-goog-api-key",
    "x-goog-iam-authorization-token x-plex-token x-postmark-server-token x-rapidapi-key x-refresh-token",
    "x-secret-key x-session-token x-shopify-access-token x-vault-token x-xsrf-token",
)
# Whose keys, tokens and secrets are named after them, as in "AZURE_STORAGE_KEY" or "githubToken".
_PROVIDERS: Final = _names(
    "adyen airtable algolia anthropic artifactory asana atlassian auth0 aws azure bitbucket braintree circle circleci",
    "cloudflare cloudinary codecov cohere consul contentful datadog digitalocean discord docker dockerhub dropbox",
    "facebook fastly firebase gcp gemini github gitlab google heroku hetzner hubspot huggingface instagram intercom",
    "jenkins jira linkedin mailchimp mailgun mapbox mistral mixpanel mongodb netlify newrelic nomad notion npm okta",
    "openai pagerduty paypal plaid postmark pusher pypi reddit redis salesforce segment sendgrid sentry shopify slack",
    "snyk spotify square stripe supabase telegram terraform tracker travis trello twilio twitch twitter vault vercel",
    "zendesk",
)
# What they open or are handed out for, as in "signing_key", "resetToken" or "smtp_pass".
_PURPOSES: Final = _names(
    "access account activation admin app auth bot confirmation consumer cookie db deploy deployment edge feed hmac",
    "installation invitation invite join jwt license login logout magic master mysql nonce remember reset role root",
    "runner sas server service session shared signing smtp ssh temp temporary trigger unlock user verification webhook",
)
_LAST_WORDS: Final = frozenset({"key", "pass", "pat", "secret", "token"})
_LAST_OF_HEADERS: Final = frozenset({"key", "secret", "token"})
# With one of these it is one that everybody may see, a place in a list, or that of a thing.
_NO_SECRETS: Final = _names(
    "bucket cache continuation cursor delta file foreign idempotency image issue next object page paging pagination",
    "partition place prev previous primary project public publishable resume row s3 skip sort surrogate sync type",
    "websocket",
)
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
SecretNames.DEFAULT = SecretNames(_HEADERS, _EVERYWHERE | _IN_URLS, _EVERYWHERE | _IN_BODIES, _AMBIGUOUS, _names("key"))


class NameReader:
    """Says of names and values whether they make a secret; remembers what it was asked of names."""

    __slots__ = (
        "_ambiguous",
        "_ambiguous_parameters",
        "_fields",
        "_headers",
        "_known_fields",
        "_known_headers",
        "_known_parameters",
        "_parameters",
    )

    def __init__(self, names: SecretNames) -> None:
        self._headers = _all_squeezed(names.headers)
        self._parameters = _all_squeezed(names.parameters)
        self._fields = _all_squeezed(names.fields)
        self._ambiguous = _all_squeezed(names.ambiguous)
        # In a body a "key" is mostly that of an object; in a query mostly Google's and Trello's.
        self._ambiguous_parameters = self._ambiguous | _all_squeezed(names.ambiguous_parameters)
        self._known_headers: dict[str, bool | None] = {}
        self._known_parameters: dict[str, bool | None] = {}
        self._known_fields: dict[str, bool | None] = {}

    def is_header(self, name: str, value: str) -> bool:
        """Whether a header field with this value carries a secret: it is listed, or named as a field is that does."""
        if name not in self._known_headers:
            self._known_headers[name] = self._header_verdict(name)
        verdict = self._known_headers[name]
        return looks_like_credential(value) if verdict is None else verdict

    def _header_verdict(self, name: str) -> bool | None:
        if squeezed(name) in self._headers:
            return True
        verdict = self.field_verdict(name.lower().removeprefix("x-"))
        if verdict is False and self._ambiguous and _LAST_OF_HEADERS.intersection((words := _words_of(name))[-1:]):
            return False if _NO_SECRETS.intersection(words) else None
        return verdict

    def is_parameter(self, name: str, value: str) -> bool:
        """Whether a parameter of a URL with this value is a secret."""
        verdict = _remembered(name, self._known_parameters, self._parameters, self._ambiguous_parameters)
        return looks_like_credential(value) if verdict is None else verdict and _is_worth_hiding(value)

    def is_field(self, name: str, value: str) -> bool:
        """Whether a field of a body with this value is a secret."""
        verdict = self.field_verdict(name)
        return looks_like_credential(value) if verdict is None else verdict and _is_worth_hiding(value)

    def field_verdict(self, name: str) -> bool | None:
        """Whether a field is that of a secret by its name alone; None where its value decides."""
        return _remembered(name, self._known_fields, self._fields, self._ambiguous)


def innermost(name: str) -> str:
    """The last part of a name: ``password`` of ``user[password]`` and of ``wsse:password``."""
    found = _INNERMOST.search(name)
    return found[1] if found is not None else name


def looks_like_credential(value: str) -> bool:
    """Whether a value is long and mixed enough to be a credential, rather than a word or a number."""
    if len(value) < _SHORTEST_AMBIGUOUS or not _OF_A_TOKEN.fullmatch(value) or _PUBLIC.fullmatch(value):
        return False
    # Without a digit it is the name of an error, however long.
    return any(letter.isdigit() for letter in value) and any(map(looks_random, _PIECES.findall(value)))


def _is_worth_hiding(value: str) -> bool:
    # The address of a form for passwords is named like one.
    return bool(value.strip()) and not value.startswith(("http://", "https://"))


def _all_squeezed(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(squeezed, names))


def _remembered(
    name: str, known: dict[str, bool | None], certain: frozenset[str], ambiguous: frozenset[str]
) -> bool | None:
    if name not in known:
        known[name] = _verdict(name, certain, ambiguous)
    return known[name]


def _verdict(name: str, certain: frozenset[str], ambiguous: frozenset[str]) -> bool | None:
    if not (certain or ambiguous) or len(name) > _LONGEST_NAME:
        return False
    candidates = {squeezed(name), squeezed(innermost(name))}
    if not candidates.isdisjoint(certain):
        return True
    if any(candidate.endswith(_TELLING_ENDS) for candidate in candidates):
        return _ASKING.isdisjoint(_words_of(innermost(name))[:1])
    return None if not candidates.isdisjoint(ambiguous) or (ambiguous and _is_told_by_its_words(name)) else False


def _is_told_by_its_words(name: str) -> bool:
    """Whether a name is that of a secret, or of a key, token or password to something that has those."""
    words = _words_of(innermost(name))
    if not words or words[-1] not in _LAST_WORDS or words[0] in _ASKING:
        return False
    # "GitHub" is one word in two, and so is "s3".
    named = {*words[:-1], *map("".join, pairwise(words))}
    is_told = words[-1] == "secret" or not named.isdisjoint(_PROVIDERS | _PURPOSES)
    return is_told and named.isdisjoint(_NO_SECRETS)


def _words_of(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]
