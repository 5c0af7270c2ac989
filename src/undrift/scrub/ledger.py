"""The secrets of one cassette: those that are named, and those found in it, numbered by first appearance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from undrift.scrub.finder import Finder
from undrift.scrub.known import Secrets
from undrift.scrub.looking import target_of
from undrift.scrub.placeholders import is_placeholder, placeholders_in
from undrift.scrub.replace import Search, replace_in_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undrift.scrub.forms import Target


class Ledger:
    """What stands in place of each secret: the same in every place, and another for every other secret.

    A secret that is long and strange enough is followed: it is replaced wherever it stands, under
    the number of its first appearance. One that may as well be a word, such as a cookie for the
    language, is replaced in its place alone.
    """

    def __init__(self, named: Secrets, taken: Iterable[tuple[str, int]] = (), prefix: str = "") -> None:
        """``taken`` are labels and numbers in use; ``prefix`` tells the labels given here from others."""
        self.named = named
        self.used: set[str] = set()
        self._prefix = prefix
        self._last: Counter[str] = Counter()
        for label, number in taken:
            self._last[label] = max(self._last[label], number)
        self._followed: dict[str, Target] = {}
        self._local: dict[tuple[str, str], str] = {}
        self._covered: dict[str, str] = {}
        self._finder = Finder()
        self.search = Search((*named.finders, self._finder), named.protected)

    def substitute(self, label: str, secret: str, *, is_followed: bool) -> str:
        """What stands in place of a secret that its name or its place tells."""
        covered = self._cover(secret)
        if is_placeholder(covered):
            found = covered
        elif secret in self._followed:
            found = self._followed[secret].replacement
        elif is_followed and not placeholders_in(secret):
            # What holds a placeholder is no secret any more elsewhere.
            found = self.follow(f"secret:{self._numbered(label)}", secret)
        else:
            if (label, secret) not in self._local:
                self._local[label, secret] = target_of(f"secret:{self._numbered(label)}", secret).replacement
            found = self._local[label, secret]
        if found != secret:
            self.used.update(placeholders_in(found))
        return found

    def follow(self, name: str, secret: str) -> str:
        """Have a secret replaced wherever it stands, by the placeholder of this name."""
        target = target_of(name, secret, lambda text: replace_in_text(text, self.named.search)[0])
        self._followed[secret] = target
        self._finder.add(target)
        return target.replacement

    @property
    def found(self) -> Secrets:
        """The secrets that are to stand nowhere, though no credential names them."""
        pairs = tuple((target.name, target.value) for target in self._followed.values())
        return Secrets.found_by(self._finder, pairs, self.named.names)

    def _numbered(self, label: str) -> str:
        label = f"{self._prefix}{label}"
        self._last[label] += 1
        return f"{label}:{self._last[label]}"

    def _cover(self, secret: str) -> str:
        """A secret with the named ones replaced in it."""
        if secret not in self._covered:
            self._covered[secret] = replace_in_text(secret, self.named.search)[0]
        return self._covered[secret]
