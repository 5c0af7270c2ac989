"""``[tool.undrift]`` made into a frozen ``Config``.

Pure: the table comes in as plain data, and every mistake in it goes out as one sentence
that names the key, what was found there, and the nearest thing that would be right. What
only a project with such a table needs is imported when first used: every run of pytest has
to wait for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.config.table import POLICIES, Config, Mode, mode_named, parse, policy_named
from undrift.late import late

if TYPE_CHECKING:
    from undrift.config.ignoring import Ignore
    from undrift.config.presets import PRESETS, Preset
    from undrift.config.providers import AwsSettings, KeyringSettings, Providers, VaultSettings
    from undrift.config.services import Redactions, Service, origin_from

__all__ = [
    "POLICIES",
    "PRESETS",
    "AwsSettings",
    "Config",
    "Ignore",
    "KeyringSettings",
    "Mode",
    "Preset",
    "Providers",
    "Redactions",
    "Service",
    "VaultSettings",
    "mode_named",
    "origin_from",
    "parse",
    "policy_named",
]

__getattr__ = late(
    __name__,
    {
        "PRESETS": "presets",
        "AwsSettings": "providers",
        "Ignore": "ignoring",
        "KeyringSettings": "providers",
        "Preset": "presets",
        "Providers": "providers",
        "Redactions": "services",
        "Service": "services",
        "VaultSettings": "providers",
        "origin_from": "services",
    },
)
