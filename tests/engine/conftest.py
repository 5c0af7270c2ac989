from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from undrift.engine import interception

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def intercepted() -> Iterator[None]:
    with interception():
        yield
