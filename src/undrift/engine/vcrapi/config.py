"""``VCR``: vcrpy's object of settings, whose cassettes are undrift's."""

from __future__ import annotations

from functools import partial
from typing import Any

import vcr

from undrift.engine.vcrapi.cassette import Cassette, CassetteContext


class VCR(vcr.VCR):  # type: ignore[misc] # vcrpy has no types
    """All settings of vcrpy's ``VCR``, with its defaults, and its methods."""

    cassette_class: type[Cassette] = Cassette

    def _use_cassette(self, with_current_defaults: bool = False, **kwargs: Any) -> CassetteContext:  # noqa: FBT001, FBT002 - vcrpy's signature
        """Give the context manager; settings changed later count too, unless the current ones are asked for."""
        if with_current_defaults:
            return self.cassette_class.use(**self.get_merged_config(**kwargs))
        return self.cassette_class.use_arg_getter(partial(self.get_merged_config, **kwargs))
