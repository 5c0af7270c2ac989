"""``[tool.undrift]`` made into a frozen ``Config``.

Pure: the table comes in as plain data, and every mistake in it goes out as one sentence
that names the key, what was found there, and the nearest thing that would be right.
"""

from undrift.config.ignoring import Ignore
from undrift.config.presets import PRESETS, Preset
from undrift.config.providers import AwsSettings, KeyringSettings, Providers, VaultSettings
from undrift.config.services import Redactions, Service, origin_from
from undrift.config.table import POLICIES, Config, Mode, mode_named, parse, policy_named

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
