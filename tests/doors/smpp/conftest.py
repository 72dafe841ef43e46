from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from onesixty.app.platform import Platform
from tests.doors.smpp.esme import Node, running
from tests.support.path_fixtures import new_node as new_path

__all__ = ["new_path", "node", "shared_platform", "tenant"]

_numbers = count()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A node with its SMPP door open."""
    async with running(tmp_path) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Platform]:
    """A node that the tests of a module share; they run on the module's loop."""
    async with running(tmp_path_factory.mktemp("node")) as started:
        yield started.platform


@pytest_asyncio.fixture(loop_scope="module")
async def tenant(shared_platform: Platform) -> Node:
    """The shared node, for an account of this test's own."""
    account, _ = await shared_platform.features.accounts.create("tenant", "EUR", 7500)
    return Node(shared_platform, account.id, str(next(_numbers)))
