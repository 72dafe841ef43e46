"""Nodes that stand still under traffic for longer than their lease, and wake: one of two or three, at a named point
or at any moment, alone and while others are killed and the database crashes. PostgreSQL alone: there leases run out.

`make test` makes a few rounds, `make faults` one for every ten kills; ONESIXTY_TEST_FAULT_SEED moves their numbers. A
round waits for a lease to run out, which is most of its time: meanwhile customers send less, since nothing new
happens to their messages. What all rounds came to is printed at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from tests.faults.plan import SEED_VARIABLE
from tests.faults.test_faults_database import damage
from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, PACE, Customers
from tests.support.postgres import PostgresProcess
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

#: Where a frozen node does most harm, and the hit at which it freezes. The first ones are those of `make test`.
POINTS: dict[str, int] = {
    "dispatch.after_write": 5,
    "intake.before_commit": 20,
    "dispatch.before_outcome_commit": 5,
    "dispatch.after_flight": 5,
    "store.before_commit": 30,
    "intake.after_commit": 20,
    "receipts.before_commit": 5,
    "dispatch.before_flight": 5,
    "store.after_guards": 30,
    "webhooks.after_post": 10,
    "intake.before_answer": 20,
    "receipts.after_commit": 5,
}
#: How many rounds `make test` makes.
FEWEST = 2
BETWEEN = 15
WINDOW = 10
#: Seconds between two messages of a customer while a lease runs out.
SLOW = 0.5
#: What the log may tell beside an outage: who was fenced says so and writes nothing more, and what it had in flight
#: is evidence.
FENCED = (
    *OUTAGE, '"lease_lost"', '"outcome_is_evidence"', '"sessions_not_ended"', '"lease_not_ended"',
    '"work_results_unwritten"',
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    """`point` is where the victim freezes, "" for any moment; `besides` what happens while it is frozen."""

    name: str
    seed: int
    nodes: int
    point: str
    besides: tuple[str, ...]


def rounds(count: int) -> list[Round]:
    """The first ones at each point in turn; then by chance."""
    base = int(os.environ.get(SEED_VARIABLE, "0"))
    found = []
    for number in range(count):
        chance = random.Random(base + number)
        planned = number < len(POINTS)
        point = list(POINTS)[number] if planned else chance.choice([*POINTS, *[""] * len(POINTS)])
        nodes = 2 + number % 2 if planned else chance.choice((2, 2, 3))
        mishaps = ["damage", "kill"] if nodes > 2 else ["damage"]
        many = number % 2 if planned else chance.choice((0, 0, 1, 2))
        besides = tuple(chance.choice(mishaps) for _ in range(many))
        name = f"{number}-{point or 'any'}-of-{nodes}" + "".join(f"-{each}" for each in besides)
        found.append(Round(name, base + number, nodes, point, besides))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    count = max(FEWEST, metafunc.config.getoption("--fault-rounds") // 10)
    metafunc.parametrize("drill", rounds(count), ids=lambda drill: drill.name)


@pytest.mark.deadline(400)
async def test_a_node_that_was_frozen_breaks_no_promise(
    drill: Round,
    own_postgres: PostgresProcess,
    new_product: Callable[..., Product],
    receiver: Receiver,
    record_property: Callable[[str, object], None],
) -> None:
    """Promises 1 to 7: by the books of the carrier, of the receiver and of `onesixty audit`."""
    url = own_postgres.create_database()
    async with (
        FarEnd(latency_ms=20, receipts_early=0.1) as far_end,
        contextlib.AsyncExitStack() as ending,
    ):
        fleet = Fleet(drill, url, own_postgres, far_end, receiver)
        await fleet.start(new_product, ending)
        await fleet.run()
        await fleet.check()
        for name, count in fleet.counts.items():
            record_property(f"freezes: {name}", count)


@dataclass
class Fleet:
    """The nodes of a round and all that is around them. The first one is the victim."""

    drill: Round
    url: str
    server: PostgresProcess
    far_end: FarEnd
    receiver: Receiver
    nodes: list[Product] = field(default_factory=list)
    apis: list[Api] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    #: Nodes that ended without settling what they had in flight.
    ended: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.drill.seed)

    async def start(self, new_product: Callable[..., Product], ending: contextlib.AsyncExitStack) -> None:
        carriers = json.dumps([self.far_end.table("acme", window=WINDOW)])
        for number in range(self.drill.nodes):
            node = new_product(carriers=carriers if number == 0 else "[]", database_url=self.url)
            for pattern in FENCED:
                node.allow_log(pattern)
            self.nodes.append(node)
            if number == 0:
                hits = POINTS.get(self.drill.point)
                node.settings["faults"] = f"{self.drill.point}:pause@{hits}" if hits else ""
            ending.callback(wake, node)
            await asyncio.to_thread(node.start, wait_ready=number > 0 or not hits)
            if number == 0:
                await wait_until_async(lambda: self._answers(node), 40, "the victim being ready")  # noqa: B023
            api = await ending.enter_async_context(Api(node.url, node.admin_key, timeout=15))
            self.apis.append(api)
            if number == 0:  # before the others start: a node hears of a new webhook with its next renewal
                await api.ask("POST", "/v1/webhooks", {"url": f"{self.receiver.url}/hook", "events": ["*"]})

    async def _answers(self, node: Product) -> bool:
        return is_frozen(node) or await asyncio.to_thread(node._is_ready)

    async def run(self) -> None:
        """Traffic at all nodes; the victim freezes, is fenced, wakes, ends and comes back."""
        victim = self.nodes[0]
        async with contextlib.AsyncExitStack() as stack:
            customers = [
                await stack.enter_async_context(
                    Customers(api, f"+1555{self.drill.seed % 100:02}{place}", at_once=1, restarts=True)
                )
                for place, api in enumerate(self.apis)
            ]
            if not self.drill.point:
                await self._accepted(customers[0], BETWEEN)
                await asyncio.sleep(self.chance.random() * 0.3)
                os.killpg(victim.pid, signal.SIGSTOP)
            await wait_until_async(lambda: is_frozen(victim), 60, "the victim being frozen")
            self.counts["freezes"] += 1
            for mishap in self.drill.besides:
                await self._accepted(customers[-1], BETWEEN)
                await self._mishap(mishap)
            for one in customers:
                one.pace = SLOW
            await wait_until_async(self._is_fenced, 90, "the victim being fenced")
            for one in customers:
                one.pace = PACE
            await self._accepted(customers[-1], BETWEEN)
            await asyncio.sleep(self.chance.random())
            wake(victim)
            await asyncio.to_thread(victim.wait_for_end, 60)
            self.ended += 1
            await self._restart(victim)
            await self._accepted(customers[0], BETWEEN)
            for one in customers:
                self.accepted |= set(await one.finish(90))

    async def _mishap(self, mishap: str) -> None:
        self.counts[{"damage": "database crashes", "kill": "kills"}[mishap]] += 1
        if mishap == "damage":
            await damage(self.chance, self.server, self.url)
            return
        other = self.nodes[1]
        await asyncio.to_thread(other.kill)
        self.ended += 1
        await self._restart(other)

    async def _restart(self, node: Product) -> None:
        node.settings["faults"] = ""
        await asyncio.to_thread(node.start, 60)

    async def _accepted(self, customers: Customers, more: int) -> None:
        wanted = len(customers.accepted) + more
        await wait_until_async(lambda: len(customers.accepted) >= wanted, 90, "messages")

    async def _is_fenced(self) -> bool:
        """Whether the victim's lease, the first one that there was, has been ended by another node."""
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        try:
            return bool(
                await connection.fetchval("SELECT ended_at IS NOT NULL FROM leases ORDER BY id LIMIT 1")
            )
        finally:
            await connection.close(timeout=5)

    # ------------------------------------------------------------ what has to hold

    async def check(self) -> None:
        survivor = self.apis[-1]
        messages = await survivor.messages()
        there = {message["id"] for message in messages}
        assert self.accepted <= there, "accepted and lost"
        ended = await survivor.ended(sorted(there), timeout=120)
        self.counts["messages"] += len(ended)
        assert {m["status"] for m in ended.values()} == {"delivered"}, Counter(
            m["status"] for m in ended.values()
        )
        twice = [to for to, count in Counter(m["to"] for m in messages).items() if count > 1]
        assert not twice, f"one request, several messages: {twice}"
        copies = self.far_end.copies()
        for message in ended.values():
            assert 1 <= copies[message["to"], 1] <= 1 + message["duplicates"], message
        repeats = sum(message["duplicates"] for message in ended.values())
        self.counts["counted as repeated"] += repeats
        self.counts["taken twice"] += sum(count - 1 for count in copies.values())
        assert repeats <= self.ended * WINDOW, "more than a window for each node that was cut off"
        await self._check_events(survivor, sorted(there))
        strays = sum([await api.metrics("onesixty_strays_total") for api in self.apis])
        self.counts["strays"] += int(strays)
        assert strays == 0, "a message was without an owner for a minute"
        for node in self.nodes:
            await asyncio.to_thread(node.stop)
        await assert_audited(self.nodes[0])

    async def _check_events(self, api: Api, ids: list[str]) -> None:
        """Every event reached the receiver, and each history has one end."""
        wanted: set[str] = set()
        for id_ in ids:
            told = await api.events(id_)
            assert [event["sequence"] for event in told] == list(range(1, len(told) + 1)), told
            wanted |= {event["event_id"] for event in told}
        await wait_until_async(
            lambda: wanted <= {post.id for post in self.receiver.at_path("/hook")}, 60, "every event told"
        )


def is_frozen(node: Product) -> bool:
    """Whether the process stands still (proc(5): state T)."""
    if not node.running:
        return False
    state = Path(f"/proc/{node.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"


def wake(node: Product) -> None:
    """SIGCONT; also at the end of a test that failed, or nothing could stop it in order."""
    with contextlib.suppress(AssertionError, ProcessLookupError):
        os.killpg(node.pid, signal.SIGCONT)
