"""Cassettes as they are compared: scrubbed as takes are, whoever wrote them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from undrift import scrub
from undrift.app.credential import secret_names

if TYPE_CHECKING:
    from undrift.config import Config
    from undrift.model import Cassette
    from undrift.scrub import Secrets


def comparable(config: Config, cassette: Cassette) -> Cassette:
    """A cassette without what its names tell to be secret: another tool may have written it, or an older undrift.

    So no report shows what somebody stored, and two sides are not told apart by how they were scrubbed.
    """
    return scrub.scrub(cassette, _secrets(config)).cassette


@lru_cache(maxsize=8)
def _secrets(config: Config) -> Secrets:
    # What is worked out for the names is kept with them; a folder has many cassettes.
    return scrub.Secrets(names=secret_names(config))
