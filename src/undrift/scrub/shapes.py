"""The shapes of well-known tokens: what is a secret by its mere look, whoever it belongs to.

Each shape starts with letters of its own, so that nothing else is likely to have it: a hit
keeps a cassette from being written, and a false one would keep a good one from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was found: what it looks like, and where; ``offset`` counts bytes from 0."""

    kind: str
    offset: int
    value: bytes

    def __repr__(self) -> str:
        """Without the value, which may be a secret."""
        return f"<Token: {self.kind} at {self.offset}>"


@dataclass(frozen=True, slots=True)
class _Shape:
    """``starts`` are letters one of which is in every such token: most texts have none of them."""

    kind: str
    starts: tuple[bytes, ...]
    pattern: re.Pattern[bytes]


def _shape(kind: str, starts: str, pattern: str) -> _Shape:
    # Nothing before the first letters: an expression that begins with them is looked for many times as fast.
    whole = rf"{pattern}(?![A-Za-z0-9])".encode()
    return _Shape(kind, tuple(start.encode() for start in starts.split()), re.compile(whole))


# As their makers document them, or as GitHub and GitLab look for them.
_SHAPES: Final = (
    _shape("Stripe key", "_test_ _live_", r"(?:sk|rk)_(?:test|live)_[A-Za-z0-9]{16,}"),
    _shape("Stripe webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/]{24,}={0,2}"),
    _shape("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _shape("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
    _shape("GitLab token", "glpat- gldt- glrt- glptt-", r"gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,}"),
    _shape("AWS access key", "AKIA ASIA", r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    _shape("OpenAI key", "sk-proj- sk-svcacct- sk-admin-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}"),
    _shape("OpenAI key", "T3BlbkFJ", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    _shape("Anthropic key", "sk-ant-", r"sk-ant-(?:api|admin|oat)[0-9]{2}-[A-Za-z0-9_-]{20,}"),
    _shape("SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _shape("Twilio key", "SK", r"SK[0-9a-f]{32}"),
    _shape("Slack token", "xox", r"xox[abeoprs]-(?:[A-Za-z0-9]+-)+[A-Za-z0-9]{16,}"),
    _shape("Slack token", "xapp-", r"xapp-[0-9]-[A-Za-z0-9-]{20,}"),
    _shape(
        "Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9/]{16,}",
    ),
    _shape("Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
    _shape("Google access token", "ya29.", r"ya29\.[A-Za-z0-9_-]{24,}"),
    _shape("Google client secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _shape("npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _shape("PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    _shape("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("Square token", "sq0", r"sq0(?:atp-[A-Za-z0-9_-]{22}|csp-[A-Za-z0-9_-]{43})"),
    _shape("DigitalOcean token", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _shape("Hugging Face token", "hf_", r"hf_[A-Za-z]{34}"),
    _shape("Vault token", "hv", r"hv[sbr]\.[A-Za-z0-9_-]{24,}"),
    _shape("private key", "PRIVATE", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{40,}"),
)
# What every document and every stand-in writes in place of a key.
_MADE_UP: Final = re.compile(
    rb"example|standin|redacted|placeholder|xxxxxx|0123456789|1234567890|abcdefghij", re.IGNORECASE
)
_FEWEST_LETTERS: Final = 8


def tokens(data: bytes, *, not_secret: Iterable[str] = ()) -> Iterator[Token]:
    """The tokens in some bytes; those that somebody made up for show are none.

    ``not_secret`` are regular expressions: what one of them matches wholly is no secret.
    """
    return _tokens(data, data, not_secret)


def may_hold_tokens(data: bytes, pieces: bytes = b"") -> bool:
    """Whether there is a token in some bytes, allowed or not; ``pieces`` as in ``Search.suspects``."""
    return any(True for _ in _tokens(data, pieces or data))


def _tokens(data: bytes, pieces: bytes, not_secret: Iterable[str] = ()) -> Iterator[Token]:
    for shape in _SHAPES:
        if any(start in pieces for start in shape.starts):
            for found in shape.pattern.finditer(data):
                is_within = data[max(found.start() - 1, 0) : found.start()].isalnum()
                if not (is_within or is_made_up(found[0]) or is_allowed(found[0], not_secret)):
                    yield Token(shape.kind, found.start(), found[0])


def is_made_up(token: bytes) -> bool:
    """Whether a token is one that nobody handed out: it says so, or is of ever the same letters."""
    return _MADE_UP.search(token) is not None or len(set(token)) < _FEWEST_LETTERS


def is_allowed(token: bytes, not_secret: Iterable[str]) -> bool:
    """Whether one of the expressions matches the whole token."""
    text = token.decode("utf-8", "replace")
    return any(re.fullmatch(expression, text) for expression in not_secret)
