"""Alerts by email: stored with the alert, and sent over SMTP until accepted or a day has passed.

Rules kept here:
- a mail is a row of the alert's transaction: a crash loses no mail, and at worst sends one twice;
- mails are sent one after the other, because there are few;
- a permanent refusal of the server (SMTP 5yz, RFC 5321, 4.2.1) is final; everything else is retried with back-off;
- a password in the URL never appears in logs or errors;
- a password requires TLS: an attacker on the path could strip the STARTTLS offer and read it (RFC 8314, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec
import structlog

from onesixty.alerts.watch import Alert, view
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.message import UNCLAIMED
from onesixty.store.contract import Row
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.policy import FOR_EVER_MS, HOUR_MS, Pace, Policy
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

#: Seconds allowed for one delivery.
TIMEOUT: Final = 30.0
#: An alert of yesterday is of no use in a mailbox, so there is no last attempt.
POLICY: Final = Policy(
    pauses=(60, 120, 300, 600, 1800),
    jitter=0.0,
    life_ms=24 * HOUR_MS,
    last_call_ms=FOR_EVER_MS,
    pace=Pace(concurrency=1, trip=None),
)
LIMITS: Final = Limits(waiting=100, waiting_of_lane=100, in_flight=1, batch=20)
_LANE: Final = "mails"

_PORTS: Final = {"smtp": 587, "smtps": 465}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """An SMTP server. `smtp` uses STARTTLS if the server offers it, and requires it if there is a password; `smtps`
    is TLS from the first byte.
    """

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


def parse_server(url: str) -> Server:
    """Parse `smtp://user:password@host:587` or `smtps://...`. Raises ValueError, which does not show the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://host")
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class NewMail(NamedTuple):
    """The params of `alert_mail_insert`, in their order. `subject` is the alert's id, `target` the mailbox, `body`
    the content as JSON (`Mail`).
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


class Mail(msgspec.Struct, array_like=True):
    """The content of a mail."""

    subject: str
    text: str


def mail_writes(
    recipients: Sequence[str], alert: Alert, new_id: Callable[[str], str], at: int
) -> list[Write]:
    """The rows of the mails for an alert."""
    shown = view(alert)
    word = "resolved" if alert.resolved_at is not None else alert.severity
    lines = [
        alert.summary,
        "",
        f"since     {shown['started_at']}",
        *([f"resolved  {shown['resolved_at']}"] if alert.resolved_at is not None else []),
        f"rule      {alert.rule}",
        f"alert     {alert.id}",
        "",
        shown["action"],
    ]
    body = _encode(Mail(f"[onesixty] {word}: {alert.summary}", "\n".join(lines))).decode()
    return [
        (
            "alert_mail_insert",
            NewMail(new_id(ids.DELIVERY), alert.id, _LANE, recipient, body, at, at + POLICY.life_ms),
        )
        for recipient in recipients
    ]


_encode = msgspec.json.Encoder().encode


class Transport(Protocol):
    """Sends one mail to a server. Raises aiosmtplib.SMTPException or OSError."""

    async def __call__(self, mail: EmailMessage) -> None: ...


def smtp_transport(server: Server) -> Transport:
    """A transport that opens a connection for each mail, because alerts are rare."""

    async def send(mail: EmailMessage) -> None:
        await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=True if server.password and not server.tls else None,
            username=server.username,
            password=server.password,
            timeout=TIMEOUT,
        )

    return send


class MailSink(TaskSink):
    """Sends mails to a server."""

    name = "mail"
    insert = "alert_mail_insert"
    policy = POLICY

    def __init__(self, clock: Clock, sender: str, transport: Transport) -> None:
        super().__init__()
        self._clock = clock
        self._sender = sender
        self._transport = transport
        self._log = structlog.get_logger("onesixty.alerts")

    def new(self, row: Row) -> Item:
        return NewMail._make(row).item()

    async def attempt(self, item: Item) -> Outcome:
        mail = msgspec.json.decode(item.body or "", type=Mail)
        error = await self._deliver(item.target or "", mail, self._clock.now_ms())
        if error is None:
            return Outcome(Verdict.DONE)
        self._log.warning("alert_mail_not_sent", reason=error, tries=item.tries + 1)
        return Outcome(Verdict.FAILED if error.startswith("5") else Verdict.AGAIN, error=error)

    async def _deliver(self, recipient: str, told: Mail, now: int) -> str | None:
        """None if the server accepted the mail, otherwise its answer."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, recipient, told.subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or "onesixty")
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
        mail.set_content(told.text)
        try:
            await self._transport(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return f"{error.recipients[0].code} {error.recipients[0].message}"
        except aiosmtplib.SMTPResponseException as error:
            return f"{error.code} {error.message}"
        except (aiosmtplib.SMTPException, OSError) as error:
            if "STARTTLS" in str(error):
                return "the server does not offer STARTTLS; a password is sent only over TLS"
            return type(error).__name__
        return None
