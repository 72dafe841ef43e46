"""Hands one mail to the server, with files if it has any.

Rules kept here:
- a permanent refusal of the server (SMTP 5yz, RFC 5321, 4.2.1) is final; everything else may work later;
- a mail to several mailboxes is one conversation: the server that takes it has it for all whom it did not refuse.
  Those are named with its answers, and are not tried again: the others would get the mail twice. If it refuses all,
  another attempt follows unless each refusal is permanent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import NamedTuple

import aiosmtplib
import msgspec

from onesixty.core.clock import Clock
from onesixty.mail.server import Transport


class Mail(msgspec.Struct, array_like=True):
    """The content of a mail."""

    subject: str
    text: str


class File(NamedTuple):
    """A file of a mail. `type` is its media type."""

    name: str
    type: str
    content: bytes


class Posted(NamedTuple):
    """What became of a mail. `error` is the server's answer if nobody got it; otherwise `refused` has its answers for
    those who did not, by address."""

    error: str | None = None
    refused: Mapping[str, str] = {}


def is_final(error: str) -> bool:
    """Whether an answer of the server is a permanent refusal."""
    return error.startswith("5")


class Postman:
    """Sends mails from one address."""

    def __init__(self, clock: Clock, sender: str, transport: Transport) -> None:
        self._clock = clock
        self._sender = sender
        self._transport = transport

    async def deliver(
        self, recipients: Sequence[str], told: Mail, files: Sequence[File] = (), *, about: str = ""
    ) -> Posted:
        """Hand over a mail. `about` is the id of what is sent: a mail that is sent again after a crash has the same
        Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, ", ".join(recipients), told.subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC))
        domain = self._sender.rpartition("@")[2] or "onesixty"
        mail["Message-ID"] = f"<{about}@{domain}>" if about else make_msgid(domain=domain)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
        mail.set_content(told.text)
        for file in files:
            kind, _, subtype = file.type.partition(";")[0].partition("/")
            mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        try:
            return Posted(refused=await self._transport(mail))
        except aiosmtplib.SMTPRecipientsRefused as error:
            answers = [f"{one.code} {one.message}" for one in error.recipients]
            return Posted(next((answer for answer in answers if not is_final(answer)), answers[0]))
        except aiosmtplib.SMTPResponseException as error:
            return Posted(f"{error.code} {error.message}")
        except (aiosmtplib.SMTPException, OSError) as error:
            if "STARTTLS" in str(error):
                return Posted("the server does not offer STARTTLS; a password is sent only over TLS")
            return Posted(type(error).__name__)
