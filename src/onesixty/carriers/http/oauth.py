"""OAuth 2.0 client credentials (RFC 6749, 4.4): a token for the requests of one link, fetched when it is needed.

Rules kept here: many requests without a token cause one fetch; a token is used until shortly before it expires,
or until the provider refuses it; no part of a token is logged.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlencode

import aiohttp
import msgspec

from onesixty.carriers.http.requests import basic
from onesixty.carriers.http.settings import HttpSettings
from onesixty.core.clock import Clock

#: Seconds before its expiry at which a token is no longer used.
MARGIN: Final = 30.0
USUAL: Final = 300.0


class TokenRefused(Exception):
    """The token endpoint gave no token. The text says what it answered, without secrets."""


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: float = USUAL


class Tokens:
    """The token of one link."""

    def __init__(self, settings: HttpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Drop the token, because the provider refused it."""
        self._until = 0.0

    async def get(self, session: aiohttp.ClientSession) -> str:
        """Return a valid token. Raises TokenRefused, or an error of the client."""
        async with self._lock:
            if self._clock.monotonic() < self._until:
                return self._token
            form = {"grant_type": "client_credentials"}
            if self._settings.scope:
                form["scope"] = self._settings.scope
            headers = {
                "Authorization": basic(self._settings.username, self._settings.password),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            }
            async with session.post(
                self._settings.token_url, data=urlencode(form), headers=headers, allow_redirects=False
            ) as response:
                body = await response.read()
            try:
                grant = msgspec.json.decode(body, type=_Grant)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise TokenRefused(f"the token endpoint answered {response.status}") from None
            self._token = grant.access_token
            self._until = self._clock.monotonic() + max(1.0, grant.expires_in - MARGIN)
            return self._token
