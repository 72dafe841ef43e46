"""Several nodes on one PostgreSQL: what one is told, or leaves behind, the others know of in time."""

import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from onesixty.app.platform import Platform
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import times
from onesixty.core.message import Message, from_row
from onesixty.core.statuses import QUEUED
from onesixty.core.tenant import Tenant
from onesixty.ops.settings import Settings
from onesixty.store import migrations
from onesixty.store.leases import TTL_MS
from onesixty.webhooks.service import Webhooks
from tests.support.sealing import KEYRING, SECRET
from tests.support.waiting import wait_until_async

#: Seconds within which a change is known elsewhere: far less than the time between two renewals.
SOON = TTL_MS / 3000 / 2


@pytest.fixture
async def nodes(postgres_url: str, tmp_path: Path) -> AsyncIterator[tuple[Platform, Platform]]:
    await migrations.migrate(postgres_url)
    async with contextlib.AsyncExitStack() as ending:
        started = []
        for name in ("one", "two"):
            node = Platform(
                Settings(
                    database_url=postgres_url,
                    data_dir=tmp_path / name,
                    http_listen="127.0.0.1:0",
                    secret_key=SECRET,
                    admin_key="test-admin-key-for-loopback-only",
                    webhook_allow_private=True,
                    shutdown_seconds=1,
                )
            )
            await node.start(doors=False)
            ending.push_async_callback(node.stop)
            started.append(node)
        yield started[0], started[1]


def account(node: Platform) -> str:
    return next(iter(node.features.accounts.book))


async def send(node: Platform) -> Message:
    order = SendOrder(
        tenant=Tenant(account(node), False), sender="Acme", recipient="+15551234567", text="hello"
    )
    (message,) = await node.features.path.intake.accept([order])
    assert isinstance(message, Message), message
    return message


async def until_known(there: Any) -> None:
    began = time.monotonic()
    await wait_until_async(there, SOON, "the other node to know")
    assert time.monotonic() - began < SOON


async def delivered_of(node: Platform, endpoint_id: str, message: Message) -> bool:
    """Whether an event of the message has a delivery to the endpoint."""
    rows = await node.store.fetch(
        "deliveries_of_endpoint", endpoint_id=endpoint_id, first="", after="~", any_status=1, status="",
        any_type=1, types=[], created_after=0, created_before=times.NEVER, count=9,
    )  # fmt: skip
    return [row[3] for row in rows] == [message.id]


async def test_a_webhook_that_one_node_was_told_of_gets_the_events_of_the_others(
    nodes: tuple[Platform, Platform],
) -> None:
    one, two = nodes
    tenant = Tenant(account(one), False)
    hooks = Webhooks(
        one.store, one.features.webhooks.listeners, clock=one.clock, id_source=one.ids, entropy=secrets.token_bytes,
        allow_private=True, sealer=KEYRING,
    )  # fmt: skip
    made, _ = await hooks.new(tenant, "http://127.0.0.1:9/", ["message.sent"])
    await hooks.rows.add(made)
    await until_known(lambda: two.features.webhooks.listeners.get(made.id) is not None)
    message = await send(two)
    await wait_until_async(lambda: delivered_of(one, made.id, message), 10, "a delivery of its event")
    made = await hooks.rows.change(made, replace(made, enabled=False))
    await until_known(lambda: not two.features.webhooks.listeners.get(made.id).enabled)  # type: ignore[union-attr]
    await hooks.rows.remove(made)
    await until_known(lambda: two.features.webhooks.listeners.get(made.id) is None)


async def test_carriers_and_accounts_that_one_node_was_told_of_are_known_to_the_others(
    nodes: tuple[Platform, Platform],
) -> None:
    one, two = nodes
    await one.features.configs.add_carrier("fresh", "simulator", {})
    await until_known(lambda: "fresh" in two.features.network.carriers.states())
    made, _ = await one.features.accounts.create("fresh", "EUR", 7500)
    await until_known(lambda: made.id in two.features.accounts.book)


async def test_what_a_node_accepts_after_it_lost_its_lease_is_sent_by_another_at_its_next_renewal(
    nodes: tuple[Platform, Platform],
) -> None:
    """No lease ends after it, and it is in no lane: others have to look for what waits."""
    woken, other = nodes
    woken.features.path.dispatcher.begin_stop()  # as a node does that finds its lease lost
    message = await send(woken)
    assert (message.status, message.claim) == (QUEUED, 0)

    async def sent() -> bool:
        (row,) = await other.store.fetch("messages_by_id", ids=[message.id])
        return from_row(row).status != QUEUED

    await wait_until_async(sent, TTL_MS / 1000, "the message to be sent")
