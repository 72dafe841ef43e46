"""Alerts by email: rows written with the alert, sent over SMTP until they are taken or a day has passed.

Rules kept here:
- a mail is a row of the alert's transaction: a crash loses none, at worst one is sent twice;
- what the server refuses for good (SMTP 5yz, RFC 5321, 4.2.1) is not tried again, everything else is, with back-off;
- a password in the URL is never shown: not in logs, not in errors;
- with a password TLS is a must: one who stands between could strip the offer of STARTTLS, and read it (RFC 8314, 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec
import structlog

from onesixty.alerts.watch import Alert, view
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.store.contract import Store
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks for mails, and for one delivery.
INTERVAL: Final = 5.0
TIMEOUT: Final = 30.0
#: Milliseconds in which a mail is tried, and pauses between tries; the last one repeats.
LIFE_MS: Final = 86_400_000
PAUSES_MS: Final = (60_000, 120_000, 300_000, 600_000, 1_800_000)
BATCH: Final = 20

_PORTS: Final = {"smtp": 587, "smtps": 465}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """An SMTP server: `smtp` asks for STARTTLS where it is offered, and insists on it where there is a password;
    `smtps` is TLS from the first byte."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


def parse_server(url: str) -> Server:
    """`smtp://user:password@host:587` or `smtps://...`. Raises ValueError, without showing the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("it is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("it has to look like smtp://user:password@host:587 or smtps://host")
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def mail_writes(recipients: Sequence[str], alert: Alert, new_id: Any, at: int) -> list[Write]:
    """The rows of the mails that tell of an alert."""
    shown = view(alert)
    word = "resolved" if alert.resolved_at is not None else alert.severity
    subject = f"[onesixty] {word}: {alert.summary}"
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
    return [
        ("alert_mail_insert", (new_id(ids.MAIL), recipient, subject, "\n".join(lines), at, at + LIFE_MS))
        for recipient in recipients
    ]


class Transport(Protocol):
    """Hands one mail to a server. Raises aiosmtplib.SMTPException or OSError."""

    async def __call__(self, mail: EmailMessage) -> None: ...


def smtp_transport(server: Server) -> Transport:
    """A transport that connects for each mail: alerts are rare."""

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


class Mailer:
    """Sends what is due, one after the other, in `rounds`."""

    def __init__(self, store: Store, clock: Clock, sender: str, transport: Transport) -> None:
        self._store = store
        self._clock = clock
        self._sender = sender
        self._transport = transport
        self._log = structlog.get_logger("onesixty.alerts")
        self.rounds = Rounds(store, "alert_mailer", INTERVAL, self.once)

    async def once(self) -> None:
        """One look at what is due. Raises StoreError."""
        for row in await self._store.fetch("alert_mails_due", now=self._clock.now_ms(), count=BATCH):
            id_, recipient, subject, body, tries, expires_at = row
            now = self._clock.now_ms()
            again = now + PAUSES_MS[min(tries, len(PAUSES_MS) - 1)]
            (won,) = await self._store.commit(
                [Unit(keys=(id_,), guards=(("alert_mail_take", (id_, tries, again)),))]
            )
            if isinstance(won, StoreError):
                raise won
            if won:
                error = await self._deliver(recipient, subject, body, now)
                if error is None or error.startswith("5") or again >= expires_at:
                    await self._store.execute("alert_mail_done", id=id_, error=error)
                if error is not None:
                    self._log.warning("alert_mail_not_sent", reason=error, tries=tries + 1)

    async def _deliver(self, recipient: str, subject: str, body: str, now: int) -> str | None:
        """None when the server took it, or what it said."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, recipient, subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or "onesixty")
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
        mail.set_content(body)
        try:
            await self._transport(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return f"{error.recipients[0].code} {error.recipients[0].message}"
        except aiosmtplib.SMTPResponseException as error:
            return f"{error.code} {error.message}"
        except (aiosmtplib.SMTPException, OSError) as error:
            if "STARTTLS" in str(error):
                return "the server offers no STARTTLS, and a password is not sent without TLS"
            return type(error).__name__
        return None
