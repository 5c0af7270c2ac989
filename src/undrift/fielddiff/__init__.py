"""Two parsed bodies in, changes at pointers out."""

from __future__ import annotations

from undrift.fielddiff.changes import Change, ChangeKind
from undrift.fielddiff.pointers import Path, pattern, pointer
from undrift.fielddiff.walk import diff

__all__ = ["Change", "ChangeKind", "Path", "diff", "pattern", "pointer"]
