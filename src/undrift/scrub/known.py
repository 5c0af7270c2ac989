"""What is secret: values by name, and the names of places where further secrets stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from undrift.errors import CredentialError
from undrift.scrub.names import NameReader, SecretNames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.scrub.finder import Finder
    from undrift.scrub.replace import Search

_ENDING: Final = re.compile(r"[&#;,\s\"'<>\\@]")


@dataclass(frozen=True, repr=False, eq=False)
class Secrets:
    """Secret values by name, and the names that tell further secrets.

    Printing it shows how many values there are, and nothing else. One name may have several
    values, such as a live key and its stand-in in replay. ``|`` gives the values and the names
    of both sides; ``len`` and truth are about the values alone.
    """

    # No slots: what is looked for is made once, when first needed, and kept.
    pairs: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    names: SecretNames = field(default_factory=lambda: SecretNames.DEFAULT, compare=False)

    @classmethod
    def named(cls, values: Mapping[str, str], names: SecretNames | None = None) -> Self:
        """Secrets from credential names and values; raises CredentialError where a value is empty."""
        for name, value in values.items():
            if not value.strip():
                raise CredentialError(
                    f"The credential {name} is empty. Give it a value, or unset it to skip the tests that need it."
                )
        return cls(tuple(values.items()), SecretNames.DEFAULT if names is None else names)

    def __or__(self, other: Secrets) -> Secrets:
        names = self.names | other.names
        if not other.pairs and names is self.names:
            return self
        made = Secrets(tuple(dict.fromkeys((*self.pairs, *other.pairs))), names)
        # What the one and the other look for was worked out already, or will be for both.
        made.__dict__["finders"] = (*self.finders, *(one for one in other.finders if one not in self.finders))
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and (self.pairs, self.names) == (other.pairs, other.names)

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self)}>"

    @cached_property
    def reader(self) -> NameReader:
        """What says of names whether they are those of secrets."""
        return NameReader(self.names)

    @cached_property
    def finders(self) -> tuple[Finder, ...]:
        """What finds the values, in whatever form."""
        if not self.pairs:
            return ()
        from undrift.scrub.looking import finder_of  # noqa: PLC0415 - most replays have no secret to look for

        return (finder_of(self.pairs),)

    @classmethod
    def found_by(cls, finder: Finder, pairs: tuple[tuple[str, str], ...], names: SecretNames) -> Self:
        """Secrets that a finder looks for already."""
        made = cls(pairs, names)
        made.__dict__["finders"] = (finder,)
        return made

    @cached_property
    def search(self) -> Search:
        """What to look for: the values of these secrets."""
        from undrift.scrub.replace import Search  # noqa: PLC0415 - as above

        return Search(self.finders, self.protected)

    @cached_property
    def torn(self) -> Search:
        """What to look for before names are followed: values that hold what ends a value in a URL, a form or XML."""
        odd = Secrets(tuple((name, value) for name, value in self.pairs if _ENDING.search(value)))
        return odd.search

    @cached_property
    def protected(self) -> re.Pattern[bytes]:
        """A pattern of what is never taken for a secret, so that scrubbing twice is scrubbing once."""
        from undrift.scrub.looking import protecting  # noqa: PLC0415 - as above

        return protecting(self.pairs)
