"""One life of the product in the simulation: it starts, clients and operators act, and it ends as planned."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from onesixty.accounts import AccountSettings
from onesixty.app.platform import Platform
from onesixty.core import statuses, times
from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.doors.v1.refusals import RefusedSends
from onesixty.doors.v1.send import SEND_PATH, SendDoor
from onesixty.http.call import Call
from onesixty.http.idempotency import Idempotency
from onesixty.http.scopes import ALL_SCOPES, Principal
from onesixty.ops.settings import Settings
from onesixty.simulator.virtual import NoNet
from onesixty.store.sqlite import MemoryDatabase
from onesixty.webhooks.service import Webhooks
from tests.simulation.plan import ACCOUNTS, CREDIT, URLS, Act, Crashing, Plan
from tests.simulation.sink import WorldSink
from tests.simulation.virtual import START_MS, Crash, VirtualLoop
from tests.simulation.world import Ask, World

#: Virtual seconds after the last send in which everything has to have come to its end, nights slept over apart.
PATIENCE = 4000.0


class NotQuiet(AssertionError):
    """Something never came to its end."""


class Life:
    """The product from a start to its end, whatever that is."""

    def __init__(
        self, plan: Plan, world: World, memory: MemoryDatabase, directory: Path, crashing: Crashing | None
    ) -> None:
        self.plan = plan
        self.world = world
        self.memory = memory
        self.crashing = crashing or Crashing()
        self.finished = False
        self._hits: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._random = Random(f"client {plan.seed} {world.life}")
        settings = Settings(
            data_dir=directory,
            webhook_allow_private=True,
            lane_capacity=plan.lane_capacity,
            carriers=plan.carriers,
            routes=plan.routes,
        )
        self.platform = Platform(
            settings,
            clock=world.time,
            random=Random(f"product {plan.seed} {world.life}"),
            net=NoNet(),
            poster=WorldSink(world),
            memory=memory,
            fault=self._fault,
        )

    def _fault(self, point: str) -> None:
        count = self._hits[point] = self._hits.get(point, 0) + 1
        if self.crashing.point == (point, count):
            self.world.note("crash at", point, count)
            raise Crash

    async def run(self, loop: VirtualLoop) -> None:
        """Live. Ends by a crash, by an orderly stop as planned, or when all is done (`finished`)."""
        world, crashing = self.world, self.crashing
        if crashing.turn is not None:
            loop.crash_at_turn(crashing.turn)
        if crashing.after is not None and not crashing.orderly:
            loop.crash_at(world.time.now + crashing.after)
        await self.platform.start(doors=False)
        await self._set_up()
        self._door = SendDoor(
            self.platform.features.path.intake,
            Idempotency(self.platform.store, world.time),
            "http://simulation",
            RefusedSends(self.platform.features.refusals.trace, SEND_PATH),
            self.platform.features.templates.sending,
        )
        work = asyncio.ensure_future(self._work())
        if crashing.orderly:
            await asyncio.wait([work], timeout=crashing.after)
            work.cancel()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(work, *self._tasks, return_exceptions=True)
            world.note("orderly stop")
        else:
            await work
            self.finished = True
        await self.platform.stop()

    async def _set_up(self) -> None:
        """Accounts and webhooks. Who sets them up tries again while the store cannot be written, as in a stall."""
        while True:
            try:
                return await self._set_up_what_is_missing()
            except Problem as problem:
                if not problem.kind.retryable:
                    raise
            await asyncio.sleep(1)

    async def _set_up_what_is_missing(self) -> None:
        """Accounts and webhooks, unless a life before has made them."""
        platform = self.platform
        known = {account.name for account in platform.features.accounts.book.values()}
        for name, price in ACCOUNTS:
            if name not in known:
                limit = AccountSettings(credit_limit=CREDIT.get(name))
                await platform.features.accounts.create(name, "EUR", price, limit)
        by_name = {account.name: account.id for account in platform.features.accounts.book.values()}
        self._accounts = [by_name[name] for name, _ in ACCOUNTS]
        webhooks = Webhooks(
            platform.store,
            platform.features.webhooks.listeners,
            clock=self.world.time,
            id_source=platform.ids,
            entropy=self._random.randbytes,
            allow_private=True,
            sealer=platform.keyring,
        )
        for account_id, url in zip(self._accounts, URLS, strict=True):
            for tenant in (Tenant(account_id, False), Tenant(account_id, True)):
                found, _ = await webhooks.rows.page(1, None, tenant.own)
                if not found:
                    made, _ = await webhooks.new(tenant, url, ["*"])
                    await webhooks.rows.add(made)

    # ------------------------------------------------------------ what people do

    async def _work(self) -> None:
        world = self.world
        todo: list[tuple[float, int, Ask | Act]] = [
            (ask.at, ask.number, ask) for ask in world.asks if not ask.done
        ]
        todo += [
            (act.at, 10_000 + n, act) for n, act in enumerate(self.plan.acts) if act.at >= world.time.now
        ]
        for at, _, what in sorted(todo, key=lambda entry: entry[:2]):
            if at > world.time.now:
                await asyncio.sleep(at - world.time.now)
            self._spawn(self._send(what) if isinstance(what, Ask) else self._act(what))
        while self._tasks:
            await asyncio.wait(list(self._tasks))
        await self._until_quiet()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, ask: Ask) -> None:
        """Send until there is an answer; without a key a client tries only once."""
        while not ask.done:
            if ask.tries:
                await asyncio.sleep(self._random.uniform(0.1, 3))
            ask.tries += 1
            await self._post(ask)
        if ask.key is not None and ask.answer is not None and self._random.random() < 0.3:
            await asyncio.sleep(self._random.uniform(0, 10))
            await self._post(ask)  # the client did not believe it

    async def _post(self, ask: Ask) -> None:
        headers = [] if ask.key is None else [(b"idempotency-key", ask.key.encode())]
        call = Call("POST", SEND_PATH, headers, "127.0.0.1")
        call.principal = Principal(
            Tenant(self._accounts[ask.account], ask.test),
            Actor("key", f"key_{ask.account}"),
            frozenset(ALL_SCOPES),
            1000,
        )
        body = dict(ask.body)
        delay = body.pop("scheduled_in", None)
        if delay is not None:
            body["scheduled_at"] = times.to_text(START_MS + int((ask.at + delay + 60) * 1000))
        call.body = msgspec.json.encode(body)
        try:
            answer = await self._door(call)
        except Problem as problem:
            self.world.note("refused", ask.number, problem.code)
            if not problem.kind.retryable and ask.answer is None:
                ask.refused = problem.code
            return
        if answer.status >= 400:
            refusal = msgspec.json.decode(answer.body)
            self.world.note("refused", ask.number, refusal["code"])
            if not refusal["retryable"] and ask.answer is None:
                ask.refused = refusal["code"]
            return
        ask.answers.append(answer.body)
        ask.answer = msgspec.json.decode(answer.body)["message_id"]
        self.world.note("accepted", ask.number, ask.answer)

    async def _act(self, act: Act) -> None:
        platform, world = self.platform, self.world
        if act.what in ("cancel", "redact"):
            ask = next(a for a in world.asks if a.number == act.target)
            if ask.answer is None:
                return
            control = (
                platform.features.control.cancel if act.what == "cancel" else platform.features.control.redact
            )
            try:
                await control(Tenant(self._accounts[ask.account], ask.test), ask.answer)
            except Problem as problem:
                world.note(act.what, ask.answer, problem.code)
                return
            (world.canceled if act.what == "cancel" else world.redacted).add(ask.answer)
            world.note(act.what, ask.answer, "done")
            return
        config = await platform.features.configs.carrier(act.target)
        assert config is not None
        settings = msgspec.json.decode(config.settings)
        if act.what == "reload":
            settings["revision"] = settings.get("revision", 0) + 1
        world.note(act.what, act.target)
        await platform.features.configs.change_carrier(
            config,
            name=config.name,
            settings=settings,
            enabled=(act.what != "disable" and config.enabled) or act.what == "enable",
        )

    # ------------------------------------------------------------ the end

    async def _until_quiet(self) -> None:
        """Nobody misbehaves any more; wait until nothing is open."""
        world = self.world
        deadline = world.time.now + PATIENCE
        await asyncio.sleep(60.0)
        world.calm()
        while open_ := self.open():
            if world.time.now > deadline:
                raise NotQuiet(f"{PATIENCE:g} s after the last send: {open_}")
            deadline += self._sleep_over(len(open_))
            await asyncio.sleep(2.0)

    def _sleep_over(self, count: int) -> float:
        return sleep_over(self.world, self.memory, count)

    def open(self) -> list[str]:
        """What has not come to its end."""
        return left_open(self.world, self.memory)


def sleep_over(world: World, memory: MemoryDatabase, count: int) -> float:
    """Where all that is left are receipts that may come for another day, the machine sleeps until then.

    Returns for how many seconds.
    """
    waiting = memory.connection.execute(
        "SELECT COUNT(*), MIN(due_at) FROM messages WHERE status = 'sent' AND due_at > ?",
        (world.time.now_ms() + 3_600_000,),
    ).fetchone()
    if waiting[0] != count:
        return 0.0
    before, world.time.now = world.time.now, (waiting[1] - START_MS) / 1000
    return world.time.now - before


def left_open(world: World, memory: MemoryDatabase) -> list[str]:
    """What has not come to its end."""
    connection = memory.connection
    terminal = ",".join(f"'{status}'" for status in sorted(statuses.TERMINAL))
    found = [
        f"message {id_} {status} claim {claim} due {due}"
        for id_, status, claim, due in connection.execute(
            f"SELECT id, status, claim, due_at FROM messages WHERE status NOT IN ({terminal})"
        )
    ]
    found += [
        f"delivery {row}"
        for row in connection.execute(
            "SELECT id, status, tries, claim, due_at, lane FROM work WHERE status = 'pending'"
        )
    ]
    found += [f"flight {row}" for row in connection.execute("SELECT id, message_ids FROM flights")]
    found += [
        f"receipt {due.written} of {carrier.name}, due at {due.at:g}"
        for carrier in world.carriers.values()
        for due in carrier.due
    ]
    return found
