"""A person verifies a number while the product is killed between the steps: the code arrives, approves once, and is
charged once; and nobody who reads the database or the log finds it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from typing import Any

import aiohttp
import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.scenarios.test_redaction_reaches_everything import _cells
from tests.support.api import Reply
from tests.support.databases import leases_run_out
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.secrecy import tells
from tests.support.waiting import wait_until_async

#: Where the product is killed, and the step of the person that it happens in.
KILLS = (
    ("intake.before_answer", "start"),
    ("dispatch.after_flight", "start"),
    ("dispatch.after_write", "start"),
    ("receipts.before_commit", "start"),
    ("store.after_commit", "wrong"),
    ("store.before_commit", "right"),
    ("store.after_commit", "right"),
)


class Person:
    """Somebody in front of the application, which repeats each request with its key until it is answered."""

    def __init__(self, node: Node, far_end: FarEnd, place: int, counts: Counter[str]) -> None:
        """`counts` are the hits of each point at which a start has come to its end."""
        self.node = node
        self.far_end = far_end
        self.place = place
        self.counts = counts
        self.number = f"+1555123{place:04}"
        self.deaths = 0

    async def restarted(self) -> None:
        """The product starts again, and lives."""
        await self._started("")

    async def armed(self, point: str) -> None:
        """The product starts again, and dies at the next hit of a point that it did not reach by its start."""
        for count in range(self.counts[point], 60):
            self.counts[point] = count
            with contextlib.suppress(AssertionError, aiohttp.ClientError):
                await self._started(f"{point}:kill@{count}")
            if self.node.product.running:
                return
        raise AssertionError(f"{point} is reached again and again by a start")

    async def _started(self, faults: str) -> None:
        if self.node.product.running:
            await self.node.stop()
        else:
            await leases_run_out(self.node.product.database_url)
        self.node.product.settings["faults"] = faults
        await self.node.start()
        await self.node.bound("acme")

    async def asks(self, path: str, body: dict[str, Any], key: str | None) -> Reply:
        headers = {} if key is None else {"Idempotency-Key": f"{key}-{self.place}"}
        for _ in range(5):
            try:
                return await self.node.api.call("POST", path, body, headers=headers)
            except aiohttp.ClientError:
                await self.dies()
        raise AssertionError("the product dies without end")

    async def dies(self) -> None:
        """The product dies, and starts again."""
        self.deaths += 1
        await asyncio.to_thread(self.node.product.wait_for_end)
        await self.restarted()

    async def died(self) -> bool:
        """Whether it has died."""
        if not self.node.product.running:
            await self.dies()
        return self.deaths > 0

    async def reads(self) -> str:
        """The code on the handset, also if the product dies after the answer to the start."""

        async def arrived() -> bool:
            if not self.node.product.running:
                await self.dies()
            return bool(self.far_end.text_for(self.number))

        await wait_until_async(arrived, 60, "the text")
        found = re.search(r"code ([0-9A-Z]{10})\.", self.far_end.text_for(self.number))
        assert found is not None
        return found[1]


@pytest.mark.deadline(300)  # some twenty starts of the product
async def test_a_code_approves_once_whatever_is_killed(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url, processes=1)
    await node.hook(receiver)
    profile = {
        "name": "login",
        "application": "Acme",
        "alphabet": "both",
        "code_length": 10,
        "sender": "Acme",
        "guards": {"countries": ["US"]},
    }
    await node.api.ask("POST", "/v1/verify-profiles", profile)
    codes: dict[str, str] = {}
    wrong = "AAAAAAAAAA"
    counts = Counter(dict.fromkeys((point for point, _ in KILLS), 1))
    for place, (point, step) in enumerate(KILLS, 1):
        person = Person(node, far_end, place, counts)
        if step == "start":
            await person.armed(point)
        started = await person.asks("/v1/verifications", {"to": person.number}, "start")
        assert (started.status, started.json["status"]) == (201, "pending"), (point, started.json)
        codes[started.id] = await person.reads()
        if step == "start":
            await wait_until_async(person.died, 60, f"the kill at {point}")
        path = f"/v1/verifications/{started.id}/check"
        for which, typed, outcome in (("wrong", wrong, "wrong"), ("right", codes[started.id], "approved")):
            if step == which:
                await person.armed(point)
            checked = await person.asks(path, {"code": typed}, which)
            assert (checked.status, checked.json["outcome"]) == (200, outcome), (point, step)
        again = await person.asks(path, {"code": codes[started.id]}, None)
        assert (again.status, again.code) == (409, "verification_approved"), (point, step)
        await wait_until_async(
            person.died, 60, f"the kill at {point}"
        )  # background work may be what it comes in
        shown = await node.api.ask("GET", f"/v1/verifications/{started.id}")
        steps = Counter(one["what"] for one in shown["history"])
        assert (steps["wrong_code"], steps["approved"], steps["send"]) == (1, 1, 1), (point, shown)

    async def told() -> bool:
        approved = {
            post.id: post.json["data"]["id"]
            for post in receiver.requests
            if post.json["type"] == "verification.approved"
        }
        return sorted(approved.values()) == sorted(codes)

    await wait_until_async(told, 30, "one event for each approval")
    bodies = b"".join(post.body for post in receiver.requests)
    lists = str(await node.api.ask("GET", "/v1/messages?limit=200"))
    await node.stop()
    await node.audit()
    cells = "\n".join(await _cells(engine_url))
    for code in codes.values():
        assert not tells(cells, code)
        assert not tells(lists, code)
        assert not tells(bodies, code)
        assert not tells(node.product.log, code)
