"""The running carriers of a node: once it stops, nothing starts them again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Office


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = await Office.open()
    yield office
    await office.close()


async def test_a_renewal_of_the_lease_starts_no_carrier_of_a_node_that_stops(office: Office) -> None:
    """The lease is held until the last answer is on disk, and each renewal takes over what changed."""
    await office.route(runs=True)
    network = office.features.network
    assert set(network.carriers.states()) == {"acme"}
    await network.stop(1)
    await network.refresh()
    assert network.carriers.states() == {}


async def test_a_carrier_that_is_being_started_when_the_node_stops_is_not_started(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, refill = office.features.network, office.features.path.dispatcher.refill
    reached, go_on = asyncio.Event(), asyncio.Event()
    discover = refill.discover

    async def slowly(queue: Any) -> None:
        reached.set()
        await go_on.wait()
        await discover(queue)

    monkeypatch.setattr(refill, "discover", slowly)
    adding = asyncio.ensure_future(office.features.configs.add_carrier("acme", "simulator", {}))
    await reached.wait()
    await network.stop(1)
    go_on.set()
    carrier = await adding
    queue = office.features.path.queues[carrier.id]
    assert queue.carrier is not None
    assert not queue.carrier.state().connected
