"""How people are written to: the queue of mails of a node (`mail.feature.MailFeature`), or nobody writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onesixty.core.contracts import Write
from onesixty.mail.mails import Mail


class Mails(Protocol):
    """Sends mails."""

    @property
    def on(self) -> bool:
        """Whether there is a mail server."""

    def writes(self, recipients: Sequence[str], about: str, mail: Mail, at: int) -> list[Write]:
        """The rows of a mail to each recipient; none without a server. `about` is the id of what caused it."""


class NoMails:
    """Without a mail server, and in commands: links are shown."""

    on = False

    def writes(self, recipients: Sequence[str], about: str, mail: Mail, at: int) -> list[Write]:
        """See Mails."""
        return []
