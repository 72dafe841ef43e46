"""Alerts as a feature of a node: the signals, the recipients, and the task that evaluates the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.alerts.endpoints import alert_routes
from onesixty.alerts.mail import mail_of
from onesixty.alerts.service import Alerts
from onesixty.alerts.signals import Parts, Signals
from onesixty.alerts.watch import Alert, Watch, view
from onesixty.core.contracts import Write
from onesixty.core.tenant import Tenant
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.mail.feature import MailFeature
from onesixty.store.rounds import Rounds


class EventAnnouncer(Protocol):
    """Writes events that belong to no message: `webhooks.effect.EventEffect`."""

    def announce(self, tenant: Tenant, type_: str, data: dict[str, Any], at: int) -> list[Write]: ...


class AlertsFeature(Feature):
    """The watch, the mailer and the service of one node. Alerts are events of the operator's account."""

    cleaners = ("alerts_forget",)

    def __init__(
        self, node: Context, *, parts: Parts, events: EventAnnouncer, accounts: Accounts, mail: MailFeature
    ) -> None:
        """`parts` provides the signals; `events` writes the events for webhooks."""
        self._mail = mail
        self._events = events
        self._notes = node.notes
        self._accounts = accounts
        settings = node.settings
        signals = Signals(node.store, node.clock, parts)
        self._watch = Watch(node.store, node.clock, node.ids.new, signals.read, self._tell)
        self._service = Alerts(node.store, node.clock, node.ids, self._watch, node.row_effects)
        self._recipients = settings.alert_emails

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [alert_routes(self._service, self._notes)]

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._watch.rounds]

    def _tell(self, type_: str, alert: Alert, at: int) -> list[Write]:
        operator = Tenant(self._accounts.operator().id, False)
        writes = self._events.announce(operator, type_, view(alert), at)
        return [*writes, *self._mail.writes(self._recipients, alert.id, mail_of(alert), at)]
