"""Two or three nodes on one database in memory: they start, stand still, crash, are fenced and come back.

Rules kept here:
- each node has a loop of its own (cluster_loop.py) and takes its database for PostgreSQL: leases run out, and others
  take over. Transactions do not overlap here; that is what tests/faults shows with the real server;
- a node that stands still runs nothing while the others do, and wakes later as if nothing had been;
- a crash drops the node; who was fenced stops and starts anew, as its supervisor would have it;
- clients and operators ask any node that runs, wait for so long, and a client with a key asks another one then.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

from onesixty.app.platform import Platform
from onesixty.core.errors import Problem
from onesixty.doors.v1.refusals import RefusedSends
from onesixty.doors.v1.send import SEND_PATH, SendDoor
from onesixty.http.idempotency import Idempotency
from onesixty.ops.settings import Settings
from onesixty.simulator.virtual import NoNet
from onesixty.store.contract import Store
from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.cluster_loop import NodeLoop, Scheduler
from tests.simulation.cluster_plan import Happening, Nodes
from tests.simulation.life import PATIENCE, Life, NotQuiet, left_open, sleep_over
from tests.simulation.plan import ACCOUNTS, Act, Plan
from tests.simulation.sink import WorldSink
from tests.simulation.virtual import Crash
from tests.simulation.world import Ask, World


class SharedPlatform(Platform):
    """A node that is not alone with its database."""

    async def _open_store(self) -> Store:
        store = await super()._open_store()
        store.dialect = "postgresql"  # type: ignore[misc]
        return store


class OwnedNet(NoNet):
    """No network, and whose it is."""

    def __init__(self, owner: Member) -> None:
        self.owner = owner


class Member(Life):
    """A node in one of its lives."""

    def __init__(self, cluster: Cluster, place: int, life: int) -> None:
        self.cluster, self.place = cluster, place
        self.plan, self.world, self.memory = cluster.plan, cluster.world, cluster.memory
        self.alive, self.serving = True, False
        self.happening = cluster.nodes.next(place)
        self._hits: dict[str, int] = {}
        self._random = Random(f"client {self.plan.seed} {place} {life}")
        first = place == 0
        self.loop = cluster.scheduler.new_loop()
        self.platform = SharedPlatform(
            Settings(
                data_dir=cluster.directory,
                webhook_allow_private=True,
                lane_capacity=self.plan.lane_capacity,
                carriers=self.plan.carriers if first else [],
                routes=self.plan.routes if first else [],
            ),
            clock=self.world.time,
            random=Random(f"product {self.plan.seed} {place} {life}"),
            net=OwnedNet(self),
            poster=WorldSink(self.world),
            memory=self.memory,
            fault=self._fault,
        )
        self.loop.on_turn = self._turn
        self._asked_to_stop = False
        self.task = self.loop.create_task(self._live())
        at = self.happening.after
        if at is not None:
            cluster.scheduler.at(self.world.time.now + at, self._at_time)

    def asleep(self) -> bool:
        """Whether it stands still now."""
        return self.loop.asleep_until > self.world.time.now

    # ------------------------------------------------------------ what happens to it

    def _fault(self, point: str) -> None:
        count = self._hits[point] = self._hits.get(point, 0) + 1
        if self.happening.point == (point, count):
            self._happens(f"{point} {count}")

    def _turn(self, turns: int) -> None:
        if self.happening.turn == turns:
            self._happens(f"turn {turns}")

    def _at_time(self) -> None:
        if not self.alive:
            return
        if self.happening.what == "crash":
            self.loop.crash_next = True
        else:
            self._happens("its time")

    def _happens(self, where: str) -> None:
        happening, now = self.happening, self.world.time.now
        self.world.note("node", self.place, happening.what, "at", where)
        if happening.what == "crash":
            raise Crash
        if happening.what == "stop":
            self._asked_to_stop = True
            self.platform.failed.set()
            return
        self.loop.asleep_until = now + happening.seconds
        self.happening = self.cluster.nodes.next(self.place)
        if self.happening.after is not None:
            wakes = self.loop.asleep_until
            self.cluster.scheduler.at(wakes + self.happening.after, self._at_time)

    async def _live(self) -> None:
        platform = self.platform
        await platform.start(doors=False)
        if self.place == 0:
            await self._set_up()
            self.cluster.start_others()
        by_name = {account.name: account.id for account in platform.features.accounts.book.values()}
        self._accounts = [by_name[name] for name in self.cluster.account_names]
        self._door = SendDoor(
            platform.features.path.intake,
            Idempotency(platform.store, self.world.time),
            "http://simulation",
            RefusedSends(platform.features.refusals.trace, SEND_PATH),
            platform.features.templates.sending,
        )
        self.serving = True
        self.world.note("node", self.place, "serves under", platform.lease.id)
        await platform.failed.wait()
        self.serving = False
        self.world.note("node", self.place, "stops" if self._asked_to_stop else "was fenced")
        await platform.stop()

    def dead(self) -> None:
        """It crashed, or is over: nothing that it left has an effect."""
        self.alive = self.serving = False
        store = getattr(self.platform, "store", None)
        if store is not None:
            store._closed = True

    # ------------------------------------------------------------ what is asked of it

    def ask(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something done on the node's loop."""
        return self.loop.create_task(work)

    def send(self, ask: Ask) -> Coroutine[Any, Any, None]:
        """A client's request."""
        return self._post(ask)

    def act(self, act: Act) -> Coroutine[Any, Any, None]:
        """What an operator asks for."""
        return self._act(act)


