"""Accounts over a real store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

import pytest

from onesixty.accounts import Accounts
from onesixty.core.ids import IdSource
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from tests.http.world import Clock, new_ids
from tests.support.databases import memory_database, statements


@dataclass
class Office:
    """Accounts, their store, and the seams to play with."""

    store: Store
    clock: Clock
    ids: IdSource
    accounts: Accounts
    url: str


async def open_office(url: str) -> Office:
    clock = Clock()
    ids = new_ids(clock)
    store = await open_store(url, statements("onesixty.accounts"), clock=clock, memory=memory_database())
    return Office(store, clock, ids, Accounts(store, clock, ids, Random(7).randbytes), url)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await open_office("sqlite://")
    yield made
    await made.store.close()


@pytest.fixture
async def office_on_each_engine(engine_url: str) -> AsyncIterator[Office]:
    made = await open_office(engine_url)
    yield made
    await made.store.close()
