"""Bodies: content encodings, media types, and parsed views of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late

if TYPE_CHECKING:
    from undrift.body.encodings import decode, decode_start, encode, is_known
    from undrift.body.media import MediaType, media_type
    from undrift.body.signatures import binary_type
    from undrift.body.views import BodyKind, View, view

__all__ = [
    "BodyKind",
    "MediaType",
    "View",
    "binary_type",
    "decode",
    "decode_start",
    "encode",
    "is_known",
    "media_type",
    "view",
]

__getattr__ = late(
    __name__,
    {
        "BodyKind": "views",
        "MediaType": "media",
        "View": "views",
        "binary_type": "signatures",
        "decode": "encodings",
        "decode_start": "encodings",
        "encode": "encodings",
        "is_known": "encodings",
        "media_type": "media",
        "view": "views",
    },
)
