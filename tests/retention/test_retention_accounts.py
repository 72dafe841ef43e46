"""Each account by its own times; and a database that stops growing. Time is moved."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from onesixty.app.features import STATEMENTS
from onesixty.core import ids
from onesixty.reports import audit
from onesixty.reports.audit import Terms, run_audit
from onesixty.retention.keeper import DAY_MS
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from tests.retention.traffic import START, Traffic
from tests.support.clock import ManualClock
from tests.support.databases import statements

NewTraffic = Callable[..., Traffic]


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    packages = dict.fromkeys([*STATEMENTS, *audit.FEATURES, "tests.retention"])
    opened = await open_store(engine_url, statements(*packages), clock=ManualClock(START))
    await opened.execute("lease_start", node="here", now=START, ttl=10**12, sessions="[]")
    yield opened
    await opened.close()


async def rule(store: Store, account_id: str, **days: int) -> None:
    """Times of an account, as `/v1/retention` writes them."""
    kinds = ("bodies", "messages", "inbound", "events", "deliveries", "receipts", "refusals", "audit")
    row = (account_id, *(days.get(kind) for kind in kinds), 1)
    writes: list[Any] = [("retention_rule_insert", row), ("retention_rules_changed", ("",))]
    writes.append(("retention_mark_begin", (account_id,)))
    writes += [("retention_floor_reset", (kind, value)) for kind, value in days.items()]
    (result,) = await store.commit([Unit(("rule",), writes=tuple(writes))])
    assert result is True, result


async def sound(store: Store) -> None:
    findings = await run_audit(store, Terms(now=START + DAY_MS // 2, charge_on="sent"))
    assert {f.name: f.ids for f in findings if f.count} == {}
    assert await store.fetch("left_behind") == []


async def kept(store: Store, account_id: str) -> list[int]:
    """The days, from the start on, of which an account has messages."""
    rows = await store.fetch("messages_of", account_id=account_id)
    return sorted({(ids.made_at(row[0]) - START) // DAY_MS for row in rows})


async def gone(store: Store, account_id: str) -> int:
    """The day before which messages of an account may be gone."""
    ((ms,),) = await store.fetch("retention_gone", account_id=account_id, kind="messages")
    return int(ms - START) // DAY_MS


@pytest.mark.deadline(180)  # 24 days of traffic
async def test_each_account_by_its_own_times(store: Store) -> None:
    traffic = Traffic(store, retention_messages_days=12, retention_events_days=4)
    await rule(store, "acc_short", messages=8)
    await rule(store, "acc_long", messages=16)
    accounts = ("acc_default", "acc_long", "acc_short")
    for day in range(24):
        traffic.clock.ms = START + day * DAY_MS
        for account_id in accounts:
            await traffic.day(account_id, 2)
        await traffic.keeper.once()
    traffic.clock.ms += 3_600_000
    await traffic.keeper.once()
    assert await kept(store, "acc_short") == list(range(23 - 8 + 1, 24))
    assert await kept(store, "acc_default") == list(range(23 - 12 + 1, 24))
    assert await kept(store, "acc_long") == list(range(23 - 16 + 1, 24))
    assert [await gone(store, account_id) for account_id in accounts] == [11, 7, 15]
    await sound(store)
    charged = dict(tuple(row) for row in await store.fetch("charged_by_account"))
    assert charged == dict.fromkeys(accounts, 24 * 2 * 7500)
    closing = await store.fetch("closing", account_id="acc_short")
    assert len(closing) == 16
    assert {(kind[:12], amount) for kind, amount in closing} == {("carried:EUR:", 15_000)}


async def test_a_time_that_changes_reaches_older_rows(store: Store) -> None:
    traffic = Traffic(store, retention_messages_days=20, retention_events_days=4)
    for day in range(19):
        traffic.clock.ms = START + day * DAY_MS
        await traffic.day("acc_1", 1)
        await traffic.day("acc_2", 1)
        await traffic.keeper.once()
    await rule(store, "acc_1", messages=8)
    await traffic.keeper.once()
    assert await kept(store, "acc_1") == list(range(18 - 8, 19))
    assert await kept(store, "acc_2") == list(range(19))
    assert (await gone(store, "acc_1"), await gone(store, "acc_2")) == (10, -2)
    await sound(store)


async def test_bodies_go_before_their_messages(store: Store) -> None:
    traffic = Traffic(store, retention_messages_days=20, retention_events_days=4, retention_bodies_days=2)
    await rule(store, "acc_keeps", bodies=0)
    for day in range(6):
        traffic.clock.ms = START + day * DAY_MS
        await traffic.day("acc_1", 3)
        await traffic.day("acc_keeps", 1)
        await traffic.keeper.once()
    bodies = await store.fetch("bodies")
    assert {account_id for account_id, _, text in bodies if text} == {"acc_1", "acc_keeps"}
    redacted = {(ids.made_at(id_) - START) // DAY_MS for account_id, id_, text in bodies if not text}
    assert redacted == {0, 1, 2}
    assert all(text for account_id, _, text in bodies if account_id == "acc_keeps")
    assert traffic.counts["bodies"] == 9
    await sound(store)
    again = traffic.new_keeper(retention_bodies_days=2)  # after a start
    await again.once()
    assert traffic.counts["bodies"] == 9


async def test_receipts_and_deliveries_may_go_first(store: Store) -> None:
    traffic = Traffic(
        store,
        retention_messages_days=30,
        retention_events_days=20,
        retention_deliveries_days=4,
        retention_receipts_days=8,
    )
    for day in range(16):
        traffic.clock.ms = START + day * DAY_MS
        await traffic.day("acc_1", 2)
        await traffic.keeper.once()
    messages, events, deliveries, attempts, _, receipts = (await store.fetch("count_rows"))[0]
    assert (messages, attempts, receipts) == (32, 32, 2 * 9)
    assert events == 64
    assert deliveries == 2 * 2 * 5
    await sound(store)


async def test_what_an_open_slice_paid_for_stays(store: Store) -> None:
    """Its rows say what is left of the slice."""
    traffic = Traffic(store, retention_messages_days=8, retention_events_days=4)
    (first, second) = await traffic.day("acc_1", 2)
    await store.execute("spend", message_id=first, slice=7)
    await store.execute("open_slice", id=7, account_id="acc_1")
    traffic.clock.ms = START + 20 * DAY_MS
    await traffic.keeper.once()
    assert [row[0] for row in await store.fetch("messages_of", account_id="acc_1")] == [first]
    assert second != first
    await store.execute("close_slice", id=7)
    traffic.clock.ms += DAY_MS
    await traffic.keeper.once()
    assert await store.fetch("messages_of", account_id="acc_1") == []


async def test_rules_that_change_meanwhile_take_no_mark(store: Store) -> None:
    traffic = Traffic(store, retention_messages_days=8, retention_events_days=4)
    await traffic.day("acc_1", 1)
    traffic.clock.ms = START + 20 * DAY_MS
    fetch = store.fetch

    async def changed(statement: str, **params: Any) -> list[Any]:
        rows = await fetch(statement, **params)
        if statement == "retention_floors_all":  # after the rules were read
            store.fetch = fetch  # type: ignore[method-assign]
            await rule(store, "acc_1", messages=100)
        return rows

    store.fetch = changed  # type: ignore[method-assign]
    await traffic.keeper.once()
    assert await kept(store, "acc_1") == [0]
    assert await gone(store, "acc_1") < 0
    await traffic.keeper.once()
    assert await kept(store, "acc_1") == [0]


async def test_an_account_that_joins_during_a_pass_is_passed_from_its_oldest_row(store: Store) -> None:
    """Its rule begins the group's pass anew, and the pass that runs meanwhile does not take that back."""
    traffic = Traffic(store, retention_messages_days=30, retention_events_days=4)
    await rule(store, "acc_short", messages=8)
    await traffic.day("acc_joins", 1)
    await traffic.day("acc_short", 1)
    traffic.clock.ms = START + 20 * DAY_MS
    fetch = store.fetch

    async def joined(statement: str, **params: Any) -> list[Any]:
        if statement == "retention_left_messages" and params["among"]:
            store.fetch = fetch  # type: ignore[method-assign]
            await rule(store, "acc_joins", messages=8)
        return await fetch(statement, **params)

    store.fetch = joined  # type: ignore[method-assign]
    await traffic.keeper.once()
    assert (await kept(store, "acc_short"), await kept(store, "acc_joins")) == ([], [0])
    await traffic.keeper.once()
    assert await kept(store, "acc_joins") == []


