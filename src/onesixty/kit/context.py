"""The context shared by all features: settings, time, randomness, ids, network, store, lease, instance secret,
metrics, channels.

It contains nothing of any feature. If one feature needs another, its constructor gets it, by name and type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onesixty.core.channel import Channels
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Net
from onesixty.core.ids import IdSource
from onesixty.http.idempotency import Idempotency
from onesixty.kit.announced import Announced
from onesixty.kit.observer import Observer
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.sealing.keyring import Keyring
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.notes import NoNotes, Notes
from onesixty.store.rows import RowEffect
from onesixty.work.lanes import Limits
from onesixty.work.queue import WorkQueue
from onesixty.work.sink import Sink


class Context(NamedTuple):
    """A node as its features see it. `two_processes`: a second process writes the database and delivers webhooks."""

    settings: Settings
    clock: Clock
    random: Random
    ids: IdSource
    net: Net
    store: Store
    lease: LeaseKeeper
    #: Seals, opens, derives and signs with the instance secret.
    keyring: Keyring
    fault: FaultPoint
    metrics: Metrics
    observer: Observer
    idempotency: Idempotency
    channels: Channels
    two_processes: bool
    #: The effects of changes of resources' rows, for all features.
    row_effects: Sequence[RowEffect] = ()
    #: The audit log, for what an actor does besides.
    notes: Notes = NoNotes()
    #: Hands changes of rows to what makes events of them.
    announced: Announced | None = None

    def work_queue(self, sink: Sink, limits: Limits | None = None) -> WorkQueue:
        """The work of one kind in this process."""
        return WorkQueue(
            self.store,
            sink,
            clock=self.clock,
            random=self.random,
            lease=self.lease.claim,
            limits=limits,
            hit=self.fault,
        )
