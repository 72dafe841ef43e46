"""What the API does with alerts and rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from onesixty.alerts.rules import AS_SHIPPED, RULES
from onesixty.alerts.watch import MICROS, Alert, Watch, of_row
from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http.paging import cut
from onesixty.store.contract import Store

_LAST: Final = "~"


class Alerts:
    """Alerts and rules of a database; a change of a rule counts at the next look of every node."""

    def __init__(self, store: Store, clock: Clock, watch: Watch) -> None:
        self._store = store
        self._clock = clock
        self._watch = watch

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
            raise Problem("not_found", "There is no such alert.")
        return of_row(rows[0])

    async def acknowledge(self, id_: str, who: str) -> Alert:
        """Somebody looks after it; who was first stays."""
        await self.get(id_)
        await self._store.execute(
            "alert_acknowledge", id=id_, acknowledged_at=self._clock.now_ms(), acknowledged_by=who
        )
        return await self.get(id_)

    async def rules(self) -> Sequence[dict[str, Any]]:
        """Every rule as it ships and as it is."""
        await self._watch.refresh()
        return [self._view(name) for name in RULES]

    async def change(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Change a rule: only what is given; None puts a value back to what ships. Raises Problem `not_found`.

        The statement leaves the rest as the row has it, so that two changes at once both hold."""
        if name not in RULES:
            raise Problem("not_found", "There is no such rule.")
        threshold = given.get("threshold")
        await self._store.execute(
            "alert_rule_set",
            name=name,
            set_enabled=int("enabled" in given),
            enabled=int(given.get("enabled", AS_SHIPPED.enabled)),
            set_threshold=int("threshold" in given),
            threshold_micros=None if threshold is None else round(threshold * MICROS),
            set_for=int("for_seconds" in given),
            for_seconds=given.get("for_seconds"),
            set_muted=int("muted_until" in given),
            muted_until=given.get("muted_until"),
        )
        await self._watch.refresh()
        return self._view(name)

    def _view(self, name: str) -> dict[str, Any]:
        rule, override = RULES[name], self._watch.override(name)
        return {
            "name": name,
            "severity": rule.severity,
            "about": rule.about,
            "action": rule.action,
            "enabled": override.enabled,
            "breached": rule.breached,
            "threshold": rule.threshold if override.threshold is None else override.threshold,
            "unit": rule.unit,
            "for_seconds": rule.for_seconds if override.for_seconds is None else override.for_seconds,
            "muted_until": None if override.muted_until is None else times.to_text(override.muted_until),
        }