async def size(store: Store, url: str) -> int:
    """Octets in use: pages of a SQLite file that are not free; tables and indexes of a PostgreSQL, vacuumed."""
    if url.startswith("sqlite"):
        ((pages, free),) = await store.fetch("pages")
        return int(pages - free) * 4096
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM")
        tables = "('messages', 'events', 'work', 'attempts', 'receipts', 'ledger')"
        found = await connection.fetchval(
            f"SELECT SUM(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relname IN {tables}"
        )
        return int(found)
    finally:
        await connection.close()


@pytest.mark.deadline(240)  # 30 days of traffic
async def test_a_database_under_steady_load_stops_growing(store: Store, engine_url: str) -> None:
    traffic = Traffic(store, retention_messages_days=10, retention_events_days=5, retention_bodies_days=2)
    rows: list[tuple[Any, ...]] = []
    sizes: list[int] = []
    for day in range(30):
        traffic.clock.ms = START + day * DAY_MS
        await traffic.day("acc_1", 40)
        await traffic.day("acc_2", 40)
        await traffic.keeper.once()
        rows.append(tuple((await store.fetch("count_rows"))[0]))
        sizes.append(await size(store, engine_url))
    # full after the longest time: messages of 10 days and the one that ends now
    assert rows[5][0] < rows[10][0] == 11 * 80
    assert set(rows[12:]) == {rows[12]}
    assert max(sizes[20:]) <= max(sizes[10:20]) * 1.05, sizes
    assert sizes[-1] < sizes[12] * 1.1
    await sound(store)
