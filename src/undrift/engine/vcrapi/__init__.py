"""The surface that vcrpy's users know, over undrift's interception and store.

``VCR``, its cassettes and its matchers mean what they mean in vcrpy, and are built from its own
classes. What is undrift's is how clients are intercepted, how a request is found, and that what
is written was scrubbed before.
"""

from undrift.engine.vcrapi.cassettes import VCR, Cassette, Surroundings
from undrift.engine.vcrapi.storage import Storage
from undrift.engine.vcrapi.testcase import VCRMixin, VCRTestCase

__all__ = ["VCR", "Cassette", "Storage", "Surroundings", "VCRMixin", "VCRTestCase"]
