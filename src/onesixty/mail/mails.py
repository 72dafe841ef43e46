"""Mails as durable work: rows of the transaction that caused them, sent one after the other.

Rules kept here:
- a mail is a row of its cause's transaction: a crash loses no mail, and at worst sends one twice;
- mails are sent one after the other, because there are few;
- a permanent refusal of the server (SMTP 5yz, RFC 5321, 4.2.1) is final; everything else is retried with back-off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.message import UNCLAIMED
from onesixty.mail.postman import Mail as Mail  # noqa: PLC0414  (what all who write mails make)
from onesixty.mail.postman import Postman, is_final
from onesixty.mail.server import Transport
from onesixty.store.contract import Row
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.policy import FOR_EVER_MS, HOUR_MS, Pace, Policy
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

#: A mail of yesterday is of no use in a mailbox, so there is no last attempt.
POLICY: Final = Policy(
    pauses=(60, 120, 300, 600, 1800),
    jitter=0.0,
    life_ms=24 * HOUR_MS,
    last_call_ms=FOR_EVER_MS,
    pace=Pace(concurrency=1, trip=None),
)
LIMITS: Final = Limits(waiting=100, waiting_of_lane=100, in_flight=1, batch=20)
_LANE: Final = "mails"


class NewMail(NamedTuple):
    """The params of `mail_insert`, in their order. `subject` is the id of what the mail is about, `target` the
    mailbox, `body` the content as JSON (`Mail`).
    """

    id: str
    subject: str
    lane: str
    target: str
    body: str
    created_at: int
    expires_at: int

    def item(self) -> Item:
        """The mail as unclaimed work in memory."""
        return Item(
            self.id, self.lane, "", self.subject, None, self.target, self.body, None, 0, UNCLAIMED,
            self.expires_at,
        )  # fmt: skip


def mail_writes(
    recipients: Sequence[str], about: str, mail: Mail, new_id: Callable[[str], str], at: int
) -> list[Write]:
    """The rows of a mail to each recipient. `about` is the id of what caused it."""
    body = msgspec.json.encode(mail).decode()
    return [
        (
            "mail_insert",
            NewMail(new_id(ids.DELIVERY), about, _LANE, recipient, body, at, at + POLICY.life_ms),
        )
        for recipient in recipients
    ]


class MailSink(TaskSink):
    """Sends mails to a server."""

    name = "mail"
    insert = "mail_insert"
    policy = POLICY

    def __init__(self, clock: Clock, sender: str, transport: Transport) -> None:
        super().__init__()
        self._postman = Postman(clock, sender, transport)
        self._log = structlog.get_logger("onesixty.mail")

    def new(self, row: Row) -> Item:
        return NewMail._make(row).item()

    async def attempt(self, item: Item) -> Outcome:
        mail = msgspec.json.decode(item.body or "", type=Mail)
        error = (await self._postman.deliver([item.target or ""], mail)).error
        if error is None:
            return Outcome(Verdict.DONE)
        self._log.warning("mail_not_sent", reason=error, tries=item.tries + 1)
        return Outcome(Verdict.FAILED if is_final(error) else Verdict.AGAIN, error=error)
