"""Fixtures for tests of the message path: nodes opened on first use, closed at the end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.support.message_path import Node

NewNode = Callable[..., Awaitable[Node]]


@pytest.fixture
async def new_node(request: pytest.FixtureRequest) -> AsyncIterator[NewNode]:
    """A function that starts a node (`Node.start`); all are closed at the end, before their database goes."""
    if "engine_url" in request.fixturenames:
        request.getfixturevalue("engine_url")
    nodes: list[Node] = []

    async def start(*args: Any, **settings: Any) -> Node:
        nodes.append(await Node.start(*args, **settings))
        return nodes[-1]

    yield start
    for node in nodes:
        await node.close()


@pytest.fixture
async def node(new_node: NewNode) -> Node:
    """A node on SQLite in memory with the carrier `car_a`."""
    return await new_node()
