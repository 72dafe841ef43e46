"""A restored database in which verifications were open: none approves twice, and no code is sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from onesixty.channels.registry import standard
from onesixty.messages.recorder import Recorder
from onesixty.restore import held, verifications
from onesixty.restore.hops import Hops
from onesixty.restore.settling import FEATURES
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from tests.support.waiting import wait_until_async
from tests.verify.conftest import PATH, TO, Desk

OTHER = "+15551234568"


async def settle(desk: Desk, url: str) -> tuple[int, int]:
    """What a restore does, at the time of the desk: messages held, and verifications ended."""
    store = await open_store(url, load(FEATURES), clock=desk.clock, own=False)
    try:
        hops = await Hops.read(store, desk.clock, desk.ids, standard())
        done = await held.settle(store, Recorder(()), hops, desk.clock)
        return done.held, await verifications.end(store, desk.clock)
    finally:
        await store.close()


async def test_what_was_open_ends_and_sends_nothing(engine_url: str, tmp_path: Path) -> None:
    desk = await Desk.open(engine_url, data_dir=tmp_path)
    await desk.ready(channels=[{"channel": "sms", "after": 60}])
    sent = await desk.start()
    code = await desk.read()
    over = await desk.start("+15551234569")
    await desk.client().post(f"{PATH}/{over['id']}/cancel", {})
    await wait_until_async(lambda: desk.features.path.idle)
    for carrier_id in desk.carriers.values():
        desk.features.path.dispatcher.connect(carrier_id, None)
    waiting = await desk.start(OTHER)
    (send,) = waiting["sends"]

    assert await settle(desk, engine_url) == (1, 2)
    assert await settle(desk, engine_url) == (0, 0)
    await desk.again()
    assert (await desk.check(sent["id"], code)).json["outcome"] == "expired"
    await desk.sweep()
    for one in (sent, waiting):
        shown = await desk.get(one["id"])
        assert (shown["status"], shown["reason"]) == ("expired", "restored")
    assert (await desk.get(over["id"]))["reason"] is None
    message = (await desk.client().get(f"/v1/messages/{send['message_id']}")).json
    assert message["status"] == "unconfirmed"
    fresh = await desk.start()
    assert fresh["id"] != sent["id"]
    await desk.sweep()
    (row,) = (await desk.client().get("/v1/reports/verifications")).json["data"]
    assert (row["expired"], row["unreported"], row["conversion"]) == (2, 2, None)
    assert not desk.texts(OTHER), "the code that waited was not sent"
    assert len(desk.told("verification.expired")) == 2
    await desk.close()
    assert TO in str(fresh)


pytestmark = pytest.mark.deadline(60)
