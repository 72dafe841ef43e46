"""Evaluates the rules, raises and resolves alerts, and sends them to webhooks and mailboxes.

Rules kept here:
- an alert is raised once for a rule and subject, across all nodes and restarts (a guard on `open_key`). Its event
  and mails are rows of the same transaction;
- it is resolved after its number has been back to normal for `CLEAR_MS`, so that a flapping number makes one alert;
- a muted rule is evaluated but raises nothing; a disabled rule resolves the alerts that it raised;
- while the database is unavailable nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
import structlog

from onesixty.alerts.rules import RULES, Reading, Rule, is_breached, lasting, shown
from onesixty.alerts.tables import ALERT_RULES, Override
from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.store.contract import Store
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two evaluations.
INTERVAL: Final = 15.0
#: How long a number must be back to normal before its alert is resolved.
CLEAR_MS: Final = 60_000

FIRING: Final = "alert.firing"
RESOLVED: Final = "alert.resolved"


class Alert(msgspec.Struct, kw_only=True):
    """A row of `alerts`. Times are epoch milliseconds; `value` is text for people."""

    id: str
    rule: str
    subject: str
    severity: str
    summary: str
    value: str
    started_at: int
    resolved_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str | None = None


def of_row(row: Sequence[Any]) -> Alert:
    """An alert from the columns of `alert_get`."""
    return Alert(**dict(zip(Alert.__struct_fields__, row, strict=True)))


def view(alert: Alert) -> dict[str, Any]:
    """An alert as shown by the API, events and mails."""
    text = times.text_or_none
    rule = RULES.get(alert.rule)
    return {
        "id": alert.id,
        "rule": alert.rule,
        "status": "firing" if alert.resolved_at is None else "resolved",
        "severity": alert.severity,
        "subject": alert.subject,
        "subject_kind": rule.subject if rule else None,
        "value": alert.value,
        "summary": alert.summary,
        "action": rule.action if rule else "",
        "started_at": text(alert.started_at),
        "resolved_at": text(alert.resolved_at),
        "acknowledged_at": text(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
    }


#: The writes that send an alert, in the alert's transaction: events, mails.
Tell = Callable[[str, Alert, int], Sequence[Write]]


class Watch:
    """Evaluates the rules periodically in `rounds`. `read` gives the readings, `tell` the writes for an event and
    its alert.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        new_id: Callable[[str], str],
        read: Callable[[], Awaitable[Sequence[Reading]]],
        tell: Tell,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._read = read
        self._tell = tell
        self._breached_since: dict[tuple[str, str], int] = {}
        self._well_since: dict[str, int] = {}
        self._log = structlog.get_logger("onesixty.alerts")
        self.rounds = Rounds(store, "alert_watch", INTERVAL, self.look)
        self.overrides: dict[str, Override] = {}

    async def refresh(self) -> None:
        """Read the operator's changes to the rules."""
        rows = [ALERT_RULES.read(row) for row in await self._store.fetch("alert_rules_all")]
        self.overrides = {row.name: row for row in rows}

    def override(self, name: str) -> Override:
        """The operator's change to a rule."""
        return self.overrides.get(name) or Override(name=name)

    async def look(self) -> None:
        """Evaluate all rules once. Raises StoreError."""
        await self.refresh()
        readings = await self._read()
        now = self._clock.now_ms()
        opened = {(a.rule, a.subject): a for a in map(of_row, await self._store.fetch("alerts_open"))}
        breached = {
            (reading.rule, reading.subject): reading
            for reading in readings
            if self.override(reading.rule).enabled
            and is_breached(RULES[reading.rule], self.override(reading.rule), reading.value)
        }
        self._breached_since = {key: self._breached_since.get(key, now) for key in breached}
        for key, reading in breached.items():
            if key in opened:
                self._well_since.pop(opened[key].id, None)
            else:
                await self._consider(RULES[reading.rule], reading, now)
        for key, alert in opened.items():
            if key not in breached:
                await self._maybe_resolve(alert, now)

    async def _consider(self, rule: Rule, reading: Reading, now: int) -> None:
        override = self.override(rule.name)
        since = self._breached_since[rule.name, reading.subject]
        if now - since < lasting(rule, override) * 1000 or now < (override.muted_until or 0):
            return
        value = shown(rule, reading.value)
        alert = Alert(
            id=self._new_id(ids.ALERT),
            rule=rule.name,
            subject=reading.subject,
            severity=rule.severity,
            summary=rule.summary.format(subject=reading.subject, value=value),
            value=value,
            started_at=since,
        )
        open_key = f"{alert.rule} {alert.subject}"
        row = (
            alert.id, alert.rule, alert.subject, open_key, alert.severity, alert.summary, alert.value, since,
        )  # fmt: skip
        unit = Unit(
            keys=(open_key,), guards=(("alert_open", row),), writes=tuple(self._tell(FIRING, alert, now))
        )
        if await self._commit(unit):
            self._log.warning("alert_firing", rule=alert.rule, subject=alert.subject, summary=alert.summary)

    async def _maybe_resolve(self, alert: Alert, now: int) -> None:
        since = self._well_since.setdefault(alert.id, now)
        if now - since < CLEAR_MS and self.override(alert.rule).enabled:
            return
        self._well_since.pop(alert.id, None)
        ended = msgspec.structs.replace(alert, resolved_at=now)
        unit = Unit(
            keys=(f"{alert.rule} {alert.subject}",),
            guards=(("alert_resolve", (alert.id, now)),),
            writes=tuple(self._tell(RESOLVED, ended, now)),
        )
        if await self._commit(unit):
            self._log.info("alert_resolved", rule=alert.rule, subject=alert.subject)

    async def _commit(self, unit: Unit) -> bool:
        (result,) = await self._store.commit([unit])
        if isinstance(result, StoreError):
            raise result
        return result
