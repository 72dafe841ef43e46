"""What retention removes and what it leaves, on both engines; the audit finds nothing at any step."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.ops.settings import Settings
from onesixty.reports import audit
from onesixty.reports.audit import Terms, run_audit
from onesixty.retention import keeper
from onesixty.retention.keeper import Keeper
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, load
from onesixty.store.units import Unit
from tests.reports import filled
from tests.reports.filled import DAY, START, Clock, Filler
from tests.support.clock import ManualClock


class World:
    """A filled database and its keeper."""

    def __init__(self, store: Store, filler: Filler) -> None:
        self.store = store
        self.named = filler.named
        self.clock = ManualClock(START)
        self.removed: Counter[str] = Counter()
        self.rests: list[float] = []

    def keeper(
        self, *, events: int = 30, messages: int = 400, records: int = 90, refusals: int = 30
    ) -> Keeper:
        async def sleep(seconds: float) -> None:
            self.rests.append(seconds)

        async def redact(_tenant: object, _id: str) -> None:
            raise AssertionError("no time for bodies is set")

        settings = Settings(
            retention_events_days=events,
            retention_messages_days=messages,
            retention_records_days=records,
            retention_refusals_days=refusals,
        )
        return Keeper(
            self.store, settings, clock=self.clock, observer=self._observer(), redact=redact, sleep=sleep
        )

    def _observer(self) -> Any:
        class Observer:
            def removed(_self, table: str, rows: int) -> None:
                self.removed[table] += rows

        return Observer()

    async def after(self, days: int, **keep: int) -> Counter[str]:
        """What one round removes after so many days."""
        self.removed.clear()
        self.clock.ms = START + days * DAY
        await self.keeper(**keep).once()
        findings = await run_audit(self.store, Terms(now=START + DAY // 2, charge_on="sent"))
        assert {f.name: f.ids for f in findings if f.count} == {}
        assert await self.store.fetch("left_behind") == []
        return Counter(self.removed)

    async def counts(self) -> tuple[int, ...]:
        return tuple((await self.store.fetch("count_rows"))[0])

    async def live(self) -> set[str]:
        return {str(id_) for id_, ended in await self.store.fetch("ended") if not ended}

    async def charged(self) -> int:
        return int((await self.store.fetch("charged"))[0][0])


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Statements:
    return load([*filled.FEATURES, *audit.FEATURES, "onesixty.retention", "onesixty.http", "tests.retention"])


@pytest.fixture
async def world(
    engine_url: str, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(keeper, "PAGE", 3)
    monkeypatch.setattr(keeper, "MESSAGES_PAGE", 2)
    store = await open_store(engine_url, statements, clock=Clock())
    filler = Filler(store, "sent")
    await filler.fill()
    yield World(store, filler)
    await store.close()


async def test_nothing_young_is_removed(world: World) -> None:
    before = await world.counts()
    assert await world.after(29) == Counter()
    assert await world.counts() == before


async def test_an_event_waits_for_its_pending_delivery(world: World) -> None:
    """However old it is: the receiver has not had it."""
    _, events, deliveries, *_ = await world.counts()
    removed = await world.after(40)
    assert removed["events"] == removed["deliveries"] == 0
    assert (await world.counts())[1:3] == (events, deliveries)


async def test_events_go_after_their_message_has_ended_and_messages_after_their_events(world: World) -> None:
    await world.store.execute("end_deliveries", at=START)
    messages, events, deliveries, *_ = await world.counts()
    live, charged = await world.live(), await world.charged()
    assert live
    assert charged
    removed = await world.after(40)
    assert removed["deliveries"] == deliveries
    assert 0 < removed["events"] < events
    assert removed["messages"] == 0
    kept = {str(row[0]) for row in await world.store.fetch("messages_with_events")}
    assert kept
    assert kept <= live, "only of what has not ended"
    assert world.rests, "it rests between pages"

    removed = await world.after(500)
    assert removed["messages"] > 0
    assert removed["inbound"] == 1
    left = {str(row[0]) for row in await world.store.fetch("ended")}
    assert live <= left
    assert len(left) == messages - removed["messages"] - removed["inbound"]
    assert await world.charged() == charged, "what was charged is carried"
    assert await world.after(501) == Counter()


async def test_the_carried_sum_grows(world: World) -> None:
    await world.store.execute("end_deliveries", at=START)
    charged = await world.charged()
    for days in (440, 470, 500):
        await world.after(days)
        assert await world.charged() == charged


async def test_a_message_that_changes_meanwhile_stays(world: World) -> None:
    await world.store.execute("end_deliveries", at=START)
    await world.after(40)
    fetch = world.store.fetch

    async def changed(statement: str, **params: Any) -> list[Any]:
        rows = await fetch(statement, **params)
        if statement == "retention_messages":
            await world.store.commit([Unit((row[0],), writes=(("touch", (row[0],)),)) for row in rows])
        return rows

    before, charged = await world.counts(), await world.charged()
    world.store.fetch = changed  # type: ignore[method-assign]
    assert (await world.after(500))["messages"] == 0
    assert await world.counts() == before
    assert await world.charged() == charged


async def test_zero_keeps_for_ever(world: World) -> None:
    await world.store.execute("end_deliveries", at=START)
    before = await world.counts()
    assert await world.after(4000, events=0, messages=400, records=0) == Counter()
    assert await world.counts() == before
    removed = await world.after(4000, messages=0)
    assert removed["events"] > 0
    assert removed["messages"] == 0
