"""A pytest plugin that puts undrift in vcrpy's place, before its tests import it."""

from __future__ import annotations

import vcr
import vcr.cassette
import vcr.config
import vcr.unittest

import undrift
from undrift.app.vcr import Cassette

vcr.VCR = vcr.config.VCR = vcr.unittest.VCR = undrift.VCR
vcr.cassette.Cassette = vcr.config.Cassette = Cassette
vcr.unittest.VCRMixin, vcr.unittest.VCRTestCase = undrift.VCRMixin, undrift.VCRTestCase
vcr.default_vcr = undrift.VCR()
vcr.use_cassette = vcr.default_vcr.use_cassette
