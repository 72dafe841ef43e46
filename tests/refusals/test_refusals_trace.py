"""The trace of refusals over real databases: what is kept, what is only counted, and what a list finds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from random import Random
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.refusals import Refusal, Refusals, Trace
from onesixty.refusals import trace as bounds
from onesixty.refusals.service import Filters
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Result, Unit
from tests.support.clock import ManualClock
from tests.support.refusals import Counted
from tests.support.waiting import wait_until_async

FEATURES = ["onesixty.messages", "onesixty.retention", "onesixty.refusals"]
NO_ROUTE = Problem("no_route", rule="route")


class World:
    """A trace over a store; `tick` is one interval of its task."""

    def __init__(self, store: Store, clock: ManualClock, kept: int = 1000) -> None:
        self.store = store
        self.clock = clock
        self.ids = IdSource(clock, Random(1))
        self.counted = Counted()
        self._tick = asyncio.Event()
        self.trace = Trace(store, clock, self.ids.new, self.counted, kept=kept, sleep=self._sleep)
        self.refusals = Refusals(store, clock, self.trace)

    async def _sleep(self, seconds: float) -> None:
        await self._tick.wait()
        self._tick.clear()

    def tick(self, seconds: float = bounds.INTERVAL) -> None:
        self.clock.ms += int(seconds * 1000)
        self._tick.set()

    def note(self, problem: Problem = NO_ROUTE, account: str | None = "acc_1", **more: Any) -> None:
        fields: dict[str, Any] = {
            "test": False, "door": "v1", "operation": "POST /v1/sms/send", "request_id": "req_1",
            "caller": "key_1", "answer": "422", "rule": "request", "sender": "Shop", "recipient": "+15551234567",
        }  # fmt: skip
        fields |= more
        tenant = None if account is None else Tenant(account, fields.pop("test"))
        if self.trace.wants(tenant, fields["door"], problem.code):
            assert tenant is not None
            self.trace.keep(problem, tenant=tenant, **fields)

    async def found(self, account: str = "acc_1", test: bool = False, **filters: Any) -> list[Refusal]:
        return (await self.refusals.find(Tenant(account, test), Filters(**filters), 500, None))[0]

    async def written(self, count: int) -> list[Refusal]:
        """Let the task run until so many are on disk."""

        async def there() -> list[Refusal] | None:
            self.tick()
            found = await self.found()
            return found if len(found) >= count else None

        return await wait_until_async(there, 10, f"{count} refusals") or []


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_store(engine_url, load(FEATURES), clock=ManualClock(), migrate=True)
    yield opened
    await opened.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store, ManualClock())


async def test_a_refusal_is_found_by_what_it_says(world: World) -> None:
    world.note()
    world.note(Problem("invalid_recipient", "Too short.", param="to", rule="recipient"), recipient="12")
    world.note(Problem("bad_json"), account="acc_2")
    world.note(Problem("rate_limited"), test=True, door="smpp", answer="ESME_RTHROTTLED", request_id="bnd:7")
    world.note(Problem("unauthorized"), account=None)
    world.tick()
    short, no_route = await world.written(2)
    assert (no_route.code, no_route.rule, no_route.recipient, no_route.count) == (
        "no_route", "route", "+15551234567", 1,
    )  # fmt: skip
    assert (short.param, short.detail, short.recipient) == ("to", "Too short.", "12")
    assert await world.found(recipient="+15551234567") == [no_route]
    assert await world.found(code="invalid_recipient") == [short]
    assert await world.found(door="smpp") == []
    assert [one.request_id for one in await world.found(test=True, door="smpp")] == ["bnd:7"]
    assert [(one.code, one.rule) for one in await world.found("acc_2")] == [("bad_json", "request")]
    assert await world.found(created_before=world.clock.ms - 5_000_000) == []
    assert len(world.counted.by_code) == 5, "what is no account's is counted"


async def test_pages_go_on_where_the_one_before_ended(world: World) -> None:
    for count in range(5):
        world.note(request_id=f"req_{count}")
    await world.written(5)
    first, after = await world.refusals.find(Tenant("acc_1", False), Filters(), 3, None)
    rest, end = await world.refusals.find(Tenant("acc_1", False), Filters(), 3, after)
    assert [one.request_id for one in (*first, *rest)] == [f"req_{count}" for count in (4, 3, 2, 1, 0)]
    assert end is None


async def test_a_flood_is_written_at_a_bounded_rate_and_counted(world: World) -> None:
    """Of one account, door and code the first are kept each; a row a minute stands for all others."""
    commits: list[int] = []
    world.store.subscribe("refusal_insert", lambda rows: commits.append(len(rows)))
    for _ in range(bounds.BURST + 500):
        world.note()
    world.note(Problem("invalid_sender", rule="sender"), recipient="+15550000001")
    assert world.counted.not_kept == 500
    world.tick()
    await wait_until_async(lambda: commits == [bounds.PER_WRITE], 10, "the first write")
    while len(commits) < 1 + bounds.BURST // bounds.PER_WRITE:
        world.tick(0.001)
        await asyncio.sleep(0)
    assert max(commits) == bounds.PER_WRITE
    assert len(await world.found(code="invalid_sender")) == 1, "another code has a budget of its own"
    world.tick(bounds.SUMMARY)

    async def summed() -> bool:
        world.tick(0.001)
        return any(one.count == 500 for one in await world.found())

    await wait_until_async(summed, 10, "the row that stands for the others")
    (summary,) = [one for one in await world.found() if one.count > 1]
    assert (summary.code, summary.recipient, summary.detail) == ("no_route", None, None)


async def test_only_the_newest_of_an_account_are_kept(store: Store) -> None:
    world = World(store, ManualClock(), kept=3)
    for count in range(5):
        world.note(request_id=f"req_{count}")
    world.note(account="acc_2")
    await world.written(5)
    world.tick(bounds.SUMMARY)
    world.note(request_id="req_5")

    async def trimmed() -> bool:
        world.tick(0.001)
        return len(await world.found()) == 4  # the one that came after the look

    await wait_until_async(trimmed, 10, "the oldest going away")
    assert len(await world.found("acc_2")) == 1


async def test_nothing_is_kept_where_none_are_to_be_kept(store: Store) -> None:
    world = World(store, ManualClock(), kept=0)
    world.note()
    await world.trace.stop()
    assert await world.found() == []
    assert world.counted.by_code == [("v1", "no_route")]


async def test_a_stop_writes_what_waits(world: World) -> None:
    for count in range(bounds.PER_WRITE + 10):
        world.note(request_id=f"req_{count}")
    await world.trace.stop()
    assert len(await world.found()) == bounds.PER_WRITE + 10


async def test_a_number_leaves_the_rows_and_what_waits_to_be_written(world: World) -> None:
    world.note(Problem("no_route", "To +15551234567 nothing goes."))
    await world.written(1)
    world.note(request_id="req_waits")
    world.note(account="acc_2")
    message: Any = Message(
        id="msg_1", account_id="acc_1", test=False, sender="Shop", recipient="+15551234567", text="", encoding="gsm7",
        segments=1, class_="otp", created_at=0, expires_at=0, status="delivered",
    )  # fmt: skip
    writes = tuple(world.refusals.redact(message))
    assert await world.store.commit([Unit(keys=("msg_1",), writes=writes)]) == [True]
    await world.trace.stop()
    found = await world.found()
    assert [(one.recipient, one.detail, one.redacted_at is not None) for one in found] == [
        (None, None, True)
    ] * 2
    assert [one.recipient for one in await world.found("acc_2")] == ["+15551234567"], (
        "another account's stays"
    )


class Meanwhile:
    """A store that calls `then` once while it writes."""

    def __init__(self, store: Store, then: Callable[[], None]) -> None:
        self._store = store
        self._then: Callable[[], None] | None = then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        written = self._store.commit(units)
        if self._then is not None:
            self._then()
            self._then = None
        return written


async def test_a_number_that_has_to_go_while_its_row_is_being_written_goes(store: Store) -> None:
    acme, number = Tenant("acc_1", False), "+15551234567"
    writing: Any = Meanwhile(store, lambda: world.trace.forget(acme, number, 7))
    world = World(writing, ManualClock())
    world.note(request_id="req_1")
    world.note(request_id="req_2", recipient="+15559999999")
    await world.trace.stop()
    assert [(one.request_id, one.recipient, one.redacted_at) for one in await world.found()] == [
        ("req_2", "+15559999999", None),
        ("req_1", None, 7),
    ]


async def test_what_a_caller_wrote_is_cut_and_cleaned(world: World) -> None:
    world.note(Problem("invalid_recipient", "x" * 1000), recipient="1\x00" * 1000)
    await world.trace.stop()
    (found,) = await world.found()
    assert found.recipient is not None
    assert len(found.recipient) == bounds.LONGEST
    assert "\x00" not in found.recipient
    assert found.detail is not None
    assert len(found.detail) == bounds.LONGEST_DETAIL
