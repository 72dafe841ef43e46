"""A list of entries between two times, on both engines."""

from __future__ import annotations

import os
from random import Random

import pytest

from onesixty.audit_log.reading import Filters, Reading
from onesixty.audit_log.recording import Recording
from onesixty.core.actor import Actor
from onesixty.core.ids import IdSource
from onesixty.store.notes import Note
from onesixty.store.rows import By
from tests.audit_log.world import World
from tests.http.world import Clock


@pytest.mark.parametrize("apart", [-3, 3])
async def test_the_time_of_an_entry_counts_and_not_that_of_its_id(engine_url: str, apart: int) -> None:
    """The id is made some milliseconds before or after the time is read."""
    world = World(engine_url)
    await world.open(1)
    (node,) = world.nodes
    of_ids = Clock()
    of_ids.ms += apart
    recording = Recording(node.store, node.clock, IdSource(of_ids, Random(1)), os.urandom, node.signer)
    actor = Actor("key", "key_1")
    note = Note(by=By("acc_1", actor), action="redacted", object="message", object_id="msg_1")
    reading, at = Reading(node.store), world.clock.now_ms()
    try:
        await recording.record(note)
        for asked in (
            {"account_id": None},
            {"account_id": "acc_1"},
            {"account_id": None, "object_id": "msg_1"},
            {"account_id": "acc_1", "actor": actor.text},
        ):
            for span, expected in (
                ({"created_after": at, "created_before": at + 1}, 1),
                ({"created_before": at}, 0),
                ({"created_after": at + 1}, 0),
            ):
                found, next_ = await reading.page(Filters(**asked, **span), 10, None)
                assert (len(found), next_) == (expected, None), (asked, span)
    finally:
        await world.close()
