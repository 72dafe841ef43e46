"""The queue over the real store on both engines, with a sink inside the process: what each verdict comes to, steps,
pauses, order, fairness, restarts, and two nodes."""

import asyncio
import functools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from random import Random

import msgspec
import pytest

from onesixty.core.clock import SystemClock
from onesixty.core.message import UNCLAIMED
from onesixty.store.contract import Row, Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, parse, texts
from onesixty.store.units import Unit
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.policy import Pace, Policy
from onesixty.work.queue import WorkQueue
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink
from tests.support.waiting import wait_until_async

QUICK = Limits(look=0.02, recover=0.05)
POLICY = Policy(pauses=(0.02,), jitter=0, pace=Pace(concurrency=1, trip=None))
STATEMENTS = """
-- name: test_work_insert
-- params: id text, lane text, claim bigint, at bigint, expires_at bigint
INSERT INTO work (id, sink, lane, account_id, subject, status, tries, claim, due_at, created_at, expires_at)
VALUES (:id, 'test', :lane, '', :id, 'pending', 0, :claim, :at, :at, :expires_at)

-- name: test_lease_insert
-- params: id bigint
INSERT INTO leases (id, node, started_at, expires_at) VALUES (:id, 'node', 1, 2)

-- name: test_lease_end
-- params: id bigint
UPDATE leases SET ended_at = 3 WHERE id = :id

-- name: test_work
SELECT id, status, tries, claim, error FROM work ORDER BY id
"""

Say = Callable[[Item], Outcome]
DONE = Outcome(Verdict.DONE)


@functools.cache
def statements() -> Statements:
    return parse([*texts(["onesixty.work"]), ("tests", STATEMENTS)])


class Consumer(TaskSink):
    """Does work inside the process: what `say` returns, once `gate` is open."""

    name = "test"
    insert = "test_work_insert"

    def __init__(self, say: Say, policy: Policy) -> None:
        super().__init__()
        self.say = say
        self.policy = policy
        self.gate = asyncio.Event()
        self.gate.set()
        self.seen: list[str] = []

    def new(self, row: Row) -> Item:
        id_, lane, claim, _, expires_at = row
        return Item(id_, lane, "", id_, None, None, None, None, 0, claim, expires_at)

    async def attempt(self, item: Item) -> Outcome:
        self.seen.append(item.id)
        await self.gate.wait()
        return self.say(item)


class World:
    """A store, and nodes that work on it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SystemClock()
        self.queues: list[WorkQueue] = []
        self._lease = 0

    async def node(
        self, say: Say = lambda _: DONE, policy: Policy = POLICY, limits: Limits = QUICK
    ) -> tuple[WorkQueue, Consumer]:
        """A node with a lease of its own."""
        self._lease += 1
        lease = self._lease
        await self.store.execute("test_lease_insert", id=lease)
        sink = Consumer(say, policy)
        queue = WorkQueue(
            self.store, sink, clock=self.clock, random=Random(1), lease=lambda: lease, limits=limits
        )
        await queue.start()
        self.queues.append(queue)
        return queue, sink

    async def write(
        self, names: Iterable[str], lane: str = "one", queue: WorkQueue | None = None, life_ms: int = 60_000
    ) -> None:
        """Commit work, claimed by a queue that has room or by nobody."""
        at = self.clock.now_ms()
        units = [
            Unit(
                keys=(name,),
                writes=(
                    (
                        "test_work_insert",
                        (name, lane, UNCLAIMED if queue is None else queue.claim(lane), at, at + life_ms),
                    ),
                ),
            )
            for name in names
        ]
        assert await self.store.commit(units) == [True] * len(units)

    async def rows(self) -> list[tuple[str, str, int, int, str | None]]:
        return await self.store.fetch("test_work")

    async def until(self, status: str, count: int = 1) -> list[tuple[str, str, int, int, str | None]]:
        async def there() -> list[tuple[str, str, int, int, str | None]] | None:
            rows = await self.rows()
            return rows if sum(row[1] == status for row in rows) >= count else None

        rows = await wait_until_async(there, 20, f"{count} {status}")
        assert rows is not None
        return rows


@pytest.fixture
async def world(engine_url: str) -> AsyncIterator[World]:
    store = await open_store(engine_url, statements(), clock=SystemClock())
    made = World(store)
    yield made
    for queue in made.queues:
        await queue.stop(1)
    await store.close()


async def test_what_is_done_stays_or_is_forgotten(world: World) -> None:
    await world.node()
    await world.write(["a"])
    assert await world.until("delivered") == [("a", "delivered", 1, 0, None)]
    await world.queues.pop().stop(1)
    await world.node(policy=msgspec.structs.replace(POLICY, keep=False))
    await world.write(["b"])

    async def gone() -> bool:
        return [row[0] for row in await world.rows()] == ["a"]

    await wait_until_async(gone, 20, "the row of b to go")


async def test_each_verdict_comes_to_its_end(world: World) -> None:
    said = {
        "failed": Outcome(Verdict.FAILED, 7, "no"),
        "ended": Outcome(Verdict.ENDED, error="nobody there"),
        "again": Outcome(Verdict.AGAIN, error="busy"),
    }

    def say(item: Item) -> Outcome:
        return DONE if item.tries else said[item.id]

    await world.node(say)
    await world.write(said)
    await world.until("failed", 2)
    assert await world.until("delivered") == [
        ("again", "delivered", 2, 0, None),
        ("ended", "failed", 0, 0, "nobody there"),
        ("failed", "failed", 1, 0, "no"),
    ]


async def test_steps_follow_one_another_and_other_lanes_come_between(world: World) -> None:
    """A long piece of work is done step by step, under one claim and without a write of the queue's."""
    left = Counter({"a": 5, "b": 5})

    def say(item: Item) -> Outcome:
        left[item.id] -= 1
        return Outcome(Verdict.MORE) if left[item.id] else DONE

    _, sink = await world.node(say, limits=Limits(look=0.02, in_flight=1))
    sink.gate.clear()
    await world.write(["a"], "one")
    await world.write(["b"], "two")
    await wait_until_async(lambda: sink.seen, 20, "the first step")
    await wait_until_async(lambda: world.queues[0].state()["waiting"], 20, "the other one in memory")
    sink.gate.set()
    rows = await world.until("delivered", 2)
    assert [row[2] for row in rows] == [1, 1]
    assert sink.seen == ["a", "b"] * 5


