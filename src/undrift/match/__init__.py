"""Whether a request is one that was recorded, which one, and if none, what is different.

Two requests match when method, scheme, host, port, path and query are equal (default ports,
percent-encoding and the order of different query names aside), and their bodies (JSON as
JSON, forms as forms, multipart whatever its boundary, everything else as bytes), and
``X-Amz-Target``, and the headers that the rules name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.late import late

if TYPE_CHECKING:
    from undrift.match.description import describe
    from undrift.match.differences import ABSENT, Difference, MatchResult, match
    from undrift.match.index import RequestIndex
    from undrift.match.keys import request_key
    from undrift.match.operations import operation
    from undrift.match.settings import MatchRules

__all__ = [
    "ABSENT",
    "Difference",
    "MatchResult",
    "MatchRules",
    "RequestIndex",
    "describe",
    "match",
    "operation",
    "request_key",
]

__getattr__ = late(
    __name__,
    {
        "ABSENT": "differences",
        "Difference": "differences",
        "MatchResult": "differences",
        "MatchRules": "settings",
        "RequestIndex": "index",
        "describe": "description",
        "match": "differences",
        "operation": "operations",
        "request_key": "keys",
    },
)
