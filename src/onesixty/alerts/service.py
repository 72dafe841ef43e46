"""The alerts and rules behind the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from onesixty.alerts.tables import ALERT_RULES, Override
from onesixty.alerts.watch import Alert, Watch, of_row
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.http.paging import cut
from onesixty.store.contract import Store
from onesixty.store.rows import RowEffect, Rows

_LAST: Final = "~"


class Alerts:
    """Alerts and rules of a database. A change of a rule takes effect at the next evaluation of each node."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        watch: Watch,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._watch = watch
        #: The operator's changes to the rules.
        self.overrides = Rows(ALERT_RULES, store, clock, id_source, one="rule", effects=effects)
        self.overrides.on_written(self._written)

    async def _written(self, before: Override | None, after: Override | None) -> None:
        await self._watch.refresh()

    async def list(
        self, only_open: bool, limit: int, after: str | None
    ) -> tuple[Sequence[Alert], str | None]:
        """A page of alerts, newest first."""
        rows = await self._store.fetch(
            "alerts_list", after=after or _LAST, only_open=int(only_open), most=limit + 1
        )
        return cut([of_row(row) for row in rows], limit, lambda alert: alert.id)

    async def get(self, id_: str) -> Alert:
        """One alert. Raises Problem `not_found`."""
        rows = await self._store.fetch("alert_get", id=id_) if ids.is_id(ids.ALERT, id_) else []
        if not rows:
            raise Problem("not_found", "Alert not found.")
        return of_row(rows[0])

    async def acknowledge(self, id_: str, who: str) -> Alert:
        """Acknowledge an alert; the first acknowledgement is kept."""
        await self.get(id_)
        await self._store.execute(
            "alert_acknowledge", id=id_, acknowledged_at=self._clock.now_ms(), acknowledged_by=who
        )
        return await self.get(id_)
