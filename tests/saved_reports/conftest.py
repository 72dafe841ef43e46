"""Saved reports over a real store: planners and sinks of several nodes, a clock to turn, receivers that are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import msgspec
import pytest

from onesixty.accounts import Accounts
from onesixty.accounts.keys import Key
from onesixty.app.features import STATEMENTS
from onesixty.core.actor import Actor
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import Principal
from onesixty.mail.postman import Postman
from onesixty.people.tables import Membership
from onesixty.saved_reports import runs
from onesixty.saved_reports.planner import Planner
from onesixty.saved_reports.rights import Rights
from onesixty.saved_reports.runs import Run
from onesixty.saved_reports.service import SavedReports
from onesixty.saved_reports.shapes import SavedQuery, Schedule, Span
from onesixty.saved_reports.sink import LIMITS, ReportSink
from onesixty.saved_reports.tables import SavedReport
from onesixty.saved_reports.zones import Zones
from onesixty.statistics.counter import Counter
from onesixty.statistics.rebuild import Rebuild
from onesixty.statistics.report import Reports
from onesixty.statistics.reporting import Reporting
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.rows import RowChange
from onesixty.webhooks.poster import Answer
from onesixty.work.queue import WorkQueue
from tests.http.world import Clock
from tests.support.databases import statements

DAILY = Schedule(every="day", at="08:00", zone="Europe/Berlin")


class Lease:
    """A lease that is held."""

    id = 1

    def claim(self) -> int:
        return self.id


class Names:
    """No carriers and routes."""

    async def names(self) -> dict[str, str]:
        return {}


class Users:
    """Users with a role in an account: `roles`."""

    def __init__(self) -> None:
        self.roles: dict[tuple[str, str], str] = {}

    async def membership(self, user_id: str, account_id: str) -> Membership | None:
        role = self.roles.get((user_id, account_id))
        if role is None:
            return None
        return Membership(id="mbr_1", user_id=user_id, account_id=account_id, role=role, created_at=0)


class World:
    """`posted` is what receivers got, by `webhook-id`; `answer` what they say."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.ids = IdSource(clock, Random(9))
        self.posted: list[tuple[str, str, bytes]] = []
        self.answer = Answer(204)
        self.counted: list[str] = []
        self.users = Users()
        self.postman: Postman | None = None
        self.noted: list[RowChange] = []
        self.accounts = Accounts(store, clock, self.ids, Random(7).randbytes)
        self.zones = Zones(self.accounts)
        self.reports = SavedReports(
            store, Reporting(Reports(store, clock), self.accounts, Names(), clock), self.zones,
            clock=clock, id_source=self.ids, mails=lambda: True, allow_private=True, effects=[self._note],
        )  # fmt: skip

    def _note(self, change: RowChange) -> list[Write]:
        self.noted.append(change)
        return []

    async def count(self) -> None:
        """Let the statistics count everything that there is."""
        lease = Lease()
        counter = Counter(self.store, clock=self.clock, lease=lease, charge_on_sent=True)
        rebuild = Rebuild(self.store, counter, clock=self.clock, lease=lease)
        for _ in range(5):
            await counter.once()
            await rebuild.once()

    def planner(self) -> Planner:
        """That of another node."""
        return Planner(self.store, self.reports.rows, self.zones, self.clock, self.ids)

    def queue(self, lease: int = 1) -> WorkQueue:
        """The work of another node."""
        sink = ReportSink(
            self.store, self.reports, Rights(self.accounts, self.users),  # type: ignore[arg-type]
            postman=self.postman, post=self._post, clock=self.clock, counted=self.counted.append,
        )  # fmt: skip
        limits = msgspec.structs.replace(LIMITS, look=0.02, recover=0.05)
        return WorkQueue(
            self.store, sink, clock=self.clock, random=Random(1), lease=lambda: lease, limits=limits
        )

    async def _post(
        self, tenant: Tenant, lane: str, url: str, id_: str, body: bytes, content_type: str
    ) -> Answer:
        self.posted.append((id_, content_type, body))
        return self.answer

    async def save(self, caller: Principal, **fields: Any) -> SavedReport:
        """A saved report that goes to a URL every day."""
        row = SavedReport(
            **{
                "id": self.reports.rows.new_id(), "account_id": caller.account_id, "test": caller.test,
                "name": "Week", "query": SavedQuery(by="country"), "span": Span(), "format": "csv",
                "schedule": DAILY, "url": "http://receiver.example/r", "runs_as": caller.actor.text,
                "home": caller.home, "created_at": self.clock.ms, **fields,
            }
        )  # fmt: skip
        row, writes = await self.reports.made(row, caller)
        await self.reports.rows.add(row, writes=writes)
        return row

    async def runs_of(self, row: SavedReport) -> list[Run]:
        return await runs.page(self.store, row.id, 100, None)


@pytest.fixture
async def world(engine_url: str) -> AsyncIterator[World]:
    clock = Clock()
    store = await open_store(engine_url, statements(*STATEMENTS), clock=clock, migrate=True)
    world = World(store, clock)
    await world.count()
    yield world
    await store.close()


def caller_of(key: Key) -> Principal:
    """The caller of a key."""
    return Principal(
        tenant=key.tenant, actor=Actor("key", key.id), scopes=frozenset(key.scopes), requests_per_second=100
    )