async def test_what_never_left_keeps_its_place(world: World) -> None:
    seen: list[str] = []

    def say(item: Item) -> Outcome:
        seen.append(item.id)
        return Outcome(Verdict.UNSENT) if seen == ["a"] else DONE

    queue, _ = await world.node(say)
    await world.write(["a", "b", "c"], queue=queue)
    rows = await world.until("delivered", 3)
    assert seen == ["a", "a", "b", "c"]
    assert [row[2] for row in rows] == [1, 1, 1]


async def test_an_exception_is_a_failed_attempt(world: World) -> None:
    def say(item: Item) -> Outcome:
        if not item.tries:
            raise ValueError("a bug")
        return DONE

    await world.node(say)
    await world.write(["a"])
    assert await world.until("delivered") == [("a", "delivered", 2, 0, None)]


async def test_what_nobody_does_in_time_ends(world: World) -> None:
    await world.write(["a"], life_ms=-1)
    await world.node()
    assert await world.until("failed") == [("a", "failed", 0, 0, "expired")]


async def test_two_nodes_do_not_both_work_and_one_outlives_the_other(world: World) -> None:
    dead, first = await world.node()
    first.gate.clear()
    await world.write(["a", "b"])
    await wait_until_async(lambda: dead.state()["in_flight"], 20, "the first at work")
    await dead._refill.stop()  # frozen
    _, second = await world.node()
    await world.write([f"c{n}" for n in range(20)], "two")
    await world.until("delivered", 20)
    assert not {"a", "b"} & set(second.seen)
    await world.store.execute("test_lease_end", id=1)
    await world.until("delivered", 22)
    assert {"a", "b"} <= set(second.seen)
    first.gate.set()


async def test_a_stop_gives_back_what_it_cuts_off(world: World) -> None:
    queue, sink = await world.node()
    sink.gate.clear()
    await world.write(["a", "b"], queue=queue)
    await wait_until_async(lambda: sink.seen, 20, "the first at work")
    await queue.stop(0.05)

    async def given_back() -> bool:  # the stop waits for the store no longer than for the answers
        return await world.rows() == [("a", "pending", 0, 0, None), ("b", "pending", 0, 0, None)]

    await wait_until_async(given_back, 20, "both rows given back")


def test_rows_are_read_by_the_names_of_the_item() -> None:
    (statement,) = [one for one in statements() if one.name == "work_waiting"]
    columns = statement.sqlite.partition("SELECT ")[2].partition(" FROM")[0].replace(",", " ").split()
    assert tuple(columns) == Item.__struct_fields__[: len(columns)]
    assert Item.__struct_fields__[len(columns) :] == ("content",)
