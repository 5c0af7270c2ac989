"""A pytest plugin that puts undrift in the place of what pytest-recording's tests import from it by name."""

from __future__ import annotations

import pytest_recording.network

import undrift

pytest_recording.network.blocking_context = undrift.blocking_context
