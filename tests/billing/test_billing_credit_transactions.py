"""A new limit counts once the transactions of its database are over that may not know it, whatever other databases of
the server do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from onesixty.app.features import STATEMENTS
from tests.billing.credit_world import World, open_world, refused
from tests.support.databases import Databases, statements


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[None]:
    """An open transaction that has written."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.fetchval("SELECT pg_current_xact_id()")
            yield
    finally:
        await connection.close()


async def test_a_limit_waits_for_transactions_of_its_own_database_alone(
    databases: Databases, postgres_url: str
) -> None:
    url = databases.postgresql()
    store = await open_world(url)
    world = World(store)
    await world.create(None)
    node = await world.start()
    rows = node.credit._rows
    assert refused(await node.accept(5)) == []
    async with writing(postgres_url):
        await world.limit(8)
        await rows.count(world.account)
        assert await rows.uncounted() == []
        assert refused(await node.accept(5)) == ["insufficient_credit"]
    await world.limit(None)
    async with writing(url):
        await world.limit(8)
        await rows.count(world.account)
        assert await rows.uncounted() == [world.account]
    await rows.count(world.account)
    assert await rows.uncounted() == []
    await store.close()


async def test_a_role_without_rights_sees_whose_transactions_are_open(
    databases: Databases, postgres_url: str
) -> None:
    url = databases.postgresql()
    found = statements(*STATEMENTS)
    barrier, oldest = found["credit_barrier"].postgresql, found["credit_oldest"].postgresql
    connection = await asyncpg.connect(url)
    await connection.execute("SET ROLE pg_signal_backend")  # which may read no statistics
    async with writing(postgres_url):
        began = await connection.fetchval(barrier)
        assert await connection.fetchval(oldest) > began
        async with writing(url):  # begins last, and nothing has ended since
            began = await connection.fetchval(barrier)
            assert await connection.fetchval(oldest) < began
        assert await connection.fetchval(oldest) > began
    await connection.close()
