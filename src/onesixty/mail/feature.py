"""Mail as a feature of a node: the queue of mails, if the settings name an SMTP server."""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core.contracts import Write
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.mail.mails import LIMITS, Mail, MailSink, mail_writes
from onesixty.mail.postman import Postman
from onesixty.mail.server import parse_server, smtp_transport
from onesixty.work.queue import WorkQueue


class MailFeature(Feature):
    """Sends the mails of all features."""

    def __init__(self, node: Context) -> None:
        self._node = node
        self._queue: WorkQueue | None = None
        self.postman: Postman | None = None
        settings = node.settings
        if settings.mail_server is not None:
            server = parse_server(settings.mail_server.get_secret_value())
            transport = smtp_transport(server)
            #: Sends a mail at once, for features whose work is the mail.
            self.postman = Postman(node.clock, settings.mail_from, transport)
            sink = MailSink(node.clock, settings.mail_from, transport)
            self._queue = node.work_queue(sink, LIMITS)

    @property
    def on(self) -> bool:
        """Whether there is a server, so that mails are sent."""
        return self._queue is not None

    def writes(self, recipients: Sequence[str], about: str, mail: Mail, at: int) -> list[Write]:
        """The rows of a mail to each recipient; none without a server. `about` is the id of what caused it."""
        if self._queue is None:
            return []
        return mail_writes(recipients, about, mail, self._node.ids.new, at)

    async def start(self) -> None:
        """Start sending mails."""
        if self._queue is not None:
            await self._queue.start()

    async def stop(self, seconds: float) -> None:
        """Wait for the mail that is being sent."""
        if self._queue is not None:
            await self._queue.stop(seconds / 8)
