"""Recovery: decides once about the messages that a stopped node left behind.

Rules kept here (docs/explanation/hands.md):
- if an open flight of an ended lease names a message without an outcome, the outcome is unknown: the message is
  resent and counted, or held;
- a message that was only claimed waits again;
- recovery runs at every renewal, however the lease ended: a node can stop in order and leave a full lane, or wake
  after it was fenced and commit what it had prepared under its old claim (docs/explanation/hands.md);
- it goes lease by lease, and handles the flights of a lease first. No new flight is opened once a lease has ended, so
  that no claim is freed whose flight was not seen;
- every step is guarded by the message's version, so that two nodes may run it side by side.
"""

from __future__ import annotations

from typing import Final

import msgspec
import structlog

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.hop import Hop
from onesixty.core.message import Attempt, from_row
from onesixty.dispatch import verdict as verdicts
from onesixty.kit.context import Context
from onesixty.kit.observer import Observer
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

CHUNK: Final = 1000
#: Milliseconds after the end of a lease by which the nodes that are there have normally found what it left.
LATE_MS: Final = 60_000


class RecoveryFailed(Exception):
    """The store could not be written during recovery. The node must not start to send."""


async def recover(node: Context, recorder: Recorder, since: int) -> tuple[int, int]:
    """Settle what ended leases left. Returns how many messages were unknown and how many wait again.

    `since` is when this node began. What it finds late is a stray; but a node that was not there, because all
    were stopped for a while, could not find it earlier.
    """
    log = structlog.get_logger("onesixty.dispatch")
    store, clock = node.store, node.clock
    unknown = waiting = 0
    for lease, ended_at in await store.fetch("leases_left"):
        of_lease = await _settle_flights(store, recorder, clock, node.observer, int(lease))
        node.fault("recovery.before_unclaim")
        freed = await _free_claims(store, int(lease))
        node.fault("recovery.after_unclaim")
        if freed and max(int(ended_at), since) < clock.now_ms() - LATE_MS:
            node.observer.stray("lease", freed)
        unknown, waiting = unknown + of_lease, waiting + freed
    for kind, count in (("unknown", unknown), ("requeued", waiting)):
        for _ in range(count):
            node.observer.recovered(kind)
    if unknown or waiting:
        log.info("recovered", unknown=unknown, waiting=waiting)
    return unknown, waiting


async def _settle_flights(
    store: Store, recorder: Recorder, clock: Clock, observer: Observer, lease: int
) -> int:
    unknown = 0
    for flight_id, carrier_id, named, cost, currency in await store.fetch("flights_of_lease", lease=lease):
        told = {id_: rest for id_, *rest in msgspec.json.decode(named)}
        rows = await store.fetch("messages_by_id", ids=list(told))
        units: list[Unit] = []
        lost: list[Attempt] = []
        for message in map(from_row, rows):
            version, *sender = told[message.id]
            if message.claim == lease and message.version == version:
                hop = Hop(carrier_id, sender[0] if sender else None, cost, currency=currency)
                found = verdicts.lost(message, hop, clock.now_ms())
                assert found.change is not None
                attempts: list[Write] = [
                    ("attempt_evidence", msgspec.structs.astuple(attempt)) for attempt in found.attempts
                ]
                units.append(recorder.change(found.change, writes=attempts))
                lost += found.attempts
        unknown += await _commit(store, units)
        observer.costs(lost)
        await _commit(store, [Unit(keys=(flight_id,), writes=(("flight_close", (flight_id,)),))])
    return unknown


async def _free_claims(store: Store, lease: int) -> int:
    freed = 0
    while rows := await store.fetch("claims_of_lease", lease=lease, count=CHUNK):
        units = [
            Unit(keys=(m.id,), guards=(("message_unclaim", (m.id, m.version)),)) for m in map(from_row, rows)
        ]
        freed += await _commit(store, units)
    return freed


async def _commit(store: Store, units: list[Unit]) -> int:
    if not units:
        return 0
    results = await store.commit(units)
    for result in results:
        if isinstance(result, StoreError):
            raise RecoveryFailed(str(result))
    return sum(result is True for result in results)
