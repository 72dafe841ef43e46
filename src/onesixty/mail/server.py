"""The SMTP server of the settings: its URL, and the transport that hands it one mail.

Rules kept here:
- a password in the URL never appears in logs or errors;
- a password requires TLS: an attacker on the path could strip the STARTTLS offer and read it (RFC 8314, 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

#: Seconds allowed for one delivery.
TIMEOUT: Final = 30.0

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


class Transport(Protocol):
    """Sends one mail to a server. Returns the server's answer for each recipient that it refused while it took the
    mail for others. Raises aiosmtplib.SMTPException (SMTPRecipientsRefused if it refused all) or OSError."""

    async def __call__(self, mail: EmailMessage) -> Mapping[str, str]: ...


def smtp_transport(server: Server) -> Transport:
    """A transport that opens a connection for each mail, because alerts are rare."""

    async def send(mail: EmailMessage) -> Mapping[str, str]:
        refused, _ = await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=True if server.password and not server.tls else None,
            username=server.username,
            password=server.password,
            timeout=TIMEOUT,
        )
        return {address: f"{answer.code} {answer.message}" for address, answer in refused.items()}

    return send