class Cluster:
    """All nodes, their clients, and their end."""

    def __init__(
        self, plan: Plan, nodes: Nodes, world: World, memory: MemoryDatabase, directory: Path
    ) -> None:
        self.plan, self.nodes, self.world = plan, nodes, world
        self.memory, self.directory = memory, directory
        self.account_names = [name for name, _ in ACCOUNTS]
        self.failures: list[str] = []
        self._random = Random(f"cluster {plan.seed}")
        self.scheduler = Scheduler(world.time, self._random, self._crashed)
        self._members: dict[int, Member] = {}
        self._lives = 0
        self._complete = False
        self._open_asks: dict[asyncio.Task[None], Callable[[], None]] = {}
        self._people = self.scheduler.new_loop()

    def run(self) -> None:
        """From the first start until all is quiet. Raises NotQuiet."""
        self._start(0)
        work = self._people.create_task(self._work())
        self.scheduler.run_until(work.done)
        work.result()
        for member in list(self._members.values()):
            member._asked_to_stop = True
            member.happening = Happening("stop")
            member.platform.failed.set()
        self.nodes.ending = True
        self.scheduler.run_until(lambda: not self._members)
        self.scheduler.drop(self._people)

    # ------------------------------------------------------------ lives

    def start_others(self) -> None:
        """The first node has made what all of them need."""
        if not self._complete:
            self._complete = True
            for place in range(1, self.nodes.count):
                self.scheduler.at(self.world.time.now + place, functools.partial(self._start, place))

    def _start(self, place: int) -> None:
        self._lives += 1
        member = self._members[place] = Member(self, place, self._lives)
        member.task.add_done_callback(lambda task: self._ended(member, task))

    def _ended(self, member: Member, task: asyncio.Task[None]) -> None:
        """A life came to its end in order, or was fenced."""
        if not task.cancelled() and task.exception() is not None:
            self.failures.append(f"node {member.place} ended with {task.exception()!r}")
        self.scheduler.at(self.world.time.now, lambda: self._over(member))

    def _crashed(self, loop: NodeLoop) -> None:
        member = next(member for member in self._members.values() if member.loop is loop)
        self.world.note("node", member.place, "crashed")
        self.memory.connect()  # rolls back
        self._over(member)

    def _over(self, member: Member) -> None:
        if self._members.get(member.place) is not member:
            return
        member.dead()
        self.failures += member.loop.failures
        self.scheduler.drop(member.loop)
        del self._members[member.place]
        for carrier in self.world.carriers.values():
            for due in carrier.due:
                if getattr(due.offered, "owner", None) is member:
                    due.offered = None
        for task, give_up in list(self._open_asks.items()):
            if task.get_loop() is member.loop:
                give_up()
        if not self.nodes.ending:
            wait = self._random.choice((0.1, 3.0, 25.0))
            self.scheduler.at(self.world.time.now + wait, lambda: self._start(member.place))

    # ------------------------------------------------------------ clients and operators

    async def _work(self) -> None:
        world = self.world
        todo: list[tuple[float, int, Ask | Act]] = [(ask.at, ask.number, ask) for ask in world.asks]
        todo += [(act.at, 10_000 + n, act) for n, act in enumerate(self.plan.acts)]
        jobs = []
        acts: dict[object, asyncio.Task[None]] = {}
        await self._member()
        began = world.time.now
        for at, _, what in sorted(todo, key=lambda entry: entry[:2]):
            if began + at > world.time.now:
                await asyncio.sleep(began + at - world.time.now)
            if isinstance(what, Ask):
                jobs.append(asyncio.get_running_loop().create_task(self._send(what)))
                continue
            act = asyncio.get_running_loop().create_task(self._act(what, acts.get(what.target)))
            acts[what.target] = act
            jobs.append(act)
        await asyncio.gather(*jobs)
        await self._until_quiet()

    async def _member(self) -> Member:
        """A node that a load balancer would choose; one that stands still looks as well as any."""
        while not (serving := [m for m in self._members.values() if m.serving]):  # noqa: ASYNC110  (other loops)
            await asyncio.sleep(0.5)
        return self._random.choice(serving)

    async def _send(self, ask: Ask) -> None:
        while not ask.done:
            if ask.tries:
                await asyncio.sleep(self._random.uniform(0.1, 3))
            ask.tries += 1
            patience = None if ask.key is None else self._random.choice((2.0, 20.0, 60.0))
            member = await self._member()
            await self._call(member, member.send(ask), patience)

    async def _act(self, act: Act, before: asyncio.Task[None] | None) -> None:
        """An operator does one thing after the other about the same, and tries again if the node went away or another
        change was faster."""
        if before is not None:
            await asyncio.wait([before])
        while True:
            member = await self._member()
            try:
                if await self._call(member, member.act(act), None):
                    return
            except Problem as problem:
                self.world.note(act.what, act.target, problem.code)
            await asyncio.sleep(1.0)

    async def _call(self, member: Member, work: Coroutine[Any, Any, None], patience: float | None) -> bool:
        """Have a node do something, until it is done, the node is gone, or patience ends (then the work goes on).
        Whether it was done. Raises Problem."""
        ended = asyncio.get_running_loop().create_future()
        task = member.ask(work)

        def over() -> None:
            self._open_asks.pop(task, None)
            if not ended.done():
                ended.set_result(None)

        self._open_asks[task] = over
        task.add_done_callback(lambda _task: over())
        try:
            async with asyncio.timeout(patience):
                await ended
        except TimeoutError:
            return False
        error = task.exception() if task.done() and not task.cancelled() else None
        if isinstance(error, Problem):
            raise error
        if error is not None and not isinstance(error, Crash):
            self.failures.append(f"node {member.place} was asked for something: {error!r}")
        return task.done() and not task.cancelled() and error is None

    async def _until_quiet(self) -> None:
        world = self.world
        deadline = world.time.now + PATIENCE
        await asyncio.sleep(150.0)
        world.calm()
        self.nodes.calm()
        while open_ := left_open(world, self.memory):
            if world.time.now > deadline:
                raise NotQuiet(f"{PATIENCE:g} s after the last send: {open_}")
            deadline += sleep_over(world, self.memory, len(open_))
            await asyncio.sleep(2.0)
