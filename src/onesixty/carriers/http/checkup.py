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


class _Findings:
    """The findings so far, each with its `step`."""

    def __init__(self) -> None:
        self.made: list[Finding] = []
        self.step = ""

    def say(self, level: str, what: str) -> None:
        self.made.append(Finding(level, what, step=self.step))


async def check(settings: HttpSettings, clock: Clock, public_url: str) -> list[Finding]:
    """Return the findings, in the order of the steps, without secrets. Never raises."""
    findings = _Findings()
    link = Link(settings, settings.url, clock)
    try:
        if await _reached(link, findings):
            await _credentials(settings, link, clock, findings)
    finally:
        await link.close()
    findings.step = "callbacks"
    _callbacks(settings, public_url, findings)
    return findings.made


async def _reached(link: Link, findings: _Findings) -> bool:
    findings.step = "address"
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM)
    except OSError:
        findings.say("error", f"{link.host}: name not found.")
        return False
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    findings.say("ok", f"{link.host} resolves to {', '.join(addresses)}.")
    findings.step = "connect"
    try:
        seconds = await link.reach()
    except OSError as error:
        findings.say("error", f"Port {link.port} cannot be reached: {reason_of(error)}.")
        return False
    how = "TCP and TLS" if link.tls else "TCP"
    findings.say("ok", f"Connected to port {link.port} ({how}) in {seconds * 1000:.0f} ms.")
    findings.step = "tls"
    if link.tls is None:
        findings.say("warning", "The URL is http: texts and secrets are sent unencrypted.")
    elif link.tls.verify_mode == ssl.CERT_NONE:
        findings.say("warning", "`tls_verify` is off: anyone could impersonate the provider.")
    else:
        await _certificate(link, findings)
    return True


async def _certificate(link: Link, findings: _Findings) -> None:
    try:
        _, writer = await asyncio.open_connection(
            link.host, link.port, ssl=link.tls, server_hostname=link.tls_name
        )
    except OSError as error:
        findings.say("error", f"TLS: {reason_of(error)}.")
        return
    certificate = writer.get_extra_info("peercert") or {}
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (until - datetime.now(UTC)).days
    level = "ok" if days > SOON else "warning"
    findings.say(level, f"{version}; the certificate is valid for {days} more days.")


async def _credentials(settings: HttpSettings, link: Link, clock: Clock, findings: _Findings) -> None:
    findings.step = "sign_in"
    token = ""
    if settings.auth == "oauth2":
        try:
            token = await Tokens(settings, clock).get(link.session)
        except TokenRefused as error:
            findings.say("error", f"OAuth 2.0: {error}.")
            return
        except Exception as error:
            findings.say("error", f"OAuth 2.0: {reason_of(error)}.")
            return
        findings.say("ok", "The token endpoint returned a token.")
    if not settings.check_url:
        findings.say(
            "note",
            "There is no `check_url`, so only the first message will show whether the credentials are right.",
        )
        return
    began = clock.monotonic()
    try:
        answer = await link.send(requests.bare(settings, clock.now_ms(), "0" * 32, token), lambda: True)
    except (NotWritten, Unanswered, ValueError) as error:
        findings.say("error", f"A request without a message failed: {error}.")
        return
    took = f"{(clock.monotonic() - began) * 1000:.0f} ms"
    if 200 <= answer.status < 300:
        findings.say("ok", f"The credentials are right (HTTP {answer.status} in {took}).")
    elif answer.status in (401, 403):
        findings.say("error", f"The credentials are refused (HTTP {answer.status}).")
    else:
        findings.say("warning", f"A request without a message got HTTP {answer.status}.")


def _callbacks(settings: HttpSettings, public_url: str, findings: _Findings) -> None:
    if not settings.callbacks:
        findings.say("note", "`callbacks` is off: no delivery reports are requested.")
    end = "/CALLBACK_TOKEN" if settings.callback_token else ""
    findings.say(
        "note",
        f"The provider must call {public_url}/v1/carriers/NAME/receipts{end} and .../inbound"
        f"{end}, where NAME is the carrier's name or id.",
    )
    host = urlsplit(public_url).hostname or ""
    if host in ("localhost", "") or host.startswith("127."):
        findings.say("warning", "Providers cannot call this address: set `public_url`.")
    elif not public_url.startswith("https://"):
        findings.say("warning", "`public_url` is http: providers should call https.")
    signature = settings.callback_signature
    if signature == "none" and not settings.callback_token:
        findings.say(
            "warning", "Anyone could send reports: `callback_signature` is none, and there is no token."
        )
    elif signature == "token" and not settings.callback_token:
        findings.say("error", "All calls are refused: set `callback_token`.")
    elif signature not in ("none", "token") and not settings.callback_secret:
        findings.say("error", f"All calls are refused: {signature} has no secret to check with.")
    else:
        findings.say("ok", f"Calls from the provider are authenticated by: {signature}.")
