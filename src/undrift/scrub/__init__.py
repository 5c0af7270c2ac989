"""Scrubbing: no secret that is known, in whatever form it travels, is left in what is stored.

``scrub`` makes the only type that can be written to disk; ``leaks`` is the last look at
the bytes of a file before it replaces another.
"""

from undrift.scrub.cassette import Scrubbed, scrub, scrub_request, scrub_text
from undrift.scrub.following import Following, bare, numbers
from undrift.scrub.known import Secrets
from undrift.scrub.names import SecretNames
from undrift.scrub.replace import Leak, leaks

__all__ = [
    "Following",
    "Leak",
    "Scrubbed",
    "SecretNames",
    "Secrets",
    "bare",
    "leaks",
    "numbers",
    "scrub",
    "scrub_request",
    "scrub_text",
]
