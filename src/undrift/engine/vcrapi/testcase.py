"""vcrpy's base classes for ``unittest``: a cassette for each test method."""

from __future__ import annotations

import unittest
from typing import Any

from vcr.unittest import VCRMixin as VcrMixin

from undrift.engine.vcrapi.cassettes import VCR


class VCRMixin(VcrMixin):  # type: ignore[misc] # vcrpy has no types
    """What vcrpy's mixin does, with undrift's ``VCR``."""

    vcr_class: type[VCR] = VCR

    def _get_vcr(self, **kwargs: Any) -> VCR:
        if "cassette_library_dir" not in kwargs:
            # Asked only where nobody has said it: the method may be a user's own.
            kwargs["cassette_library_dir"] = self._get_cassette_library_dir()
        return self.vcr_class(**kwargs)


class VCRTestCase(VCRMixin, unittest.TestCase):
    """A test case with a cassette for each of its methods."""
