"""The real SMPP connector and client against the simulated SMSC, over a network in memory, in virtual time.

Cut lines instead of crashes: here the SMSC lives on the product's loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import structlog

from onesixty.app.platform import Platform
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import statuses
from onesixty.core.message import Message, from_row
from onesixty.core.tenant import Tenant
from onesixty.ops.settings import Settings
from onesixty.simulator.smsc import CATALOGUE, SimulatedSmsc, SmscOptions
from onesixty.store.sqlite import MemoryDatabase
from tests.simulation.invariants import audit
from tests.simulation.net import MemoryNet
from tests.simulation.sink import WorldSink
from tests.simulation.virtual import Time, live
from tests.simulation.world import World
from tests.support.databases import memory_database
from tests.support.far_end import part_of, recipient_of

PORT = 2775
SEEDS = range(12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_smpp_connector_keeps_the_promises_over_lines_that_break(seed: int, tmp_path: Path) -> None:
    """Cut streams, cut lines, throttling, early and doubled receipts."""
    world = World(f"smpp {seed}", Time())
    random = Random(seed)
    memory = memory_database()
    complaints: list[str] = []

    async def life(_loop: object) -> None:
        net = MemoryNet(random)
        options = _options(random)
        world.note(options)
        smsc = SimulatedSmsc(options, clock=world.time, random=random, net=net)
        await smsc.start()
        platform = Platform(
            Settings(
                data_dir=tmp_path,
                carriers=[{"name": "acme", "type": "smpp", "host": "smsc.example", "port": PORT,
                           "system_id": "test", "window": random.choice((1, 10, 50)), "binds": random.choice((1, 3)),
                           "response_timeout_s": 5.0, "receipt_timeout_s": 120.0}],
                routes=[{"name": "default", "carriers": ["acme"]}],
            ),
            clock=world.time, random=Random(seed), net=net, poster=WorldSink(world), memory=memory,
        )  # fmt: skip
        await platform.start(doors=False)
        account_id = next(iter(platform.features.accounts.book))
        accepted: list[str] = []
        for number in range(120):
            if random.random() < 0.05:
                world.note("cut", net.cut())
            results = await platform.features.path.intake.accept([_order(account_id, number, random)])
            accepted += [result.id for result in results if isinstance(result, Message)]
            await asyncio.sleep(random.choice((0.0, 0.01, 0.3)))
        await asyncio.sleep(1000)
        complaints.extend(_judge(accepted, memory, smsc))
        await platform.stop()
        await smsc.stop()

    with structlog.testing.capture_logs() as log:
        complaints += live(world.time, life, lambda: pytest.fail("nothing crashes here"))
    complaints += [str(entry) for entry in log if entry["log_level"] in ("error", "critical")]
    loop = asyncio.new_event_loop()
    complaints += loop.run_until_complete(audit(memory, world))
    loop.close()
    assert not complaints, world.trace[0]


def _options(random: Random) -> SmscOptions:
    share = lambda: random.choice((0.0, 0.0, 0.05, 0.2))  # noqa: E731
    return SmscOptions(
        host="smsc.example", port=PORT, latency_ms=random.choice((1, 50)), receipt_delay_ms=100, record=10_000,
        loss=share(), loss_taken=random.choice((0.0, 1.0)), throttle=share(), undelivered=share(),
        receipts_doubled=share(), receipts_early=share(), receipts_overtaken=share(),
        id_form=random.choice(("hex", "decimal")),
        misbehave=random.choice(((), (random.choice(tuple(CATALOGUE)),))),
    )  # fmt: skip


def _order(account_id: str, number: int, random: Random) -> SendOrder:
    return SendOrder(
        tenant=Tenant(account_id, False), sender="Acme", recipient=f"+1555{2_000_000 + number:07d}",
        text="x" * random.choice((20, 20, 400)), valid_for=random.choice((30, 200)),
        on_unknown=random.choice(("resend", "hold")),
    )  # fmt: skip


def _judge(accepted: list[str], memory: MemoryDatabase, smsc: SimulatedSmsc) -> list[str]:
    rows = memory.connection.execute("SELECT * FROM messages").fetchall()
    messages = {message.id: message for message in map(from_row, rows)}
    found = [f"{id_} is not on disk" for id_ in accepted if id_ not in messages]
    copies = Counter((recipient_of(pdu), part_of(pdu)[1]) for pdu in smsc.messages)
    for message in messages.values():
        if message.status not in statuses.TERMINAL:
            found.append(f"{message.id} is {message.status}")
        most = max((n for (to, _), n in copies.items() if to == message.recipient), default=0)
        if message.status in (statuses.DELIVERED, statuses.UNDELIVERED) and not most:
            found.append(f"{message.id} is {message.status}, and was never sent")
    return found
