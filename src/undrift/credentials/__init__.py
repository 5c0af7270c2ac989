"""Credentials: where they are looked for, what they must look like, and stand-ins.

A value never shows in a message or a ``repr``: only its name does.
"""

from undrift.credentials.providers import Credentials, find, stand_ins
from undrift.credentials.standin import stand_in

__all__ = ["Credentials", "find", "stand_in", "stand_ins"]
