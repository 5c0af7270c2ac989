"""Record HTTP once, replay it forever, know the night it stops being true.

What is public: ``use_cassette``, ``credential``, ``origin``, ``blocking_context``, vcrpy's ``VCR``,
``VCRMixin`` and ``VCRTestCase``, and the errors. They are imported when first used, so that a pytest
run that plays nothing pays for nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

_LATE = {
    "VCR": "undrift.app.vcr",
    "VCRMixin": "undrift.app.vcr",
    "VCRTestCase": "undrift.app.vcr",
    "blocking_context": "undrift.engine.blocking",
    "credential": "undrift.app.credential",
    "origin": "undrift.app.credential",
    "use_cassette": "undrift.app.use",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'undrift' has no attribute {name!r}")
    value = getattr(importlib.import_module(_LATE[name]), name)
    globals()[name] = value
    return value
