"""Sending a recorded request again, to the real thing, as politely as its answers ask."""

from __future__ import annotations

from undrift.live.sending import Clock, RetryPolicy, SystemClock, read_retry_after, send
from undrift.live.transport import http_transport

__all__ = [
    "Clock",
    "RetryPolicy",
    "SystemClock",
    "http_transport",
    "read_retry_after",
    "send",
]
