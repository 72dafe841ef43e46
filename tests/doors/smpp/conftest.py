from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.doors.smpp.esme import Node, running


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A node with its SMPP door open."""
    async with running(tmp_path) as started:
        yield started
