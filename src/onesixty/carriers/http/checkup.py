"""`onesixty carrier check` for a carrier over HTTP, without sending a message.

It resolves the host and connects, checks the certificate, makes the one harmless request that the settings name
(`check_url`), and says which URL the provider has to call and how its calls are authenticated.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from onesixty.carriers.http import requests
from onesixty.carriers.http.link import Link, NotWritten, Unanswered, reason_of
from onesixty.carriers.http.oauth import TokenRefused, Tokens
from onesixty.carriers.http.settings import HttpSettings
from onesixty.core.clock import Clock
from onesixty.core.contracts import Finding

#: A certificate that ends within this many days gives a warning.
SOON: Final = 21


async def check(settings: HttpSettings, clock: Clock, public_url: str) -> list[Finding]:
    """Return the findings, in the order of the steps, without secrets. Never raises."""
    findings: list[Finding] = []
    link = Link(settings, settings.url, clock)
    try:
        if await _reached(link, findings):
            await _credentials(settings, link, clock, findings)
    finally:
        await link.close()
    _callbacks(settings, public_url, findings)
    return findings


async def _reached(link: Link, findings: list[Finding]) -> bool:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM)
    except OSError:
        findings.append(Finding("error", f"{link.host}: name not found."))
        return False
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    findings.append(Finding("ok", f"{link.host} resolves to {', '.join(addresses)}."))
    try:
        seconds = await link.reach()
    except OSError as error:
        findings.append(Finding("error", f"Port {link.port} cannot be reached: {reason_of(error)}."))
        return False
    how = "TCP and TLS" if link.tls else "TCP"
    findings.append(Finding("ok", f"Connected to port {link.port} ({how}) in {seconds * 1000:.0f} ms."))
    if link.tls is None:
        findings.append(Finding("warning", "The URL is http: texts and secrets are sent unencrypted."))
    elif link.tls.verify_mode == ssl.CERT_NONE:
        findings.append(Finding("warning", "`tls_verify` is off: anyone could impersonate the provider."))
    else:
        await _certificate(link, findings)
    return True


async def _certificate(link: Link, findings: list[Finding]) -> None:
    try:
        _, writer = await asyncio.open_connection(
            link.host, link.port, ssl=link.tls, server_hostname=link.tls_name
        )
    except OSError as error:
        findings.append(Finding("error", f"TLS: {reason_of(error)}."))
        return
    certificate = writer.get_extra_info("peercert") or {}
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (until - datetime.now(UTC)).days
    level = "ok" if days > SOON else "warning"
    findings.append(Finding(level, f"{version}; the certificate is valid for {days} more days."))


async def _credentials(settings: HttpSettings, link: Link, clock: Clock, findings: list[Finding]) -> None:
    token = ""
    if settings.auth == "oauth2":
        try:
            token = await Tokens(settings, clock).get(link.session)
        except TokenRefused as error:
            findings.append(Finding("error", f"OAuth 2.0: {error}."))
            return
        except Exception as error:
            findings.append(Finding("error", f"OAuth 2.0: {reason_of(error)}."))
            return
        findings.append(Finding("ok", "The token endpoint returned a token."))
    if not settings.check_url:
        findings.append(
            Finding(
                "note",
                "There is no `check_url`, so only the first message will show whether the credentials "
                "are right.",
            )
        )
        return
    began = clock.monotonic()
    try:
        answer = await link.send(requests.bare(settings, clock.now_ms(), "0" * 32, token), lambda: True)
    except (NotWritten, Unanswered, ValueError) as error:
        findings.append(Finding("error", f"A request without a message failed: {error}."))
        return
    took = f"{(clock.monotonic() - began) * 1000:.0f} ms"
    if 200 <= answer.status < 300:
        findings.append(Finding("ok", f"The credentials are right (HTTP {answer.status} in {took})."))
    elif answer.status in (401, 403):
        findings.append(Finding("error", f"The credentials are refused (HTTP {answer.status})."))
    else:
        findings.append(Finding("warning", f"A request without a message got HTTP {answer.status}."))


def _callbacks(settings: HttpSettings, public_url: str, findings: list[Finding]) -> None:
    if not settings.callbacks:
        findings.append(Finding("note", "`callbacks` is off: no delivery reports are requested."))
    end = "/CALLBACK_TOKEN" if settings.callback_token else ""
    findings.append(
        Finding(
            "note",
            f"The provider must call {public_url}/v1/carriers/NAME/receipts{end} and .../inbound"
            f"{end}, where NAME is the carrier's name or id.",
        )
    )
    host = urlsplit(public_url).hostname or ""
    if host in ("localhost", "") or host.startswith("127."):
        findings.append(Finding("warning", "Providers cannot call this address: set `public_url`."))
    elif not public_url.startswith("https://"):
        findings.append(Finding("warning", "`public_url` is http: providers should call https."))
    signature = settings.callback_signature
    if signature == "none" and not settings.callback_token:
        findings.append(
            Finding(
                "warning", "Anyone could send reports: `callback_signature` is none, and there is no token."
            )
        )
    elif signature == "token" and not settings.callback_token:
        findings.append(Finding("error", "All calls are refused: set `callback_token`."))
    elif signature not in ("none", "token") and not settings.callback_secret:
        findings.append(Finding("error", f"All calls are refused: {signature} has no secret to check with."))
    else:
        findings.append(Finding("ok", f"Calls from the provider are authenticated by: {signature}."))
