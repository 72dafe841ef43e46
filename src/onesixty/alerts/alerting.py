"""Alerts of a node: what the rules look at here, whom they tell, and the task that watches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from onesixty.alerts.mail import LIMITS, MailSink, mail_writes, parse_server, smtp_transport
from onesixty.alerts.service import Alerts
from onesixty.alerts.signals import Parts, Signals
from onesixty.alerts.watch import Alert, Watch, view
from onesixty.core.contracts import Write
from onesixty.work.queue import WorkQueue

if TYPE_CHECKING:
    from onesixty.app.platform import Platform


class Alerting:
    """The watch, the mailer and the service of one node. Alerts are events of the platform's first account."""

    def __init__(self, node: Platform) -> None:
        self._node = node
        self._operator = ""
        settings = node.settings
        parts = Parts(
            carriers=node.links.states,
            outcomes=node.observers.outcome_totals,
            queued=self._queued,
            strays=node.observers.stray_totals,
            paused_webhooks=node.endpoints.paused,
            name=node.links.name,
        )
        signals = Signals(node.store, node.clock, parts)
        self._watch = Watch(node.store, node.clock, node.ids.new, signals.read, self._tell)
        self.service = Alerts(node.store, node.clock, node.ids, self._watch)
        self._recipients = settings.alert_emails
        self._mails: WorkQueue | None = None
        if settings.mail_server is not None:
            server = parse_server(settings.mail_server.get_secret_value())
            sink = MailSink(node.clock, settings.mail_from, smtp_transport(server))
            self._mails = node.work_queue(sink, LIMITS)

    async def start(self) -> None:
        """Begin to watch."""
        account = await self._node.accounts.first()
        self._operator = "" if account is None else account.id
        self._watch.rounds.start()
        if self._mails is not None:
            await self._mails.start()

    async def stop(self, deadline: float) -> None:
        """Watch no more; wait up to `deadline` seconds for a mail that is on its way."""
        await self._watch.rounds.stop()
        if self._mails is not None:
            await self._mails.stop(deadline)

    def _tell(self, type_: str, alert: Alert, at: int) -> list[Write]:
        writes = self._node.event_effect.announce(self._operator, False, type_, view(alert), at)
        if self._mails is not None:
            writes += mail_writes(self._recipients, alert, self._node.ids.new, at)
        return writes

    def _queued(self) -> Iterable[tuple[str, str, int | None]]:
        for line in self._node.dispatcher.lines.values():
            moments = (item.message.queued_at for item in line.lane)
            oldest = min((moment for moment in moments if moment is not None), default=None)
            yield line.id, self._node.links.name(line.id), oldest
