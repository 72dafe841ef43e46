"""What becomes of the messages of a restored database: what may have been sent after its moment is held.

A backup is of a moment. What waited then may have been sent since, and the database cannot know. So its outcome is
unknown, as that of a message whose answer was lost.

Rules kept here (SEMANTICS, "Outcomes nobody saw"):
- what the database knows to be sent stays as it is, and is not sent again;
- what was queued, and what was scheduled for a time that has passed, is held with an unknown outcome: receipts that
  come still find it, an operator releases it, and a release is counted as a possible repeat;
- what is scheduled for later stays;
- bulk work that was under way is stopped, or it would release what is held;
- doing it twice does nothing more.
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
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

PAGE: Final = 500


class Settled(NamedTuple):
    """How many messages are held now, and how many jobs were stopped."""

    held: int
    jobs: int


async def settle(store: Store, recorder: Recorder, clock: Clock) -> Settled:
    """Hold what may have been sent. Raises StoreError: what was done then is not found again."""
    jobs = await _stop_jobs(store, clock)
    held = 0
    while rows := await store.fetch("waiting_at_restore", now=clock.now_ms(), count=PAGE):
        units: list[Unit] = []
        for message in map(from_row, rows):
            found = verdict.lost(message, message.carrier_id or "", clock.now_ms(), hold=True)
            assert found.change is not None
            found.change.after.carrier_id = message.carrier_id  # what was scheduled may have none yet
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
