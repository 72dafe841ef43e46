"""Checks of what others reach: the public URL, the certificates, and the mail server.

Rules kept here: what can be said from this machine. A firewall may still keep out those who come from elsewhere.
"""

from __future__ import annotations

import asyncio
import http.client
import secrets
from typing import Final
from urllib.parse import SplitResult, urlsplit

import aiosmtplib

from onesixty.core import times
from onesixty.doctor.certificates import CertificateError, end_of_file, end_of_server
from onesixty.doctor.checks import ERROR, OK, SKIPPED, WARNING, Finding, Installation, span
from onesixty.mail.server import parse_server

#: Seconds before the end of a certificate from which it is a warning.
SOON: Final = 21 * 86_400.0

#: Seconds for a request and for the mail server.
PATIENCE: Final = 5.0

_LOOPBACK: Final = ("127.", "localhost", "::1")


async def public_url(installation: Installation) -> Finding:
    """Whether the public URL leads to onesixty."""
    url = installation.settings.public_url
    if url is None:
        return Finding(
            SKIPPED,
            "public_url_unset",
            f"ONESIXTY_PUBLIC_URL is not set: links and callbacks lead to "
            f"{installation.settings.effective_public_url}.",
            "Set it to the address by which browsers and providers reach this installation.",
            {"url": installation.settings.effective_public_url},
        )
    parts = urlsplit(url)
    remedy = "Check the name in DNS, the proxy, the firewall, and ONESIXTY_PUBLIC_URL."
    try:
        status, ours = await asyncio.to_thread(_asked, parts)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Finding(
            ERROR,
            "public_url_silent",
            f"{url} does not answer from here: {reason}.",
            remedy,
            {"url": url, "error": reason},
        )
    if not ours:
        return Finding(
            ERROR,
            "public_url_foreign",
            f"{url}/healthz answers with HTTP status {status}, but not as onesixty does.",
            "The name leads to another server, or the proxy does not pass the path on as it is: "
            "docs/how-to/put-a-proxy-in-front.md.",
            {"url": url, "status": status},
        )
    if parts.scheme == "http" and not (parts.hostname or "").startswith(_LOOPBACK):
        return Finding(
            WARNING,
            "public_url_unencrypted",
            f"{url} answers from here, but without encryption: keys and texts can be read on the way.",
            "Put a proxy with TLS in front: docs/how-to/put-a-proxy-in-front.md.",
            {"url": url},
        )
    return Finding(OK, "public_url_answers", f"{url} answers from here.", None, {"url": url})


async def public_certificate(installation: Installation) -> Finding:
    """When the certificate of the public URL ends."""
    parts = urlsplit(installation.settings.public_url or "")
    if parts.scheme != "https" or parts.hostname is None:
        return Finding(SKIPPED, "public_url_not_https", "The public URL is not https://.")
    try:
        end = await end_of_server(parts.hostname, parts.port or 443)
    except CertificateError as error:
        return Finding(
            ERROR,
            "certificate_invalid",
            _sentence(str(error)),
            "Renew the certificate, with its whole chain.",
            {"error": str(error)},
        )
    return certificate_finding(parts.hostname, end, _now(installation))


async def smpp_certificate(installation: Installation) -> Finding:
    """When the certificate of SMPP over TLS ends."""
    path = installation.settings.smpp_tls_cert
    if path is None:
        return Finding(SKIPPED, "smpp_tls_off", "SMPP over TLS is not set up.")
    try:
        end = end_of_file(path)
    except CertificateError as error:
        return Finding(
            ERROR,
            "certificate_invalid",
            _sentence(str(error)),
            "Put the certificate there, in PEM.",
            {"error": str(error)},
        )
    return certificate_finding(str(path), end, _now(installation))


def certificate_finding(name: str, end: float, now: float) -> Finding:
    """The finding for a certificate that ends then (seconds since the epoch). `name` is that of its host or file."""
    what = f"The certificate of {name}"
    values = {"name": name, "ends_at": times.to_text(int(end * 1000))}
    day = times.to_text(int(end * 1000))[:10]
    remedy = "Renew it. For SMPP over TLS, put the new files in place and restart the node."
    if end <= now:
        return Finding(
            ERROR, "certificate_ended", f"{what} ended on {day}: clients refuse it.", remedy, values
        )
    if end - now < SOON:
        return Finding(
            WARNING,
            "certificate_ends_soon",
            f"{what} ends on {day}, in {span(end - now)}.",
            remedy,
            {**values, "left_seconds": end - now},
        )
    return Finding(OK, "certificate_ends", f"{what} ends on {day}.", None, values)


async def mail_server(installation: Installation) -> Finding:
    """Whether the mail server takes a connection and the password. No mail is sent."""
    setting = installation.settings.mail_server
    if setting is None:
        return Finding(
            SKIPPED,
            "mail_unset",
            "ONESIXTY_MAIL_SERVER is not set: links have to be handed over, and alerts are not mailed.",
            "Set it, if mails are wanted.",
        )
    server = parse_server(setting.get_secret_value())
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls,
        start_tls=True if server.password and not server.tls else None,
        username=server.username,
        password=server.password,
        timeout=PATIENCE,
    )
    where = f"{server.host}:{server.port}"
    try:
        await client.connect()
        await client.quit()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        said = str(error) or type(error).__name__
        return Finding(
            ERROR,
            "mail_refuses",
            f"The mail server {where} refuses, or does not answer: {said}",
            "Check ONESIXTY_MAIL_SERVER: host, port, user, password, and whether it wants TLS (smtps://).",
            {"server": where, "error": said},
        )
    finally:
        client.close()
    return Finding(
        OK, "mail_answers", f"The mail server {where} answers. No mail was sent.", None, {"server": where}
    )


def _asked(parts: SplitResult) -> tuple[int, bool]:
    """The HTTP status of `/healthz` at a URL, and whether it is an answer of onesixty, which repeats the request's
    id. Raises OSError or HTTPException."""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    mark = f"doctor-{secrets.token_hex(8)}"
    try:
        connection.request("GET", f"{parts.path}/healthz", headers={"X-Request-Id": mark})
        answer = connection.getresponse()
        answer.read(10_000)
        return answer.status, answer.status == 200 and answer.getheader("X-Request-Id") == mark
    finally:
        connection.close()


def _now(installation: Installation) -> float:
    return installation.clock.now_ms() / 1000


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
