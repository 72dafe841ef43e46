"""The step after a restore, which makes a past state of a database safe to continue from.

Rules kept here:
- nothing issued in the lost time is trusted or issued again: lease numbers leap ahead, and all earlier runs are
  over;
- messages that may have been sent since are held (`held`), runs of saved reports left out (`report_runs`), and
  open verifications end (`verifications`), unless the operator chooses to send them;
- changes are recorded as on a node, with the usual events and webhooks;
- no secret is opened: whose events are written does not depend on it, and the instance secret is not needed.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.billing.flat import LedgerEffect
from onesixty.channels import registry
from onesixty.core import times
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import IdSource
from onesixty.customers.effect import BindEffect
from onesixty.messages.recorder import Recorder
from onesixty.ops.settings import Settings
from onesixty.restore import held as restored
from onesixty.restore import report_runs, verifications
from onesixty.restore.hops import Hops
from onesixty.store import migrations
from onesixty.store.contract import Store
from onesixty.store.leases import fence_others
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unavailable
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable

#: The packages with the statements that this step needs; those of a node would load all of its doors.
FEATURES: Final = (
    "onesixty.store",
    "onesixty.accounts",
    "onesixty.messages",
    "onesixty.customers",
    "onesixty.jobs",
    "onesixty.dispatch",
    "onesixty.restore",
    "onesixty.billing",
    "onesixty.work",
    "onesixty.webhooks",
    "onesixty.inventory",
    "onesixty.network",
    "onesixty.saved_reports",
)
#: How far lease numbers leap: more than the starts there can have been since a backup.
LEAP: Final = 1_000_000


class _Unread:
    """Opens every secret as none. A restore makes no secrets."""

    def seal(self, plain: bytes, purpose: str, about: str) -> str:
        raise RuntimeError("a restore seals nothing")

    def open(self, sealed: str, purpose: str, about: str) -> bytes:
        return b""


class Report(msgspec.Struct, kw_only=True):
    """The result: messages held, jobs stopped, runs of reports left out, verifications ended, the lease below which
    nothing is trusted."""

    held: int
    jobs_stopped: int
    report_runs_left_out: int
    verifications_ended: int
    lease: int


async def settle(settings: Settings, url: str, *, send_waiting: bool) -> Report:
    """Upgrade the database at `url` to the newest schema and settle it. Raises StoreError or SchemaError.

    `send_waiting` leaves waiting messages as they are, so they will be sent. Raises StoreError while a node uses
    the database.
    """
    await migrations.migrate(url)
    clock = SystemClock()
    store = await open_store(url, load(FEATURES), clock=clock, own=False)
    try:
        if store.dialect != "sqlite":  # a SQLite file is protected by its lock
            await _refuse_nodes(store, clock.now_ms())
        ((lease,),) = await store.execute("lease_leap", leap=LEAP, now=clock.now_ms())
        await fence_others(store, clock, int(lease))
        done, left_out, ended = restored.Settled(0, 0), 0, 0
        if not send_waiting:
            recorder = await _recorder(store, settings)
            ids = IdSource(clock, system_random())
            hops = await Hops.read(store, clock, ids, registry.standard())
            done = await restored.settle(store, recorder, hops, clock)
            left_out = await report_runs.leave_out(store, clock, ids)
            ended = await verifications.end(store, clock)
        await store.execute("restored_at", at=times.to_text(clock.now_ms()))
        return Report(
            held=done.held,
            jobs_stopped=done.jobs,
            report_runs_left_out=left_out,
            verifications_ended=ended,
            lease=int(lease),
        )
    finally:
        await store.close()


async def _refuse_nodes(store: Store, now: int) -> None:
    alive = await store.fetch("leases_alive", now=now)
    if alive:
        names = ", ".join(sorted({str(row[1]) for row in alive}))
        left = max(int(row[2]) for row in alive)
        raise Unavailable(
            f"a node is using this database, or was a moment ago: {names}. Stop it; its lease ends "
            f"within {left // 1000 + 1} s"
        )


async def _recorder(store: Store, settings: Settings) -> Recorder:
    ids = IdSource(SystemClock(), system_random())
    endpoints = EndpointTable(_Unread())
    await endpoints.refresh(store)
    return Recorder(
        (
            LedgerEffect(settings.billing_charge_on),
            EventEffect(endpoints, ids, channels=registry.standard()),
            BindEffect(ids, settings_of=lambda _: None, wants=lambda _: False),
        )
    )
