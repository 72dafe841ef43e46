"""What all features of a node share: settings, time, chance, ids, the network, the store, the lease, metrics.

Nothing of a feature stands here. What one feature needs of another is handed to it by name, with its type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Net
from onesixty.core.ids import IdSource
from onesixty.http.idempotency import Idempotency
from onesixty.kit.observer import Observer
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.rows import RowEffect
from onesixty.work.lanes import Limits
from onesixty.work.queue import WorkQueue
from onesixty.work.sink import Sink


class Context(NamedTuple):
    """One node, as its features see it. `two_processes`: a second one writes the database and delivers webhooks."""

    settings: Settings
    clock: Clock
    random: Random
    ids: IdSource
    net: Net
    store: Store
    lease: LeaseKeeper
    fault: FaultPoint
    metrics: Metrics
    observer: Observer
    idempotency: Idempotency
    two_processes: bool
    #: What follows from a change of a resource's row, whichever feature it is of.
    row_effects: Sequence[RowEffect] = ()

    def work_queue(self, sink: Sink, limits: Limits | None = None) -> WorkQueue:
        """The work of one use in this process."""
        return WorkQueue(
            self.store,
            sink,
            clock=self.clock,
            random=self.random,
            lease=self.lease.claim,
            limits=limits,
            hit=self.fault,
        )
