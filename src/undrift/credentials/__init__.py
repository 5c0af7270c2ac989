"""Credentials: where they are looked for, what they must look like, and stand-ins.

A value never shows in a message or a ``repr``: only its name does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late

if TYPE_CHECKING:
    from undrift.credentials.asking import Answer, Answered, Provider
    from undrift.credentials.aws import AwsSecrets
    from undrift.credentials.environment import ENV_FILE, EnvFile, Environment, GitState, git_state
    from undrift.credentials.lookup import (
        Credentials,
        Found,
        LookUp,
        Needed,
        can_be_told,
        find,
        judged,
        look_up,
        problem_of,
        stand_ins,
    )
    from undrift.credentials.standin import stand_in
    from undrift.credentials.system_keyring import Keyring
    from undrift.credentials.vault import Vault

__all__ = [
    "ENV_FILE",
    "Answer",
    "Answered",
    "AwsSecrets",
    "Credentials",
    "EnvFile",
    "Environment",
    "Found",
    "GitState",
    "Keyring",
    "LookUp",
    "Needed",
    "Provider",
    "Vault",
    "can_be_told",
    "find",
    "git_state",
    "judged",
    "look_up",
    "problem_of",
    "stand_in",
    "stand_ins",
]

__getattr__ = late(
    __name__,
    {
        "Answer": "asking",
        "Answered": "asking",
        "AwsSecrets": "aws",
        "Credentials": "lookup",
        "ENV_FILE": "environment",
        "EnvFile": "environment",
        "Environment": "environment",
        "Found": "lookup",
        "GitState": "environment",
        "Keyring": "system_keyring",
        "LookUp": "lookup",
        "Needed": "lookup",
        "Provider": "asking",
        "Vault": "vault",
        "can_be_told": "lookup",
        "find": "lookup",
        "git_state": "environment",
        "judged": "lookup",
        "look_up": "lookup",
        "problem_of": "lookup",
        "stand_in": "standin",
        "stand_ins": "lookup",
    },
)
