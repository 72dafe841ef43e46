"""A store on each engine, a clock to turn, and a watch over readings that the test says."""

import functools
from collections.abc import AsyncIterator, Sequence
from random import Random

import pytest

from onesixty.alerts.mail import mail_of
from onesixty.alerts.rules import Reading
from onesixty.alerts.watch import Alert, Watch, of_row, view
from onesixty.channels.registry import standard
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.mail.mails import mail_writes
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, parse, texts
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from onesixty.work.item import Item
from tests.http.world import Clock
from tests.support.sealing import KEYRING

MAILS = ("onesixty.mail", "onesixty.alerts")
PACKAGES = (
    "onesixty.store",
    "onesixty.messages",
    "onesixty.work",
    "onesixty.webhooks",
    "onesixty.mail",
    "onesixty.alerts",
    "onesixty.verify",
    "onesixty.verify.guards",
)
RECIPIENT = "noc@example.com"
STATEMENTS = """
-- name: mail_states
SELECT status, tries, claim, error FROM work WHERE sink = 'mail' ORDER BY id
"""


@functools.cache
def statements() -> Statements:
    """Those of the packages, and what the tests look at."""
    return parse([*texts(PACKAGES), ("tests", STATEMENTS)])


class World:
    """`readings` is what the next look sees; `told` what was raised and resolved."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.ids = IdSource(clock, Random(160))
        self.events = EventEffect(EndpointTable(KEYRING), self.ids, channels=standard())
        self.readings: Sequence[Reading] = ()
        self.told: list[tuple[str, str, str]] = []
        self.watch = self.another_watch()

    def another_watch(self) -> Watch:
        """As if it ran on another node, or after a restart."""
        return Watch(self.store, self.clock, self.ids.new, self._read, self._tell)

    async def _read(self) -> Sequence[Reading]:
        return self.readings

    def _tell(self, type_: str, alert: Alert, at: int) -> list[Write]:
        self.told.append((type_, alert.rule, alert.subject))
        return [
            *self.events.announce(Tenant("acc_1", False), type_, view(alert), at),
            *mail_writes([RECIPIENT], alert.id, mail_of(alert), self.ids.new, at),
        ]

    async def look(self, seconds: float, *readings: Reading, watch: Watch | None = None) -> None:
        """Time passes, then there is a look that sees these."""
        self.clock.turn(seconds)
        self.readings = readings
        await (watch or self.watch).look()

    async def mails(self, later_ms: int = 0) -> list[Item]:
        """The mails that are due now, or by then."""
        rows = await self.store.fetch(
            "work_waiting", sink="mail", lane="mails", now=self.clock.ms + later_ms, count=10
        )
        return [Item(*row) for row in rows]

    async def open_alerts(self) -> list[Alert]:
        return [of_row(row) for row in await self.store.fetch("alerts_open")]


@pytest.fixture
async def world(engine_url: str) -> AsyncIterator[World]:
    """A world on each engine."""
    clock = Clock()
    store = await open_store(engine_url, statements(), clock=clock)
    yield World(store, clock)
    await store.close()
