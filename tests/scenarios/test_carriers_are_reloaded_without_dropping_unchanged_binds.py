"""An operator changes one carrier over the API while both carry traffic."""

import asyncio

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

COUNT = 80


async def test_carriers_are_reloaded_without_dropping_unchanged_binds(start_node: StartNode) -> None:
    """The other carrier's SMSC sees no unbind, and the changed one's loses nothing."""
    async with FarEnd(latency_ms=10) as changed, FarEnd(latency_ms=10) as untouched, FarEnd() as added:
        node = await start_node(
            [changed.table("changed"), untouched.table("untouched", binds=2)],
            {"one": ["changed"], "two": ["untouched"]},
        )
        api = node.api
        await node.bound("changed", "untouched")
        binds = untouched.counters["binds"]

        async def traffic() -> list[str]:
            return [
                await api.accepted(f"+1555160{n:04}", "x" * (20 + n * 4), route=("one", "two")[n % 2])
                for n in range(COUNT)
            ]

        sending = asyncio.create_task(traffic())
        await wait_until_async(lambda: len(changed.recipients) >= 5, what="traffic")
        await api.ask("PATCH", "/v1/carriers/changed", {"settings": {"window": 3}})
        await api.ask("PATCH", "/v1/carriers/untouched", {"name": "renamed"})
        made = {"name": "added", "type": "smpp", "settings": added.settings()}
        await api.ask("POST", "/v1/carriers", made)
        await api.ask("POST", "/v1/routes", {"name": "three", "carriers": ["added", "renamed"]})
        await node.bound("changed", "renamed", "added")
        third = await api.accepted("+15551709999", route="three")
        ids = [*await sending, third]

        ended = await api.ended(ids)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        assert set((changed.copies() + untouched.copies() + added.copies()).values()) == {1}
        assert changed.counters["binds"] == 2
        assert (untouched.counters["binds"], untouched.counters["closed"]) == (binds, 0)
        assert added.recipients == ["+15551709999"]

        shown = await api.ask("GET", "/v1/carriers/changed")
        assert shown["settings"]["window"] == shown["state"]["window"] == 3
        in_use = await api.call("DELETE", "/v1/carriers/added")
        assert (in_use.status, in_use.code) == (409, "conflict")
        await api.ask("DELETE", "/v1/routes/three")
        await api.ask("DELETE", "/v1/carriers/added")
        await wait_until_async(lambda: not added.smsc.connections, what="the unbind of the deleted one")
        await node.stop()
        await node.audit()
