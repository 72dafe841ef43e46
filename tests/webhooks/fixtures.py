"""Fixtures for webhooks: an open store on each engine, and a World around it."""

import functools
from collections.abc import AsyncIterator

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, parse, texts
from tests.webhooks.support import STATEMENTS, World

PACKAGES = ("onesixty.messages", "onesixty.work", "onesixty.webhooks")


@functools.cache
def statements() -> Statements:
    return parse([*texts(PACKAGES), ("tests", STATEMENTS)])


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_store(engine_url, statements(), clock=SystemClock())
    yield opened
    await opened.close()


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    made = World(store)
    yield made
    await made.stop()
