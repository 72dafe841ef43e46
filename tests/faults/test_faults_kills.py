"""Kills at every named point: nothing is lost, repeats are counted, money moves once.

Each round runs the real product against a carrier over SMPP and a receiver of webhooks, kills it as `kill -9`
does while messages are on their way, starts it again, and holds what came out to the promises.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from onesixty.core import events
from onesixty.core.statuses import TERMINAL
from onesixty.ops.faults import POINTS
from tests.faults import plan
from tests.faults.traffic import Traffic, event_ids
from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.far_end import FarEnd
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

WINDOW = 10
#: The exit status of a node that was killed, and of one whose store process was.
KILLED = (-9, 74)
ENDS = {events.of_status(status) for status in TERMINAL}
#: What may become of a message, by whether its outcome may be guessed.
MAY_END = {"resend": {"delivered"}, "hold": {"delivered", "unconfirmed", "expired"}}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "drill" in metafunc.fixturenames:
        count = metafunc.config.getoption("--fault-rounds")
        metafunc.parametrize("drill", plan.rounds(count), ids=lambda drill: drill.name)


def test_every_point_has_its_planned_round() -> None:
    assert {*plan.PLANNED, *plan.ELSEWHERE} == set(POINTS)


async def test_a_kill_breaks_no_promise(
    drill: plan.Round, new_product: Callable[..., Product], receiver: Receiver
) -> None:
    """Promises 1 to 7: a kill at any point loses nothing and charges once."""
    await play(drill, new_product, receiver)


@pytest.mark.parametrize("point", plan.ON_POSTGRESQL)
async def test_a_kill_breaks_no_promise_on_postgresql(
    point: str, postgres_url: str, new_product: Callable[..., Product], receiver: Receiver
) -> None:
    """Promises 1 to 7: the lease of the dead node runs out, and the next one takes over."""
    drill = plan.planned_round(point, seed=900 + len(point))
    await play(drill, new_product, receiver, database_url=postgres_url)


async def play(
    drill: plan.Round, new_product: Callable[..., Product], receiver: Receiver, **settings: object
) -> None:
    """One round: the runs that are killed, the last one, and what has to hold afterwards."""
    async with FarEnd(receipt_delay_ms=50) as far_end:
        carriers = json.dumps([far_end.table("acme", window=WINDOW)])
        product = new_product(carriers=carriers, processes=drill.processes, **settings)
        traffic = Traffic(f"{receiver.url}/callback", drill.seed)
        async with Api(product.url, product.admin_key) as api:
            world = World(product, api, far_end, receiver, traffic)
            for faults in drill.runs:
                killed = await world.run(faults)
                assert killed or not drill.sure, f"{faults} was not reached"
            assert not await world.run("")
            await world.settle()
            await world.check_messages()
            await world.check_events()
            await asyncio.to_thread(product.stop)
        await world.check_rows()


class World:
    """The product of a round and all that is around it."""

    def __init__(
        self, product: Product, api: Api, far_end: FarEnd, receiver: Receiver, traffic: Traffic
    ) -> None:
        self.product = product
        self.api = api
        self.far_end = far_end
        self.receiver = receiver
        self.traffic = traffic
        self.orders = {order.to: order for order in traffic.orders}
        self.listening = False
        self.kills = 0

    # ------------------------------------------------------------ runs

    async def run(self, faults: str) -> bool:
        """Start with these faults and send what is left; whether that killed it. Without faults it stays up."""
        product = self.product
        product.settings["faults"] = faults
        await asyncio.to_thread(product.start, wait_ready=False)
        await wait_until_async(self._ready_or_dead, 30, "the product being ready")
        if product.running and not self.listening:
            await self._listen()
        if product.running:
            await self.traffic.send(self.api, lambda: product.running)
        if faults:
            await wait_until_async(lambda: not product.running or self._all_ended(), 30, "a kill, or the end")
            if product.running:
                self.kills += 1
                await asyncio.to_thread(product.kill)
                return False
        if product.running:
            return False
        self.kills += 1
        assert product.returncode in KILLED, product.log[-4000:]
        return True

    async def _ready_or_dead(self) -> bool:
        if not self.product.running:
            return True
        try:
            return await asyncio.to_thread(self.product._is_ready)
        except AssertionError:  # it ended between the two looks
            return not self.product.running

    async def _listen(self) -> None:
        hook = {"url": f"{self.receiver.url}/hook", "events": ["*"]}
        try:
            reply = await self.api.call("POST", "/v1/webhooks", hook)
        except OSError:
            return  # killed just now; the next run asks again
        self.listening = reply.status == 201

    def _all_ended(self) -> bool:
        """Whether the end of everything accepted was told to the receiver."""
        ended = {
            request.json["data"]["id"]
            for request in self.receiver.at_path("/hook")
            if request.json["type"] in ENDS
        }
        return self.traffic.answered <= ended

    async def settle(self) -> None:
        """Wait until every message has ended, those too whose request was never answered."""
        await wait_until_async(self._all_ended, 30, "the receiver hearing of the end of every message")
        messages = await self.api.messages()
        for message in messages:
            if self.orders[message["to"]].to_be_canceled:  # its id may have got lost with the answer
                await self.api.ask("POST", f"/v1/messages/{message['id']}/cancel")
        await self.api.ended([message["id"] for message in messages])

    # ------------------------------------------------------------ what has to hold

    async def check_messages(self) -> None:
        """Promises 1, 2, 3 and 6: what was answered is there and ended; copies are counted; a retry made one."""
        await self.traffic.repeat(self.api)
        messages = await self.api.messages()
        there = {message["id"] for message in messages}
        assert self.traffic.answered <= there, "accepted and lost"
        twice = [to for to, count in Counter(m["to"] for m in messages).items() if count > 1]
        assert not twice, f"one request, several messages: {twice}"
        copies = self.far_end.copies()
        for message in messages:
            order = self.orders[message["to"]]
            wanted = {"canceled"} if order.to_be_canceled else MAY_END[order.fields["on_unknown"]]
            assert message["status"] in wanted, message
            received = max((n for (to, _), n in copies.items() if to == order.to), default=0)
            assert received <= 1 + message["duplicates"], f"sent {received} times: {message}"
            if order.held:
                assert received <= 1, message
                assert message["duplicates"] == 0
            if message["status"] == "delivered":
                assert received >= 1, f"delivered, and no carrier saw it: {message}"
                assert self.far_end.text_for(order.to) == order.text
        assert sum(m["duplicates"] for m in messages) <= WINDOW * self.kills, "more than a window for a kill"

    async def check_events(self) -> None:
        """Promises 2 and 7: one end in every history, no gaps, and each event told at least once."""
        callbacks = {order.to for order in self.traffic.orders if "status_callback" in order.fields}
        wanted: dict[str, set[str]] = {"/hook": set(), "/callback": set()}
        for message in await self.api.messages():
            told = await self.api.events(message["id"])
            assert [event["sequence"] for event in told] == list(range(1, len(told) + 1)), told
            ends = [event["type"] for event in told if event["type"] in ENDS]
            assert len(ends) == 1, told
            wanted["/hook"] |= {event["event_id"] for event in told}
            if message["to"] in callbacks:
                wanted["/callback"] |= {event["event_id"] for event in told}
        for path, expected in wanted.items():
            await self._told(path, expected)

    async def _told(self, path: str, expected: set[str]) -> None:
        def missing() -> set[str]:
            return expected - event_ids(self.receiver.at_path(path)).keys()

        with contextlib.suppress(AssertionError):
            await wait_until_async(lambda: not missing(), 20)
        assert not missing(), f"events that never came to {path}"

    async def check_rows(self) -> None:
        """Promises 4 and 5, and the audit over everything."""
        await assert_audited(self.product)
        database = Path(str(self.product.settings["data_dir"])) / "onesixty.db"
        if not database.exists():
            return
        with contextlib.closing(sqlite3.connect(database)) as connection:
            kept = connection.execute("SELECT count(*) FROM receipts").fetchone()[0]
            assert kept >= self.far_end.counters["acknowledged"], "acknowledged receipts are missing"
            held, charged, expected = connection.execute(
                "SELECT sum(held), sum(charged), (SELECT sum(price) FROM messages WHERE sent_at IS NOT NULL)"
                " FROM ledger"
            ).fetchone()
            assert (held, charged) == (0, expected)
            assert connection.execute("SELECT count(*) FROM flights").fetchone()[0] == 0
