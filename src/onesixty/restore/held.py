"""The messages of a restored database: those that may have been sent after the backup are held.

A backup is a snapshot. Messages that waited then may have been sent since, and the database cannot know. Their
outcome is unknown, as if the carrier's answer had been lost.

Rules kept here:
- messages recorded as sent stay as they are, and are not sent again;
- messages that were queued, or scheduled for a time that has passed, are held with an unknown outcome: receipts
  still match them, by the carrier and sender of the hop that they may have taken (`hops`), an operator releases
  them, and a release counts as a possible duplicate;
- messages with the code of a verification are held until the first sweep alone: nobody releases them;
- messages scheduled for later stay as they are, and so do held ones: a person releases those anyway;
- running bulk jobs are stopped, because they could release held messages;
- repeating this step changes nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.message import from_row
from onesixty.dispatch import verdict
from onesixty.jobs.jobs import STOPPED
from onesixty.messages.recorder import Recorder
from onesixty.restore import verifications
from onesixty.restore.hops import Hops
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

PAGE: Final = 500


class Settled(NamedTuple):
    """How many messages are held, and how many jobs were stopped."""

    held: int
    jobs: int


async def settle(store: Store, recorder: Recorder, hops: Hops, clock: Clock) -> Settled:
    """Hold messages that may have been sent. Raises StoreError; a repeated call continues where it stopped."""
    jobs = await _stop_jobs(store, clock)
    held = 0
    while rows := await store.fetch("waiting_at_restore", now=clock.now_ms(), count=PAGE):
        units: list[Unit] = []
        for message in map(from_row, rows):
            hop = hops.of(message)
            found = verdict.lost(message, hop, clock.now_ms(), hold=True)
            assert found.change is not None
            found.change.after.carrier_id = hop.carrier_id or None
            if verifications.is_of_one(message):
                found.change.after.expires_at = found.change.after.due_at = clock.now_ms()
            attempts: list[Write] = [
                ("attempt_evidence", msgspec.structs.astuple(attempt)) for attempt in found.attempts
            ]
            units.append(recorder.change(found.change, writes=attempts))
        held += await _commit(store, units)
    return Settled(held, jobs)


async def _stop_jobs(store: Store, clock: Clock) -> int:
    stopped = 0
    for job_id, _kind, _status, _filter, _target, progress, _by, version, *_ in await store.fetch(
        "jobs_running"
    ):
        row = (job_id, version, STOPPED, progress, clock.now_ms())
        stopped += await _commit(store, [Unit(keys=(str(job_id),), guards=(("job_progress", row),))])
    return stopped


async def _commit(store: Store, units: list[Unit]) -> int:
    results = await store.commit(units)
    for result in results:
        if isinstance(result, StoreError):
            raise result
    return sum(result is True for result in results)
