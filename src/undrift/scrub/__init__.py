"""Scrubbing: no secret that is known, in whatever form it travels, is left in what is stored.

``scrub`` makes the only type that can be written to disk; ``leaks`` is the last look at
the bytes of a file before it replaces another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late

if TYPE_CHECKING:
    from undrift.scrub.cassette import Scrubbed, scrub, scrub_request, scrub_text
    from undrift.scrub.following import Following, bare, numbers
    from undrift.scrub.known import Secrets
    from undrift.scrub.names import SecretNames
    from undrift.scrub.replace import Leak, leaks
    from undrift.scrub.restore import Restorer, echoes, holds_places, sent_in_place
    from undrift.scrub.whose import Fit, Key, fit, key_of

__all__ = [
    "Fit",
    "Following",
    "Key",
    "Leak",
    "Restorer",
    "Scrubbed",
    "SecretNames",
    "Secrets",
    "bare",
    "echoes",
    "fit",
    "holds_places",
    "key_of",
    "leaks",
    "numbers",
    "scrub",
    "scrub_request",
    "scrub_text",
    "sent_in_place",
]

__getattr__ = late(
    __name__,
    {
        "Fit": "whose",
        "Following": "following",
        "Key": "whose",
        "Leak": "replace",
        "Restorer": "restore",
        "Scrubbed": "cassette",
        "SecretNames": "names",
        "Secrets": "known",
        "bare": "following",
        "echoes": "restore",
        "fit": "whose",
        "holds_places": "restore",
        "key_of": "whose",
        "leaks": "replace",
        "numbers": "following",
        "scrub": "cassette",
        "scrub_request": "cassette",
        "scrub_text": "cassette",
        "sent_in_place": "restore",
    },
)
