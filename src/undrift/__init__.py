"""Record HTTP once, replay it forever, know the night it stops being true.

What is public: ``use_cassette``, ``credential``, ``origin``, ``blocking_context``, vcrpy's ``VCR``,
``VCRMixin`` and ``VCRTestCase``, and the errors. They are imported when first used, so that a pytest
run that plays nothing pays for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.errors import (
    AnswersUsedUpError,
    CassetteError,
    CassetteNotFoundError,
    CassetteNotWrittenError,
    CassetteTooNewError,
    CassetteUnreadableError,
    ClientDriftError,
    ConfigError,
    CredentialError,
    CredentialMissingError,
    LeakError,
    NearMissError,
    NetworkRefusedError,
    NoCassetteError,
    NoMatchError,
    NotAnsweredError,
    NotSentError,
    PlaybackError,
    StrayRequestError,
    UndriftError,
    UsageError,
)
from undrift.late import late

if TYPE_CHECKING:
    from undrift.app.credential import credential, origin
    from undrift.app.use import use_cassette
    from undrift.app.vcr import VCR, VCRMixin, VCRTestCase
    from undrift.engine.blocking import blocking_context

__version__ = "0.1.0"

__all__ = [
    "VCR",
    "AnswersUsedUpError",
    "CassetteError",
    "CassetteNotFoundError",
    "CassetteNotWrittenError",
    "CassetteTooNewError",
    "CassetteUnreadableError",
    "ClientDriftError",
    "ConfigError",
    "CredentialError",
    "CredentialMissingError",
    "LeakError",
    "NearMissError",
    "NetworkRefusedError",
    "NoCassetteError",
    "NoMatchError",
    "NotAnsweredError",
    "NotSentError",
    "PlaybackError",
    "StrayRequestError",
    "UndriftError",
    "UsageError",
    "VCRMixin",
    "VCRTestCase",
    "__version__",
    "blocking_context",
    "credential",
    "origin",
    "use_cassette",
]

__getattr__ = late(
    __name__,
    {
        "VCR": "app.vcr",
        "VCRMixin": "app.vcr",
        "VCRTestCase": "app.vcr",
        "blocking_context": "engine.blocking",
        "credential": "app.credential",
        "origin": "app.credential",
        "use_cassette": "app.use",
    },
)
