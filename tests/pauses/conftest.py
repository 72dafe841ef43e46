"""The message path on a real store, for the tests of this folder."""

from typing import Any

import pytest

from tests.support.databases import memory_database
from tests.support.path_fixtures import new_node, node

__all__ = ["new_node", "node"]


@pytest.fixture
def shared(engine_url: str) -> dict[str, Any]:
    """A database for several nodes: in memory on SQLite, where a file has one owner."""
    return {"memory": memory_database()} if engine_url.startswith("sqlite") else {"url": engine_url}
