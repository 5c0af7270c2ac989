"""How secrets are looked for, once there are some."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from undrift.scrub.finder import Finder
from undrift.scrub.forms import Target
from undrift.scrub.placeholders import NUMBERED, STAND_IN, is_jwt, stand_in_jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def finder_of(pairs: Iterable[tuple[str, str]]) -> Finder:
    """What finds these values, which have names, in whatever form."""
    return Finder(target_of(name, value) for name, value in pairs)


def protecting(pairs: Iterable[tuple[str, str]]) -> re.Pattern[bytes]:
    """A pattern of what stands for these values, and for any that was numbered."""
    # Those that were numbered are known by their form, and there may be many.
    names = sorted({name for name, _ in pairs if ":" not in name}, key=len, reverse=True)
    named = (re.escape(f"<{name}>".encode()) for name in names)
    return re.compile(b"|".join((NUMBERED, STAND_IN, *named)))


def target_of(name: str, value: str, clean: Callable[[str], str] = lambda _: "{}") -> Target:
    """A secret to look for. A token's stand-in keeps of its claims what ``clean`` leaves of them."""
    placeholder = f"<{name}>"
    return Target(name, value, stand_in_jwt(placeholder, value, clean) if is_jwt(value) else placeholder)
