"""Bodies: content encodings, media types, and parsed views of bytes."""

from __future__ import annotations

from undrift.body.encodings import decode, encode
from undrift.body.media import MediaType, media_type
from undrift.body.signatures import binary_type
from undrift.body.views import BodyKind, View, view

__all__ = ["BodyKind", "MediaType", "View", "binary_type", "decode", "encode", "media_type", "view"]
